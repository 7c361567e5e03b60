from odoo import api, fields, models

#: Context key under which the channel decides the type, whatever the values say.
TYPE_FROM_CHANNEL = "crm_lead_type_from_channel"


class CrmLead(models.Model):
    """A lead or an opportunity, which its channel tells apart when nobody says."""

    _inherit = "crm.lead"

    type = fields.Selection(
        default=None,
        compute="_compute_type",
        compute_sudo=False,  # which would drop the menu's default from the context
        store=True,
        precompute=True,
        readonly=False,
        copy=True,
    )

    @api.depends("team_id")
    def _compute_type(self):
        """Let new records follow the menu they are typed in, else their channel.

        Records that exist keep their type: an opportunity that is handed to another
        channel does not turn into a lead.
        """
        types = self._fields["type"].get_values(self.env)
        menu_type = self.env.context.get("default_type")
        new = self.filtered(lambda lead: not lead._origin)
        if menu_type in types:
            new.type = menu_type
            return
        # all leads of a channel at once: each assignment looks at what follows from it
        for team, leads in new.grouped("team_id").items():
            leads.type = team._get_incoming_type()

    @api.depends("user_id", "type")
    def _compute_team_id(self):
        """Settle channel and type, each of which depends on the other.

        Where nobody said what a new lead is, the channel is chosen by what the switch
        makes of it, and then says for itself. The ORM does not recompute the type in
        between, as it is read while the channel is being computed.
        """
        untold = self.filtered(lambda lead: lead._is_type_untold())
        untold._compute_type()
        result = super()._compute_team_id()
        untold._compute_type()
        return result

    def _is_type_untold(self):
        """Return whether this new record still waits for its type."""
        field = self._fields["type"]
        known = "type" in self._cache and not self.env.is_to_compute(field, self)
        return not self._origin and not known

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._drop_untold_type(vals) for vals in vals_list])

    @api.model
    def _drop_untold_type(self, vals):
        """Return the values without a type that nobody chose, such as a blank cell."""
        untold = not vals.get("type") or self.env.context.get(TYPE_FROM_CHANNEL)
        if "type" in vals and untold:
            return {name: value for name, value in vals.items() if name != "type"}
        return vals
