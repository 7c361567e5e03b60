from odoo import models

from .crm_lead_matching import CERTAIN_ONLY


class CrmTeam(models.Model):
    """The assignment job merges without anybody looking: only what is certain."""

    _inherit = "crm.team"

    def _allocate_leads(self, *args, **kwargs):
        careful = self.with_context(**{CERTAIN_ONLY: True})
        return super(CrmTeam, careful)._allocate_leads(*args, **kwargs)
