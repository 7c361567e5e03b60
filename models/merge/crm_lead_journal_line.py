from odoo import api, models


class CrmLeadJournalLine(models.Model):
    """Files, and what was imported since, are forgotten with the snapshots."""

    _inherit = "crm.lead.journal.line"

    @api.model
    def _before_forgotten(self, journals):
        result = super()._before_forgotten(journals)
        # sudo: as the engine, which alone writes these rows
        sources = journals.sudo().merge_ids.source_ids
        sources._drop_files()
        sources.filtered("imported_values").imported_values = False
        return result
