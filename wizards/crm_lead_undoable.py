from odoo import models


class CrmLeadUndoable(models.AbstractModel):
    """Undo asks in a dialog."""

    _inherit = "crm.lead.undoable"

    def _ask_before_undo(self, conflicts):
        return self.env["crm.lead.undo"]._ask(self, conflicts)
