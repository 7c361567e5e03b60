import json

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.limits import shorten
from .arguments import check_one
from .merging import MERGING
from .offered import OFFERED, SHOW_OUTCOME


class CrmLead(models.Model):
    """What all else needs of a lead: how it is called, how the dialog that merges it
    opens, and what of it the user may see.

    A lead is called by its subject, as far as anybody reads one; by what it is and its
    number where it has none, as a visitor, or SQL, can make one.
    """

    _inherit = "crm.lead"

    @api.depends("type", "won_status")
    @api.depends_context("lang", SHOW_OUTCOME)
    def _compute_display_name(self):
        result = super()._compute_display_name()
        says_outcome = self.env.context.get(SHOW_OUTCOME)
        for lead in self:
            name = shorten(lead.display_name or "")
            if not name.strip():
                name = lead._get_substitute_name() if lead.id else ""
            outcome = lead._get_outcome() if says_outcome and name else ""
            lead.display_name = f"{name} ({outcome})" if outcome else name
        return result

    def _get_substitute_name(self):
        """Return what a lead is called that has no name."""
        kinds = dict(self._fields["type"]._description_selection(self.env))
        kind = kinds.get(self.type) or self.env["ir.model"]._get(self._name).name
        return f"{kind} {self.id}"

    def _get_shown_name(self):
        """Return the name as it is shown; where there is none, what the lead is called
        instead."""
        self.ensure_one()
        name = shorten(self.name or "")
        return name if name.strip() else self._get_substitute_name()

    def _get_outcome(self):
        """Return how people call it that a record is won or lost; nothing if it is
        open."""
        outcomes = {"won": self.env._("won"), "lost": self.env._("lost")}
        return outcomes.get(self.won_status, "")

    @api.model
    def _get_open_domain(self):
        """Return the domain of the records that are open: neither won, lost, nor
        archived."""
        return Domain("won_status", "=", "pending") & Domain("active", "=", True)

    def _filter_open(self):
        """Return the records that are open, see `_get_open_domain`."""
        return self.filtered(lambda lead: lead.active and lead.won_status == "pending")

    def _name_offered(self):
        """Return how a record is called where it is offered: won or lost is said."""
        return self.with_context(**OFFERED).display_name

    def _open_merge_dialog(self):
        """Return the action that opens the dialog with these records to merge."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm.action_merge_opportunities"
        )
        context = {"active_model": self._name, "active_ids": self.ids}
        return {
            **action,
            "views": [(False, "form")],
            "context": {"dialog_size": "extra-large", **context},
        }

    @api.model
    def _get_hidden_fields(self):
        """Return the names of the fields that the user may not see."""
        return {
            name
            for name, field in self._fields.items()
            if field.groups and not self._has_field_access(field, "read")
        }

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

    # ------------------------------------------------------------
    # What core does in a merge, of which ours has done most by then
    # ------------------------------------------------------------

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
            return None  # the merge sums up itself, see `Applying._log`
        return super()._merge_log_summary(merged_followers, opportunities_tail)

    # ------------------------------------------------------------
    # Write past the ORM
    # ------------------------------------------------------------

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
                "SELECT id, %s FROM crm_lead WHERE id = ANY(%s)",
                SQL(", ").join(SQL.identifier(name) for name in names),
                self.ids,
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
                "UPDATE crm_lead SET %s WHERE id = ANY(%s)",
                SQL(", ").join(
                    SQL("%s = %s::jsonb", SQL.identifier(name), _to_jsonb(value))
                    for name, value in values.items()
                ),
                self.ids,
            )
        )
        self.invalidate_recordset(values, flush=False)
        self.modified(values)


def _to_jsonb(parts):
    return json.dumps(parts) if parts else None
