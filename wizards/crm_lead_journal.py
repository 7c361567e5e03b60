from odoo import models


class CrmLeadJournal(models.AbstractModel):
    """Undo asks in a dialog."""

    _inherit = "crm.lead.journal"

    def _ask_before_undo(self, conflicts):
        return self.env["crm.lead.undo"]._ask(self, conflicts)
