from itertools import combinations

from odoo import api, models
from odoo.fields import Domain

from ...engine import contact
from ...engine.conversion import same_prospects
from ...engine.plan import MergeOptions
from ..common.extended import is_extended
from ..common.typed_text import normalize_emails


class CrmLeadConversionProspects(models.AbstractModel):
    """Which of many leads are the same prospect: of the same customer, of the same
    e-mail address, or certainly the same for the detector; and their merge before they
    are converted. A fixed number of queries, however many leads there are."""

    _name = "crm.lead.conversion.prospects"
    _description = "Same Prospects in a Conversion"

    @api.model
    def _find(self, leads):
        """Group leads with the open ones that are the same prospect.

        What `_get_lead_duplicates` finds counts, without what was kept separate; where
        another addon has its own, it is asked lead by lead.

        :return: [[lead id, …], …] in the order of `leads`, each the first of its group
        """
        if is_extended(leads, "_get_lead_duplicates"):
            asked, candidates = self._ask_hook(leads)
        else:
            asked, candidates = self._ask_detector(leads)
        held = {
            lead.id: [
                ("email", lead.email_normalized),
                ("id", lead.partner_id.id),
                ("lead", lead.id),
            ]
            for lead in candidates
        }
        for lead in leads - candidates:
            asked[lead.id] = []  # won, lost or archived: nothing to merge
        everybody = leads | candidates
        companies = {
            lead.id: lead.company_id.id for lead in everybody if lead.company_id
        }
        separate = {*self.env["crm.lead.duplicate"]._get_separate(everybody.ids)}
        known = set()
        while True:
            groups = same_prospects(asked, held, separate, companies)
            linked = self._get_linked(groups, asked, held) - known
            if not linked:
                return groups
            known |= linked
            separate |= self.env["crm.lead.matcher"]._find_opposed(linked)

    @api.model
    def _get_linked(self, groups, asked, held):
        """Return the pairs that are in one group by way of a third lead only."""

        def share(one, other):
            return not (
                set(asked.get(one, ())).isdisjoint(held.get(other, ()))
                and set(asked.get(other, ())).isdisjoint(held.get(one, ()))
            )

        return {
            (one, other)
            for group in groups
            for one, other in combinations(group[1:], 2)
            if not share(one, other)
        }

    @api.model
    def _ask_detector(self, leads):
        """Return what `leads` have in common with others that are the same.

        :return: ({lead id: [key, …]}, the open leads that may have one of the keys)
        """
        asked = {lead.id: self._get_keys(lead) for lead in leads}
        certain = self._find_certain(leads)
        for lead_id, others in certain.items():
            asked[lead_id] += [("lead", other) for other in others]
        emails = {
            key for keys in asked.values() for kind, key in keys if kind == "email"
        }
        customers = {
            key for keys in asked.values() for kind, key in keys if kind == "id"
        }
        return asked, leads.search(
            leads._get_open_domain()
            & (
                Domain("email_normalized", "in", list(emails))
                | Domain("partner_id", "in", list(customers))
                | Domain(
                    "id", "in", [one for found in certain.values() for one in found]
                )
            )
        )

    @api.model
    def _ask_hook(self, leads):
        """As `_ask_detector`, of what another addon finds, lead by lead."""
        found = {
            lead.id: lead._get_lead_duplicates(
                partner=lead.partner_id, email=lead.partner_id.email or lead.email_from
            )
            for lead in leads
        }
        asked = {
            lead_id: [("lead", other) for other in others.ids]
            for lead_id, others in found.items()
        }
        return asked, leads.union(*found.values())._filter_open()

    @api.model
    def _find_certain(self, leads):
        """Return {lead id: [id of a lead that certainly is the same, …]}."""
        keep_certain = self.env["crm.lead.matcher"]._keep_certain
        return {
            lead.id: list(keep_certain(matches))
            for lead, matches in leads._find_duplicates(is_thorough=True).items()
        }

    @api.model
    def _get_keys(self, lead):
        """Return what others have in common with `lead` if they are the same."""
        said = lead.partner_id.email or lead.email_from
        # of dummies, such as test@test.com, nobody is the same
        emails = normalize_emails(said) if contact.emails(said) else ()
        keys = [("email", email) for email in emails]
        if lead.partner_id:
            keys.append(("id", lead.partner_id.id))
        return keys

    @api.model
    def _merge(self, leads, groups):
        """Merge those of `leads` that are the same prospect, with each other and with
        the open ones that are there already.

        :param groups: what `_find` returned of them
        :return: (leads that are left: those that were not merged in their order, then
            the results; their merges)
        """
        single = [group[0] for group in groups if len(group) == 1]
        several = [leads.browse(group) for group in groups if len(group) > 1]
        merges = self.env["crm.lead.merge"]._merge_groups(
            [(group, MergeOptions()) for group in several]
        )
        return leads.browse([*single, *merges.mapped("survivor_res_id")]), merges
