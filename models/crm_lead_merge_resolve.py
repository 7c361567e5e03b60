from odoo import api, models
from odoo.tools import SQL


class CrmLeadMerge(models.Model):
    """Where the ids of merged-away leads lead to (promise B5)."""

    _inherit = "crm.lead.merge"

    @api.model
    def resolve(self, lead_ids):
        """Say where leads that were merged away are now, through chains of merges.

        :param list lead_ids: ids of leads, whether they were merged or not
        :return: {id: id of the record it is now}; an id that was never merged is its
            own answer; False where the user may not read the record, or it is gone
        """
        now = {lead_id: lead_id for lead_id in lead_ids}
        # Raw SQL: a chain of unknown length, in one query. It reads only ids, and what
        # the user may not read is taken out below.
        self.flush_model()
        self.env["crm.lead.merge.source"].flush_model()
        rows = lead_ids and self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE step AS (
                    SELECT s.source_res_id, m.survivor_res_id
                      FROM crm_lead_merge_source s JOIN crm_lead_merge m
                        ON m.id = s.merge_id AND m.state = 'done'
                ), chain AS (
                    SELECT source_res_id, survivor_res_id, 1 AS length FROM step
                     WHERE source_res_id IN %s
                     UNION ALL
                    SELECT chain.source_res_id, step.survivor_res_id, length + 1
                      FROM chain JOIN step
                        ON step.source_res_id = chain.survivor_res_id
                )
                SELECT source_res_id, survivor_res_id FROM chain ORDER BY length
                """,
                tuple(lead_ids),
            )
        )
        now.update(rows or ())
        leads = self.env["crm.lead"].browse(now.values()).exists()
        readable = set(leads._filtered_access("read").ids)
        return {
            lead_id: survivor_id in readable and survivor_id
            for lead_id, survivor_id in now.items()
        }
