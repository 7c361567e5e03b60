from odoo import api, models


class CrmLeadDuplicateGroup(models.Model):
    """Several groups are merged by a run, to be looked at and started."""

    _inherit = "crm.lead.duplicate.group"

    @api.model
    def _merge_each(self, groups):
        run = self.env["crm.lead.run"]._create_merges([leads.ids for leads in groups])
        return run.action_open()
