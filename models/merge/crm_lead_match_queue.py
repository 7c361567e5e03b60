from odoo import api, models

from .arrivals import is_merged_on_arrival


class CrmLeadMatchQueue(models.Model):
    """What comes in and is merged by itself is compared by no scan."""

    _inherit = "crm.lead.match.queue"

    @api.model
    def _keeps_arrivals(self):
        return is_merged_on_arrival(self.env)
