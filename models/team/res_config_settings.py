from odoo import api, fields, models

#: Context key under which writing on channels leaves their own choice alone.
KEEP_CHANNEL_FLAGS = "crm_lead_keep_channel_flags"


class ResConfigSettings(models.TransientModel):
    """The switch that turns leads on for the whole database."""

    _inherit = "res.config.settings"

    # Visitors and portal users bring in leads as well, and other addons ask whether
    # they have the group: the switch holds for them as for employees.
    group_use_lead = fields.Boolean(
        group="base.group_user,base.group_portal,base.group_public",
    )

    @api.model
    def get_values(self):
        return {
            **super().get_values(),
            "group_use_lead": self.env["crm.team"]._is_lead_switch_on(),
        }

    def set_values(self):
        """Turn the switch without deciding for the channels.

        Stock overwrites the flag of every channel here; under the context key that
        write does nothing, and the e-mail aliases of all channels are brought in line.
        """
        Channel = self.env["crm.team"]
        was_on = Channel._is_lead_switch_on()
        keeping = self.with_context(**{KEEP_CHANNEL_FLAGS: True})
        result = super(ResConfigSettings, keeping).set_values()
        if Channel._is_lead_switch_on() != was_on:
            Channel._update_all_alias_defaults()
        return result
