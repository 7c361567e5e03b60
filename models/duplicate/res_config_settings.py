from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...engine.matching.comparisons import COMPARISONS
from .crm_lead_matcher import CERTAIN, LEFT_OUT, WORTH_A_LOOK
from .crm_lead_scan import SCAN_HOUR

NUMBERS = {
    "duplicate_worth_a_look": WORTH_A_LOOK,
    "duplicate_certain": CERTAIN,
    "duplicate_scan_hour": SCAN_HOUR,
}


class ResConfigSettings(models.TransientModel):
    """How duplicates are found."""

    _inherit = "res.config.settings"

    duplicate_worth_a_look = fields.Float(
        string="Worth a look from",
        config_parameter=WORTH_A_LOOK.key,
        default=WORTH_A_LOOK.default,
        help="Score from which two leads are shown as possible duplicates. Each point "
        "doubles the odds.",
    )
    duplicate_certain = fields.Float(
        string="Certain from",
        config_parameter=CERTAIN.key,
        default=CERTAIN.default,
        help="Score from which two leads are the same without anybody looking.",
    )
    duplicate_scan_hour = fields.Integer(
        string="Compare all leads at (UTC)",
        config_parameter=SCAN_HOUR.key,
        default=SCAN_HOUR.default,
        help="Hour of the day (UTC) at which all leads are compared with each other.",
    )
    duplicate_compare_email = fields.Boolean("E-mail addresses")
    duplicate_compare_phone = fields.Boolean("Phone numbers")
    duplicate_compare_person = fields.Boolean("Contacts' names")
    duplicate_compare_company = fields.Boolean("Companies' names")
    duplicate_compare_domain = fields.Boolean("Web sites and domains")
    duplicate_compare_vat = fields.Boolean("Tax numbers")
    duplicate_compare_street = fields.Boolean("Streets")
    duplicate_compare_place = fields.Boolean("Postcodes and cities")
    duplicate_compare_customer = fields.Boolean("Customers")

    @api.constrains("duplicate_worth_a_look", "duplicate_certain")
    def _check_duplicate_settings(self):
        for settings in self:
            if settings.duplicate_certain <= settings.duplicate_worth_a_look:
                raise ValidationError(
                    settings.env._(
                        "What is certain has to score higher than what is worth a look "
                        "(%s). Enter a higher number.",
                        settings.duplicate_worth_a_look,
                    )
                )

    @api.model
    def _get_number_settings(self):
        return {**super()._get_number_settings(), **NUMBERS}

    @api.model
    def get_values(self):
        left_out = self.env["crm.lead.matcher"]._get_left_out()
        return {
            **super().get_values(),
            **{
                field: name not in left_out
                for name, field in self._get_compared().items()
            },
        }

    @api.model
    def _get_compared(self):
        """Return {comparison: the field that leaves it out}; one of another addon may
        have none."""
        names = {name: f"duplicate_compare_{name}" for name in COMPARISONS}
        return {name: field for name, field in names.items() if field in self._fields}

    def set_values(self):
        before = self._get_comparison()
        result = super().set_values()
        asked = self._get_compared()
        # what there is no field for stays as it is
        was_left_out = self.env["crm.lead.matcher"]._get_left_out()
        left_out = was_left_out - asked.keys()
        left_out |= {name for name, field in asked.items() if not self[field]}
        # sudo: whoever may change the settings may change these
        parameters = self.env["ir.config_parameter"].sudo()
        if left_out != was_left_out:
            parameters.set_param(LEFT_OUT, " ".join(sorted(left_out)))
        for name, number in NUMBERS.items():  # stock takes a zero for no answer
            parameters.set_param(number.key, str(self[name]))
        if self._get_comparison() != before:
            # sudo: what is stored was compared otherwise, whoever changes the settings
            self.env["crm.lead.scan"].sudo()._start_in_background(anew=True)
        return result

    @api.model
    def _get_comparison(self):
        """Return the settings by which leads are compared."""
        matcher = self.env["crm.lead.matcher"]
        return matcher._get_thresholds(), matcher._get_left_out()

    def action_scan_duplicates(self):
        """Compare all leads now."""
        return self.env["crm.lead.scan"].action_start()
