from odoo import api, fields, models
from odoo.tools import SQL

from .totals import UntypedTotals


class CrmLeadJournal(models.Model):
    """The journal of a merge."""

    _inherit = "crm.lead.journal"

    merge_ids = fields.One2many("crm.lead.merge", "journal_id", readonly=True)

    @api.model
    def _get_subject_fields(self):
        return [*super()._get_subject_fields(), "merge_ids"]

    @api.model
    def _get_touched(self):
        whole = SQL("LEFT JOIN crm_lead_merge whole ON whole.id = m.outer_id")
        return [
            *super()._get_touched(),
            SQL(
                """SELECT m.journal_id, m.survivor_res_id AS lead_id,
                          whole.journal_id AS whole_id
                     FROM crm_lead_merge m %s""",
                whole,
            ),
            SQL(
                """SELECT m.journal_id, source.source_res_id, whole.journal_id
                     FROM crm_lead_merge_source source
                     JOIN crm_lead_merge m ON m.id = source.merge_id %s""",
                whole,
            ),
        ]

    def _foretell(self, change):
        result = super()._foretell(change)
        UntypedTotals(self.merge_ids).foretell(change)
        return result

    def _find_kept_together(self):
        planner = self.env["crm.lead.merge.planner"]
        pairs = [
            (name, keeper, None)
            for bundle in planner._get_bundles()
            if bundle.unit
            for name in bundle.fields
            for keeper in bundle.fields
            if name != keeper
        ]
        # sudo: how many currencies there are, whatever companies the user may see
        groups = self.env["res.company"].sudo()._read_group([], ["currency_id"])
        if len(groups) > 1:
            facts = self.env["crm.lead.merge.fields"]
            amounts = facts._get_company_amount_fields()
            pairs += [("company_id", name, None) for name, _currency in amounts]
        return [*super()._find_kept_together(), *pairs]
