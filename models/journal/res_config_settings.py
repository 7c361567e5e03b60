from odoo import api, fields, models

from .crm_lead_journal import RETENTION


class ResConfigSettings(models.TransientModel):
    """How long merges and conversions can be undone."""

    _inherit = "res.config.settings"

    snapshot_retention_months = fields.Integer(
        string="Keep snapshots for",
        config_parameter=RETENTION.key,
        help="In months; 0 keeps it for ever.",
    )

    @api.model
    def _get_number_settings(self):
        numbers = super()._get_number_settings()
        return {**numbers, "snapshot_retention_months": RETENTION}
