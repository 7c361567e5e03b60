from odoo import api, fields, models

from .res_config_settings import KEEP_CHANNEL_FLAGS


class CrmTeam(models.Model):
    """A sales channel, which says for itself whether it makes leads."""

    _inherit = "crm.team"

    use_leads = fields.Boolean(
        default=True,
        help="What comes in through this sales team is a lead first, to be qualified "
        "before it becomes an opportunity. It counts while leads are switched on in "
        "the settings, and is kept while they are switched off.",
    )

    def write(self, vals):
        """Keep each channel's own choice when the settings' switch is turned."""
        if self.env.context.get(KEEP_CHANNEL_FLAGS):
            vals = {name: value for name, value in vals.items() if name != "use_leads"}
        return super().write(vals)

    @api.model
    def _is_lead_switch_on(self):
        """Return whether leads are switched on in this database.

        Whoever asks gets the same answer: what counts is that the group is implied for
        all employees, as the settings do it, not the groups of the current user.
        """
        groups = self.env["res.groups"]._get_group_definitions()
        employee_id = groups.get_id("base.group_user")
        lead_id = groups.get_id("crm.group_use_lead")
        return lead_id in groups.get_superset_ids([employee_id])

    def _has_member(self, user):
        """Return whether `user` works in this channel, or leads it."""
        # sudo: members of a channel, which not every salesperson may read
        channel = self.sudo()
        return user.id in (channel.member_ids | channel.user_id).ids

    def _find_for(self, user):
        """Return this channel, unless `user` works in others only: then one of them."""
        if not user or self._has_member(user):
            return self
        found = self._get_default_team_id(user_id=user.id, domain=None)
        return found if found._has_member(user) else self

    def _get_incoming_type(self):
        """Return the type of what comes in through this channel, or through none.

        :return: ``"lead"`` or ``"opportunity"``
        """
        # sudo: the channel's policy holds for those who may not read the channel, too
        makes_leads = self._is_lead_switch_on() and (not self or self.sudo().use_leads)
        return "lead" if makes_leads else "opportunity"

    def _alias_get_creation_values(self):
        values = super()._alias_get_creation_values()
        if self.id:
            values["alias_defaults"]["type"] = self._get_incoming_type()
        return values

    @api.model
    def _update_all_alias_defaults(self):
        """Let the e-mail aliases of all channels follow the switch and their flags."""
        # sudo: the switch holds for the whole database, so for the channels of other
        # companies and for archived ones, whose aliases still receive e-mails
        Channel = self.sudo().with_context(active_test=False)
        for channel in Channel.search([("alias_id", "!=", False)]):
            values = channel._alias_get_creation_values()
            if str(values["alias_defaults"]) != channel.alias_id.alias_defaults:
                channel.alias_id.alias_defaults = values["alias_defaults"]
