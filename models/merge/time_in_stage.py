from collections import Counter

from odoo import models
from odoo.tools import SQL

# {lead id: Counter of (date, id of the stage left)} of records merged into the lead
FOREIGN = "crm_lead_foreign_stage_changes"


class CrmLead(models.Model):
    """Time in stage of a lead is its own: what was merged into it does not count."""

    _inherit = "crm.lead"

    def _compute_duration_tracking(self):
        foreign = self._get_foreign_stage_changes()
        leads = self.with_context(**{FOREIGN: foreign}) if foreign else self
        return super(CrmLead, leads)._compute_duration_tracking()

    def _get_foreign_stage_changes(self):
        """Return {lead id: Counter of (date, stage left)} that came with merges."""
        if not self.ids:
            return {}
        # Raw SQL: like the computation it corrects, one query for all leads.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT m.res_id, v.create_date, v.old_value_integer
                  FROM mail_message m
                  JOIN mail_tracking_value v ON v.mail_message_id = m.id
                 WHERE m.model = 'crm.lead' AND m.res_id IN %s AND EXISTS (
                       SELECT 1 FROM crm_lead_merge_source_message_rel rel
                        WHERE rel.message_id = m.id)
                """,
                tuple(self.ids),
            )
        )
        foreign = {}
        for lead_id, date, stage_id in rows:
            foreign.setdefault(lead_id, Counter())[date, stage_id] += 1
        return foreign

    def _get_duration_from_tracking(self, trackings):
        foreign = self.env.context.get(FOREIGN, {}).get(self._origin.id)
        if foreign:
            foreign = Counter(foreign)
            own = []
            for tracking in trackings:
                key = tracking["create_date"], tracking["old_value_integer"]
                if foreign[key]:
                    foreign[key] -= 1
                else:
                    own.append(tracking)
            trackings = own
        return super()._get_duration_from_tracking(trackings)
