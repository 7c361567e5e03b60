from odoo import api, models


class CrmLeadMatchQueue(models.Model):
    """What comes in and is merged by itself is compared by no scan."""

    _inherit = "crm.lead.match.queue"

    @api.model
    def _keeps_arrivals(self):
        return self.env["crm.lead.duplicate"]._is_merged_on_arrival()
