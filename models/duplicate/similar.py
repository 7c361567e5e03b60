from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

from ..common.arguments import check_one, check_records
from ..common.done_action import get_notification
from ..common.offered import OFFERED
from .labels import CERTAINTIES, name_best


class CrmLead(models.Model):
    """Similar leads: what the form and its banner say of them, and offer to do."""

    _inherit = "crm.lead"

    # Computed together with stock's count, which asks the same.
    duplicate_best_id = fields.Many2one(
        "crm.lead",
        string="Looks like",
        compute="_compute_potential_lead_duplicates",
        compute_sudo=True,
        context=OFFERED,
        help="The record that most likely is the same prospect.",
    )
    duplicate_best_certainty = fields.Selection(
        CERTAINTIES, compute="_compute_potential_lead_duplicates", compute_sudo=True
    )
    duplicate_best_reasons = fields.Char(
        compute="_compute_potential_lead_duplicates", compute_sudo=True
    )
    duplicate_hidden_count = fields.Integer(
        string="Similar, not visible to you",
        compute="_compute_potential_lead_duplicates",
        compute_sudo=True,
        help="Records that look the same and that you may not read: ask their owners.",
    )
    duplicate_can_ask = fields.Boolean(
        string="Owners to ask",
        compute="_compute_potential_lead_duplicates",
        compute_sudo=True,
        help="There is an owner whom you have not asked yet.",
    )

    # Stock depends on what it compares; so does this.
    @api.depends(lambda self: sorted(self._get_compared_fields()))
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_potential_lead_duplicates(self):
        """Count what the detector finds worth a look, lost and archived ones too; name
        the best match that the user may read, and count those they may not (B9)."""
        found = self._get_similar()
        every = self.browse({other for matches in found.values() for other in matches})
        # computed as superuser, as stock's fields are; told as the user may read
        readable = set(every.sudo(False)._filtered_access("read").ids)
        get_certainty = self.env["crm.lead.duplicate"]._get_certainty
        for lead in self:
            matches = found[lead]
            lead.duplicate_lead_ids = every.browse(matches) + lead
            lead.duplicate_lead_count = len(matches)
            shown = [other for other in matches if other in readable]
            hidden = every.browse(matches) - every.browse(shown)
            lead.duplicate_hidden_count = len(hidden)
            lead.duplicate_can_ask = any(one._get_owner_to_ask() for one in hidden)
            best_id = shown[0] if shown else False
            lead.duplicate_best_id = best_id
            lead.duplicate_best_certainty = lead.duplicate_best_reasons = False
            if best_id:
                score, reasons = matches[best_id]
                lead.duplicate_best_certainty = get_certainty(score)
                lead.duplicate_best_reasons = name_best(self.env, reasons)

    def _get_similar(self):
        """Return what looks like the same prospect, without what was kept separate.

        What is stored holds for leads that have not changed since they were compared.
        Those that have are compared at once; where they are more than these, or while
        a scan is under way, these are.

        :return: {lead: {other lead id: (score, reasons)}}, the best first
        """
        changed = self.env["crm.lead.match.queue"]._get_waiting(limit=len(self))
        if changed is None or not all(self._ids):
            return self._compare_at_once()
        similar = self.env["crm.lead.duplicate"]._get_known(self.ids)
        for matches in similar.values():
            for lead in changed:
                matches.pop(lead.id, None)
        for lead, matches in changed._compare_at_once().items():
            if lead.id in similar:
                similar[lead.id] = matches
            for other in matches.keys() & similar.keys():
                similar[other][lead.id] = matches[other]
        return {
            lead: dict(sorted(similar[lead.id].items(), key=lambda one: -one[1][0]))
            for lead in self
        }

    def _compare_at_once(self):
        """Return what the detector finds at this moment, as `_get_similar` does."""
        return {
            lead: {
                other: (match.score, [each[:3] for each in match.findings])
                for other, match in matches.items()
            }
            for lead, matches in self._find_duplicates().items()
        }

    # ------------------------------------------------------------
    # Buttons of the banner
    # ------------------------------------------------------------

    def action_merge_duplicate(self):
        """Open the merge dialog with this record and its best match."""
        check_records(self, "read")
        return (self + self._get_best_duplicate())._open_merge_dialog()

    def action_compare_duplicate(self):
        """Open the comparison of this record with its best match."""
        check_records(self, "read")
        return (self + self._get_best_duplicate()).action_compare()

    def _get_best_duplicate(self):
        """Return the best match of this record.

        :raise AccessError: if the user may not read this record: what it is compared by
            is in the cache by then
        :raise UserError: if there is none (any more)
        """
        check_one(self)
        check_records(self, "read")
        if not self.duplicate_best_id:
            raise UserError(
                self.env._(
                    "No record that you may read looks like ‘%s’ any more. Reload the "
                    "page.",
                    self.display_name,
                )
            )
        return self.duplicate_best_id

    def action_compare(self):
        """Open the comparison of these two records.

        :raise AccessError: if the user may not read both
        :raise UserError: if they are not two
        """
        check_records(self, "read")
        if len(self) != 2:
            raise UserError(
                self.env._(
                    "Select two records to compare them; you have selected %s.",
                    len(self),
                )
            )
        return self.env["crm.lead.comparison"]._open(*self)

    def action_keep_duplicate_separate(self):
        """Remember that this record and its best match are two prospects."""
        check_records(self, "read")
        pair = self.env["crm.lead.duplicate"]
        for lead in self:
            pair._keep_separate(lead, lead._get_best_duplicate())
        return pair._tell_kept_separate(
            {"type": "ir.actions.client", "tag": "soft_reload"}
        )

    def action_ask_duplicate_owners(self):
        """Ask the owners of matches that the user may not read to have a look."""
        check_records(self, "read")
        for lead in self:
            others = self.browse(lead._get_similar()[lead])
            hidden = others - others._filtered_access("read")
            hidden._ask_owner(lead)
        return self._tell_owners_asked()

    @api.model
    def _tell_owners_asked(self):
        message = self.env._("The owners have been asked to have a look.")
        return get_notification(message, {"type": "ir.actions.act_window_close"})

    def _ask_owner(self, lead):
        """Have the owners of these records, which the user may not read, look at
        `lead`.

        Neither side learns anything of the other but who asks, and which record it is.
        """
        question = self.env._(
            "%(user)s has a record that looks like this one: number %(lead)s. Have a "
            "word with them.",
            user=self.env.user.name,
            lead=lead.id,
        )
        # sudo: the activity is for whoever may read the record
        for hidden in self.sudo():
            if owner := hidden._get_owner_to_ask():
                hidden.activity_schedule(
                    "mail.mail_activity_data_todo",
                    summary=self._get_question(),
                    note=plaintext2html(question),  # people choose their own names
                    user_id=owner.id,
                )

    def _get_owner_to_ask(self):
        """Return who is responsible for this record, unless the user has asked them
        already."""
        question = self._get_question()
        asked = self.activity_ids.filtered(
            lambda one: one.summary == question and one.create_uid == self.env.user
        )
        return not asked and (self.user_id or self.team_id.user_id)

    @api.model
    def _get_question(self):
        return self.env._("Possible duplicate")
