import json

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine.plan import MergeOptions
from ..common.arguments import check_ids, check_one, get_id

#: Context key: a merge is being carried out, and what core would move has been moved
#: already. It holds no merge, but a recordset, which no RPC client can send.
MERGING = "crm_lead_merge_running"
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

    # ------------------------------------------------------------
    # Merge: crm.lead.merge
    # ------------------------------------------------------------

    def _merge_opportunity(
        self, user_id=False, team_id=False, auto_unlink=True, max_length=5
    ):
        """Merge any number of leads and opportunities; see `crm.lead.merge`.

        :param user_id: salesperson of the result; the leads decide by default
        :param team_id: channel of the result; the leads decide by default
        :param auto_unlink: delete the merged records; otherwise the caller will
        :param max_length: has no effect: nothing is lost, however many there are
        :return: the record everything went into
        :raise MergeRefused: if they cannot be merged, saying why
        :raise NotAnId: if what was given as salesperson or channel is no id
        """
        check_ids(self)
        options = MergeOptions(
            user_id=get_id(self.env, "res.users", user_id),
            team_id=get_id(self.env, "crm.team", team_id),
        )
        merge = self.env["crm.lead.merge"]._merge(self, options, auto_unlink)
        return merge.survivor_id.with_env(self.env)

    def _merge_get_fields_specific(self):
        """Leave the lost reason to the outcome it belongs to."""
        rules = super()._merge_get_fields_specific()
        return {name: rules[name] for name in rules if name != "lost_reason_id"}

    def _merge_dependences_history(self, opportunities):
        return self._is_merging() or super()._merge_dependences_history(opportunities)

    def _merge_dependences_attachments(self, opportunities):
        return self._is_merging() or super()._merge_dependences_attachments(
            opportunities
        )

    def _merge_dependences_calendar_events(self, opportunities):
        return self._is_merging() or super()._merge_dependences_calendar_events(
            opportunities
        )

    def _merge_followers(self, opportunities):
        return {} if self._is_merging() else super()._merge_followers(opportunities)

    def _is_merging(self):
        """Return whether the ledger has moved already what core would move now."""
        return isinstance(self.env.context.get(MERGING), models.BaseModel)

    def _merge_log_summary(self, merged_followers, opportunities_tail):
        if self._is_merging():
            return None  # the merge sums up itself, see `crm.lead.merge._log`
        return super()._merge_log_summary(merged_followers, opportunities_tail)

    def _write_apart_from_customer(self, values):
        """Write `values` without copying anything between the lead and its customer.

        What is computed from the customer is protected, and the fields that are
        written back to the customer are set without their inverse.
        """
        self._write_each_apart_from_customer({self: values})

    @api.model
    def _write_each_apart_from_customer(self, values):
        """Do so with several leads, each of which has values of its own.

        :param values: {leads: {field: value}}
        """
        typed = [
            field
            for field in self._fields.values()
            if field.store and field.compute and not field.readonly
        ]
        with self.env.protecting(typed, self.union(*values)):
            for leads, vals in values.items():
                inverse = [name for name in vals if self._fields[name].inverse]
                for name in inverse:
                    self._fields[name].write(leads, vals[name])
                leads.modified(inverse)
                leads._validate_fields(inverse)
                others = {name: vals[name] for name in vals if name not in inverse}
                if others:
                    leads.write(others)
            self.flush_model()

    def _align_probability(self):
        """Let the probability be the computed one, as nobody has said another."""
        for lead in self:
            is_open = lead.active and not lead.stage_id.is_won
            if is_open and lead.probability != lead.automated_probability:
                lead.probability = lead.automated_probability

    def _read_columns(self, names):
        """Return {lead id: {column: {part: value}}} of jsonb columns, as stored."""
        self.flush_recordset(names)
        # Raw SQL: the ORM shows one language, one company, one definition at a time.
        rows = self.env.execute_query(
            SQL(
                "SELECT id, %s FROM crm_lead WHERE id IN %s",
                SQL(", ").join(SQL.identifier(name) for name in names),
                tuple(self.ids),
            )
        )
        return {
            lead_id: {
                name: {part: one for part, one in (parts or {}).items() if one}
                for name, parts in zip(names, columns, strict=True)
            }
            for lead_id, *columns in rows
        }

    def _write_columns(self, values):
        """Write jsonb columns as `_read_columns` returns them."""
        if not values:
            return
        self.flush_recordset()
        # Raw SQL: for the same reason.
        self.env.cr.execute(
            SQL(
                "UPDATE crm_lead SET %s WHERE id IN %s",
                SQL(", ").join(
                    SQL("%s = %s::jsonb", SQL.identifier(name), _to_jsonb(value))
                    for name, value in values.items()
                ),
                tuple(self.ids),
            )
        )
        self.invalidate_recordset(values, flush=False)
        self.modified(values)

    def redirect_lead_opportunity_view(self):
        """List what else there is to do, if the record was handed to a colleague and
        the user may not see it any more."""
        check_one(self)
        if self._filtered_access("read"):
            return super().redirect_lead_opportunity_view()
        qualifies = self.env.user.has_group("crm.group_use_lead")
        listed = "crm_lead_all_leads" if qualifies else "crm_lead_action_pipeline"
        action = self.env["ir.actions.act_window"]._for_xml_id(f"crm.{listed}")
        return {**action, "target": "main"}  # there is no way back to what was open

    def _get_won_lost(self):
        """Return {id: {is_won, is_lost}}, as core's scoring wants it."""
        return {
            lead.id: {
                "is_won": lead.won_status == "won",
                "is_lost": lead.won_status == "lost",
            }
            for lead in self
        }


def _to_jsonb(parts):
    return json.dumps(parts) if parts else None
