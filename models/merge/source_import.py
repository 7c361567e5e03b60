from odoo import fields, models
from odoo.tools import SQL


class CrmLeadMergeSource(models.Model):
    """Which external ids still name a lead that was merged away, and what files have
    said about it since: see `crm.lead.merge.import`."""

    _inherit = "crm.lead.merge.source"

    external_id_ids = fields.Many2many(
        "ir.model.data",
        "crm_lead_merge_source_external_id_rel",
        "source_id",
        "external_id",
        readonly=True,
        groups="base.group_system",
        help="The external ids of this lead, which lead to the survivor now.",
    )
    imported_values = fields.Json(
        readonly=True,
        groups="base.group_system",
        help="{field: value} of what files have said about this lead since, other than "
        "it said at the merge. Undo gives it to the lead; kept as long as snapshots.",
    )

    def _remember_external_ids(self):
        """Remember which external ids have moved from the leads to their survivor."""
        self._remember_moved(
            "ir_model_data", "crm_lead_merge_source_external_id_rel", "external_id"
        )
        self.invalidate_recordset(["external_id_ids"], flush=False)

    def _bring_back(self):
        """Leave the external ids to the leads, which are there again."""
        result = super()._bring_back()
        # Raw SQL: one query, as above.
        self.env.cr.execute(
            SQL(
                "DELETE FROM crm_lead_merge_source_external_id_rel WHERE source_id IN "
                "%s",
                tuple(self.ids),
            )
        )
        self.invalidate_recordset(["external_id_ids"], flush=False)
        return result


class CrmLeadMerge(models.Model):
    """When external ids are remembered: once everything has moved."""

    _inherit = "crm.lead.merge"

    def _remember_messages(self, references):
        """Remember as well which external ids have moved."""
        result = super()._remember_messages(references)
        if any(reference.model == "ir.model.data" for reference in references):
            self.source_ids._remember_external_ids()
        return result
