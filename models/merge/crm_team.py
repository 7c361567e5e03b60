from odoo import models

from ..duplicate.crm_lead import CERTAIN_ONLY

# Context key: the id of the last merge before the assignment job.
LAST_MERGE = "crm_lead_last_merge_before_assignment"


class CrmTeam(models.Model):
    """The assignment job merges without anybody looking: only what is certain."""

    _inherit = "crm.team"

    def _allocate_leads(self, *args, **kwargs):
        # sudo: the highest id, whoever may read it
        last = self.env["crm.lead.merge"].sudo().search([], order="id desc", limit=1)
        careful = self.with_context(**{CERTAIN_ONLY: True, LAST_MERGE: last.id or 0})
        return super(CrmTeam, careful)._allocate_leads(*args, **kwargs)

    def _allocate_leads_deduplicate(self, leads, duplicates_cache=None):
        """Leave out what the job has merged already: duplicates are found before it
        begins, and merged records are deleted when it ends."""
        cache = {} if duplicates_cache is None else duplicates_cache
        for lead in leads:
            if lead not in cache:
                cache[lead] = lead._get_lead_duplicates(email=lead.email_from)
            if len(cache[lead]) > 1:
                cache[lead] -= self._get_merged(cache[lead])
        return super()._allocate_leads_deduplicate(leads, duplicates_cache=cache)

    def _get_merged(self, leads):
        """Return those of `leads` that were merged since the job began."""
        # sudo: whoever may read what became of them
        merges = (
            self.env["crm.lead.merge"]
            .sudo()
            .search(
                [
                    ("id", ">", self.env.context.get(LAST_MERGE, 0)),
                    "|",
                    ("survivor_res_id", "in", leads.ids),
                    ("source_ids.source_res_id", "in", leads.ids),
                ]
            )
        )
        sources = merges.source_ids.mapped("source_res_id")
        return leads & leads.browse({*merges.mapped("survivor_res_id"), *sources})
