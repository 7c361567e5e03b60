from odoo import api, fields, models
from odoo.tools import SQL


class CrmLeadJournal(models.Model):
    """The journal of a conversion."""

    _inherit = "crm.lead.journal"

    conversion_ids = fields.One2many("crm.lead.conversion", "journal_id", readonly=True)

    @api.model
    def _get_subject_fields(self):
        return [*super()._get_subject_fields(), "conversion_ids"]

    @api.model
    def _get_touched(self):
        # nothing rests on one that only takes back what is undone anyway
        return [
            *super()._get_touched(),
            SQL(
                """SELECT conversion.journal_id, conversion.lead_res_id,
                          whole.journal_id
                     FROM crm_lead_conversion conversion
                LEFT JOIN crm_lead_merge whole ON whole.id = conversion.merge_id
                    WHERE conversion.is_reverse IS NOT TRUE"""
            ),
        ]
