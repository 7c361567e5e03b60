from odoo import models


class CrmLeadRun(models.Model):
    """Undo asks in a dialog."""

    _inherit = "crm.lead.run"

    def _ask_before_undo(self, conflicts):
        return self.env["crm.lead.undo"]._ask(self, conflicts)
