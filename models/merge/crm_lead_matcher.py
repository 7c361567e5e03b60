from odoo import api, models

from .arrivals import Arrivals


class CrmLeadMatcher(models.AbstractModel):
    """What has come in is merged once it has been compared."""

    _inherit = "crm.lead.matcher"

    @api.model
    def _after_arrivals_compared(self, leads, found):
        result = super()._after_arrivals_compared(leads, found)
        Arrivals(leads).merge(found)
        return result
