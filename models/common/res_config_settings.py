from odoo import api, models


class ResConfigSettings(models.TransientModel):
    """Numbers that people enter are checked before anything is done with them."""

    _inherit = "res.config.settings"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_numbers(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_numbers(vals)
        return super().write(vals)

    @api.model
    def _check_numbers(self, vals):
        """Refuse numbers that no setting can be, before the database does so in its own
        words.

        :raise ValidationError: naming the setting, and saying what to enter
        """
        for name, number in self._get_number_settings().items():
            if name in vals:
                label = self.fields_get([name], ["string"])[name]["string"]
                number.check(self.env, label, vals[name])

    @api.model
    def _get_number_settings(self):
        """Return {field: `NumberSetting`}."""
        return {}
