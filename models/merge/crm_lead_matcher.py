from odoo import api, models


class CrmLeadMatcher(models.AbstractModel):
    """What has come in is merged once it has been compared."""

    _inherit = "crm.lead.matcher"

    @api.model
    def _after_arrivals_compared(self, leads, found):
        result = super()._after_arrivals_compared(leads, found)
        self.env["crm.lead.duplicate"]._merge_arrivals(leads, found)
        return result
