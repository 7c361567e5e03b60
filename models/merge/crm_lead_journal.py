from odoo import models


class CrmLeadJournal(models.AbstractModel):
    """Which fields of leads mean nothing without another one."""

    _inherit = "crm.lead.journal"

    def _find_kept_together(self):
        planner = self.env["crm.lead.merge.planner"]
        pairs = [
            (name, keeper)
            for bundle in planner._get_bundles()
            if bundle.unit
            for name in bundle.fields
            for keeper in bundle.fields
            if name != keeper
        ]
        # sudo: how many currencies there are, whatever companies the user may see
        groups = self.env["res.company"].sudo()._read_group([], ["currency_id"])
        if len(groups) > 1:
            amounts = dict(planner._get_company_amount_fields())
            pairs += [("company_id", name) for name in amounts]
        return pairs
