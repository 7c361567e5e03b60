from odoo import models


class CrmLead(models.Model):
    """Two leads are compared in a dialog."""

    _inherit = "crm.lead"

    def _open_comparison(self):
        return self.env["crm.lead.comparison"]._open(*self)
