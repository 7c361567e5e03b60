from itertools import combinations

from odoo import models
from odoo.fields import Domain

from ...engine import contact
from ...engine.conversion import same_prospects
from ...engine.matching import profile

#: Context key: return nothing but what is certain, because nobody will look at it.
CERTAIN_ONLY = "crm_lead_certain_duplicates_only"


class CrmLead(models.Model):
    """The doors through which Odoo asks for duplicates: all lead to one detector."""

    _inherit = "crm.lead"

    def _find_duplicates(self, is_thorough=False):
        """Find what looks like the same prospect, without what was kept separate.

        :param bool is_thorough: nobody looks at what is found, and none may be left out
        :return: {lead: {other lead id: `Match`}}, the best first
        """
        stored = self.filtered(lambda lead: isinstance(lead.id, int))
        matcher = self.env["crm.lead.matcher"]
        found = matcher._find(stored, is_thorough) if stored else {}
        found = {lead: found.get(lead.id, {}) for lead in stored}
        found |= {lead: lead._find_typed(is_thorough) for lead in self - stored}
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
            domain &= Domain("won_status", "=", "pending") & Domain("active", "=", True)
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
