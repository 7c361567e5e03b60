from odoo import fields, models

from .arrivals import MERGE_ON_ARRIVAL


class ResConfigSettings(models.TransientModel):
    """What happens to duplicates by itself."""

    _inherit = "res.config.settings"

    duplicate_merge_on_arrival = fields.Boolean(
        string="Merge on arrival",
        config_parameter=MERGE_ON_ARRIVAL,
        help="What comes in by e-mail, form or import and certainly is the same as an "
        "open record is merged into it; its salesperson is told, and can undo it.",
    )
