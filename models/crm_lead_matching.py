from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..engine import contact, profile
from .crm_lead_duplicate_labels import CERTAINTIES, name_best
from .crm_lead_matcher import MERGED, SHOWN

#: Context key: return nothing but what is certain, because nobody will look at it.
CERTAIN_ONLY = "crm_lead_certain_duplicates_only"


class CrmLead(models.Model):
    """The doors through which Odoo asks for duplicates: all lead to one detector."""

    _inherit = "crm.lead"

    # Computed together with stock's count, which asks the same.
    duplicate_best_id = fields.Many2one(
        "crm.lead",
        string="Looks like",
        compute="_compute_potential_lead_duplicates",
        compute_sudo=True,
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

    # Stock depends on what it compares; so does this.
    @api.depends(
        "email_from",
        "partner_id",
        "phone",
        "contact_name",
        "partner_name",
        "website",
        "street",
        "zip",
        "city",
    )
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_potential_lead_duplicates(self):
        """Count what the detector finds worth a look, lost and archived ones too; name
        the best match that the user may read, and count those they may not (B9)."""
        found = self._find_duplicates()
        every = self.browse({other for matches in found.values() for other in matches})
        # computed as superuser, as stock's fields are; told as the user may read
        readable = set(every.sudo(False)._filtered_access("read").ids)
        get_certainty = self.env["crm.lead.duplicate"]._get_certainty
        for lead in self:
            matches = found[lead]
            lead.duplicate_lead_ids = every.browse(matches) + lead
            lead.duplicate_lead_count = len(matches)
            shown = [other for other in matches if other in readable]
            lead.duplicate_hidden_count = len(matches) - len(shown)
            best_id = shown[0] if shown else False
            lead.duplicate_best_id = best_id
            lead.duplicate_best_certainty = lead.duplicate_best_reasons = False
            if best_id:
                match = matches[best_id]
                lead.duplicate_best_certainty = get_certainty(match.score)
                reasons = [each[:3] for each in match.findings]
                lead.duplicate_best_reasons = name_best(self.env, reasons)

    def _find_duplicates(self, limit=SHOWN):
        """Find what looks like the same prospect, without what was kept separate.

        :param int limit: likely matches of each lead that are compared with it
        :return: {lead: {other lead id: `Match`}}, the best first
        """
        stored = self.filtered(lambda lead: isinstance(lead.id, int))
        found = self.env["crm.lead.matcher"]._find(stored, limit) if stored else {}
        found = {lead: found.get(lead.id, {}) for lead in stored}
        found |= {lead: lead._find_typed(limit) for lead in self - stored}
        separate = {}
        if any(found.values()):
            separate = self.env["crm.lead.duplicate"]._get_separate(self._origin.ids)
        return {
            lead: {
                other: match
                for other, match in matches.items()
                if separate.get((lead._origin.id, other)) != match.fingerprint
            }
            for lead, matches in found.items()
        }

    def _find_typed(self, limit):
        """Find what looks like a record that is being typed in."""
        probe = self._origin.id or -1
        # sudo: what is being typed is compared by all of its fields
        made = self.env["crm.lead.match.profile"]._make(self.sudo())
        matcher = self.env["crm.lead.matcher"]
        return matcher._find_like({probe: made[self.id]}, limit)[probe]

    def _get_lead_duplicates(self, partner=None, email=None, include_lost=False):
        """Return the leads that are the same prospect.

        Those that certainly are, and those of the same customer or address, which are
        offered (promises P7 and P8). Where nobody looks at what is offered, as in the
        assignment job, the context key `CERTAIN_ONLY` leaves the latter out.

        :param partner: customer to look for
        :param email: e-mail address to look for, as it was typed
        :param include_lost: also what was given up, if it is an opportunity
        """
        if not email and not partner:
            return self.env["crm.lead"]
        found = self._get_certain_ids(partner, email)
        domain = Domain("id", "in", found)
        if not self.env.context.get(CERTAIN_ONLY):
            addresses = contact.emails(email)
            domain |= Domain("email_normalized", "in", addresses)
            if partner:
                domain |= Domain("partner_id", "=", partner.id)
        if include_lost:
            domain &= Domain("won_status", "!=", "won") & (
                Domain("type", "=", "opportunity") | Domain("active", "=", True)
            )
        else:
            domain &= Domain("won_status", "=", "pending") & Domain("active", "=", True)
        return self.with_context(active_test=False).search(domain)

    def _get_certain_ids(self, partner, email):
        """Return the ids of the leads that certainly are the same, these included."""
        matcher = self.env["crm.lead.matcher"]
        if self:
            found = self._find_duplicates(MERGED)
        else:
            probe = {"email": email, "partner": partner and partner.id}
            found = matcher._find_like({-1: profile.build(probe)}, MERGED)
        _least, certain = matcher._get_thresholds()
        return [
            *self.ids,
            *(
                other
                for matches in found.values()
                for other, match in matches.items()
                if match.score >= certain
            ),
        ]

    # ------------------------------------------------------------
    # Buttons of the banner
    # ------------------------------------------------------------

    def action_merge_duplicate(self):
        """Open the merge dialog with this record and its best match."""
        self.ensure_one()
        return (self + self.duplicate_best_id)._open_merge_dialog()

    def action_compare_duplicate(self):
        """Open the comparison of this record with its best match."""
        self.ensure_one()
        return (self + self.duplicate_best_id).action_compare()

    def action_compare(self):
        """Open the comparison of these two records.

        :raise UserError: if they are not two
        """
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
        for lead in self:
            other = lead.duplicate_best_id
            self.env["crm.lead.duplicate"]._keep_separate(lead, other)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_ask_duplicate_owners(self):
        """Ask the owners of matches that the user may not read to have a look."""
        self.check_access("read")
        for lead in self:
            others = self.browse(lead._find_duplicates()[lead])
            hidden = others - others._filtered_access("read")
            hidden._ask_owner(lead)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The owners have been asked to have a look."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _ask_owner(self, lead):
        """Have the owners of these records, which the user may not read, look at
        `lead`.

        Neither side learns anything of the other but who asks, and which record it is.
        """
        summary = self.env._("Possible duplicate")
        note = self.env._(
            "%(user)s has a record that looks like this one: number %(lead)s. Have a "
            "word "
            "with them.",
            user=self.env.user.name,
            lead=lead.id,
        )
        # sudo: the activity is for whoever may read the record
        for hidden in self.sudo():
            owner = hidden.user_id or hidden.team_id.user_id
            asked = hidden.activity_ids.filtered(
                lambda one: one.summary == summary and one.create_uid == self.env.user
            )
            if owner and not asked:
                hidden.activity_schedule(
                    "mail.mail_activity_data_todo",
                    summary=summary,
                    note=note,
                    user_id=owner.id,
                )
