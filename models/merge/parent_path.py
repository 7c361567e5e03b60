from odoo import models


class CrmLeadMerge(models.Model):
    """What merging and undoing mean for the leads below those that are merged."""

    _inherit = "crm.lead.merge"

    def _apply_one(self, plan, survivor, sources, references):
        result = super()._apply_one(plan, survivor, sources, references)
        survivor._mend_parent_path()
        return result

    def _undo(self):
        leads = self._get_leads()
        result = super()._undo()
        leads._mend_parent_path()
        return result
