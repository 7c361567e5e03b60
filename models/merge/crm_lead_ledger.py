from odoo import api, models


class CrmLeadLedger(models.AbstractModel):
    """Pairs of possible duplicates are no references that a merge moves."""

    _inherit = "crm.lead.ledger"

    @api.model
    def _get_references(self, *args, **kwargs):
        return [
            reference
            for reference in super()._get_references(*args, **kwargs)
            if reference.table != "crm_lead_duplicate"
        ]
