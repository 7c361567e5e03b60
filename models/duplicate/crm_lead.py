from itertools import combinations

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import plaintext2html

from ...engine import contact
from ...engine.conversion import same_prospects
from ...engine.matching import profile
from ..common.arguments import check_one, check_records
from ..common.done_action import get_notification
from ..common.merging import MERGING
from ..common.offered import OFFERED
from .crm_lead_match_profile import SOURCE_FIELDS
from .crm_lead_matcher import LIKELY_THOROUGH, MANY
from .labels import CERTAINTIES, name_best

#: Context key: return nothing but what is certain, because nobody will look at it.
CERTAIN_ONLY = "crm_lead_certain_duplicates_only"
#: Context key: what is created now comes in from outside.
ARRIVING = "crm_lead_arriving"


def sort_matches(matches):
    """Return {lead id: (score, reasons)}, the best first."""
    return dict(sorted(matches.items(), key=lambda match: -match[1][0]))


class CrmLead(models.Model):
    """The doors through which Odoo asks for duplicates: all lead to one detector."""

    _inherit = "crm.lead"

    def _find_duplicates(self, is_thorough=False, at_most=None):
        """Find what looks like the same prospect, without what was kept separate.

        :param bool is_thorough: nobody looks at what is found, and none may be left out
        :param int at_most: see `crm.lead.matcher._find`
        :return: {lead: {other lead id: `Match`}}, the best first
        """
        stored = self.filtered(lambda lead: isinstance(lead.id, int))
        matcher = self.env["crm.lead.matcher"]
        found = matcher._find(stored, is_thorough, at_most) if stored else {}
        found = {lead: found.get(lead.id, {}) for lead in stored}
        found |= {lead: lead._find_typed(is_thorough) for lead in self - stored}
        separate = {}
        if any(found.values()):
            separate = self.env["crm.lead.duplicate"]._get_separate(self._origin.ids)
        return {
            lead: {
                other: match
                for other, match in matches.items()
                if (pair := (lead._origin.id, other)) not in separate
                # which compares the two once more
                or separate[pair] != match.fingerprint
            }
            for lead, matches in found.items()
        }

    def _find_typed(self, is_thorough):
        """Find what looks like a record that is being typed in."""
        probe = self._origin.id or -1
        # sudo: what is being typed is compared by all of its fields
        made = self.env["crm.lead.match.profile"]._make(self.sudo())
        matcher = self.env["crm.lead.matcher"]
        return matcher._find_like({probe: made[self.id]}, is_thorough)[probe]

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
        if self.env.context.get(CERTAIN_ONLY):
            found = self._leave_out_doubtful(found)
        domain = Domain("id", "in", found)
        if not self.env.context.get(CERTAIN_ONLY):
            offered = Domain("email_normalized", "in", contact.emails(email))
            if partner:
                offered |= Domain("partner_id", "=", partner.id)
            domain |= offered & Domain("id", "not in", self._get_kept_separate_ids())
        if include_lost:
            domain &= Domain("won_status", "!=", "won") & (
                Domain("type", "=", "opportunity") | Domain("active", "=", True)
            )
        else:
            domain &= self._get_open_domain()
        return self.with_context(active_test=False).search(domain)

    def _get_kept_separate_ids(self):
        """Return the ids of others that somebody has kept separate from these."""
        asked = set(self.ids)
        pairs = self.env["crm.lead.duplicate"]._get_separate(asked) if asked else ()
        return [two for one, two in pairs if one in asked and two not in asked]

    def _get_certain_ids(self, partner, email):
        """Return the ids of the leads that certainly are the same, these included."""
        matcher = self.env["crm.lead.matcher"]
        if self:
            found = self._find_duplicates(is_thorough=True)
        else:
            probe = {"email": email, "partner": partner and partner.id}
            found = matcher._find_like({-1: profile.build(probe)}, is_thorough=True)
        certain = map(matcher._keep_certain, found.values())
        return [*self.ids, *(other for matches in certain for other in matches)]

    def _leave_out_doubtful(self, found):
        """Return those of the ids `found`, the best first, that are not kept separate
        from one before, nor clearly somebody else."""
        if not found:
            return found
        alike = dict.fromkeys(found, ["certain"])
        separate = {
            *self.env["crm.lead.duplicate"]._get_separate(found),
            *self.env["crm.lead.matcher"]._find_opposed({*combinations(alike, 2)}),
        }
        [kept] = same_prospects({found[0]: ["certain"]}, alike, separate)
        return kept

    # ------------------------------------------------------------
    # What is compared again
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        self.env["crm.lead.match.queue"]._append(leads.ids, self._is_arriving())
        return leads

    def _write_multi(self, vals_list):
        """See what is written at the end of all computing, whoever has asked for it."""
        compared = self._get_compared_fields()
        changed = [
            lead_id
            for lead_id, vals in zip(self._ids, vals_list, strict=True)
            if not compared.isdisjoint(vals)
        ]
        self.env["crm.lead.match.queue"]._append(changed)
        return super()._write_multi(vals_list)

    def unlink(self):
        lead_ids = self.ids
        pairs = self.env["crm.lead.duplicate"]
        if MERGING not in self.env.context:  # where the pairs have ended by now
            pairs = pairs._search_of(self)
        groups = pairs.group_id.ids
        others = (pairs.lead_id | pairs.other_lead_id).ids
        result = super().unlink()
        self.env["crm.lead.match.profile"]._forget(lead_ids)
        if groups:
            # sudo: nobody may write groups but the detector
            self.env["crm.lead.duplicate.group"].sudo()._regroup(others, groups)
        return result

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        arriving = self.with_context(**{ARRIVING: True})
        lead = super(CrmLead, arriving).message_new(msg_dict, custom_values)
        return lead.with_env(self.env)

    @api.model
    def _get_compared_fields(self):
        """Return the names of the fields that are compared; another addon may add phone
        numbers, and a tax number of the lead's own (`crm_lead_vat`)."""
        own = {"vat"}.intersection(self._fields)
        return SOURCE_FIELDS.union(self._phone_get_number_fields(), own)

    @api.model
    def _is_arriving(self):
        """Say whether what is created comes in, rather than being typed in."""
        context, user = self.env.context, self.env.user
        told = context.get(ARRIVING) or context.get("import_file")
        return bool(told or user.share or user._is_superuser())

    # ------------------------------------------------------------
    # Similar leads, as the form and its banner show them
    # ------------------------------------------------------------

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
    duplicate_others_text = fields.Char(
        string="Others like it",
        compute="_compute_potential_lead_duplicates",
        compute_sudo=True,
        help="How many more records look the same, of those that you may read.",
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
        get_certainty = self.env["crm.lead.matcher"]._get_certainty
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
            lead.duplicate_others_text = self._name_others(len(shown) - 1)
            lead.duplicate_best_certainty = lead.duplicate_best_reasons = False
            if best_id:
                score, reasons = matches[best_id]
                lead.duplicate_best_certainty = get_certainty(score)
                lead.duplicate_best_reasons = name_best(self.env, reasons)

    @api.model
    def _name_others(self, count):
        """Return in words that `count` records look the same besides the best match;
        where they are as many as are looked for, there may be more."""
        if count < 1:
            return False
        if count == 1:
            return self.env._("and 1 other")
        if count >= LIKELY_THOROUGH // 2:
            return self.env._("and at least %s others", count)
        return self.env._("and %s others", count)

    def _get_similar(self):
        """Return what looks like the same prospect, without what was kept separate.

        Where a lead has many matches, or belongs to a large group, all that are like it
        are looked for: neither a scan nor a look at the likely ones finds each of them.

        :return: {lead: {other lead id: (score, reasons)}}, the best first
        """
        similar = self._get_likely_similar()
        groups = self.env["crm.lead.duplicate.group"]
        crowded = groups._get_leads_of_large(self.ids) if any(similar.values()) else ()
        many = self.browse(
            lead.id
            for lead, matches in similar.items()
            if isinstance(lead.id, int) and (len(matches) > MANY or lead.id in crowded)
        )
        if many:
            # a page of such leads does not take longer than one by much
            at_most = max(LIKELY_THOROUGH // len(many), 2 * MANY)
            for lead, matches in many._compare_at_once(at_most).items():
                similar[lead] = sort_matches(similar[lead] | matches)
        return similar

    def _get_likely_similar(self):
        """Return what is known of these leads, and of their likely matches.

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
        return {lead: sort_matches(similar[lead.id]) for lead in self}

    def _compare_at_once(self, at_most=None):
        """Return what the detector finds at this moment, as `_get_similar` does."""
        return {
            lead: {
                other: (match.score, [each[:3] for each in match.findings])
                for other, match in matches.items()
            }
            for lead, matches in self._find_duplicates(at_most=at_most).items()
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
        return self._open_comparison()

    def _open_comparison(self):
        """Hook: return the action that shows these two side by side."""
        raise NotImplementedError

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
