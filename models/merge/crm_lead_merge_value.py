import json
from datetime import date

from psycopg2.errors import ExclusionViolation, UniqueViolation

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.contact import find_written
from ...exceptions import MergeRefused
from ..common.arguments import check_records
from .amounts import get_currency
from .display import Display
from .taking import Taking

#: How long the values stored by one query are altogether, before another begins:
#: PostgreSQL refuses a list of more than 256 MB.
LARGEST = 2**24


class CrmLeadMergeValue(models.Model):
    """One value that lost in a merge: kept at hand, and taken after all with a
    click."""

    _name = "crm.lead.merge.value"
    _inherit = ["crm.lead.bound", "crm.lead.journal.guard"]
    _description = "Merged Information"
    _order = "merge_id desc, id"
    _lead_values = {"source_name": "name", "source_date": "create_date"}

    merge_id = fields.Many2one(
        "crm.lead.merge", required=True, index=True, ondelete="cascade", readonly=True
    )
    lead_id = fields.Many2one(
        "crm.lead", required=True, index=True, ondelete="cascade", readonly=True
    )
    field_name = fields.Char(required=True, readonly=True)
    label = fields.Char(string="Field", compute="_compute_label")
    value = fields.Json(string="Stored value", readonly=True)
    display_value = fields.Text(string="Value", readonly=True)
    currency_id = fields.Many2one(
        "res.currency",
        readonly=True,
        help="Of an amount: the currency of the company that it was said for.",
    )
    file = fields.Binary(attachment=True, readonly=True)
    source_res_id = fields.Integer(string="Number", readonly=True, aggregator=None)
    source_name = fields.Char(string="From", readonly=True)
    source_date = fields.Datetime(string="Dated", readonly=True)
    # Whose data it is: see `crm.lead.journal._find_emails`.
    email = fields.Char(readonly=True)
    partner_id = fields.Many2one("res.partner", index="btree_not_null", readonly=True)

    @api.depends("field_name", "value")
    @api.depends_context("lang")
    def _compute_label(self):
        facts = self.env["crm.lead.merge.fields"]
        for value in self:
            names = facts._get_said(value.field_name, value.value)
            labels = map(self._get_label, names or [value.field_name])
            value.label = ", ".join(labels)

    @api.model
    def _get_label(self, field_name):
        """Return how users know the field, or the property of a channel.

        :param str field_name: name of the field, or ``lead_properties.<property>``
        """
        name, _dot, property_name = field_name.partition(".")
        if property_name:
            # sudo: labels of another channel's properties, and nothing else
            definitions = (
                self.env["crm.team"]
                .sudo()
                .search([("lead_properties_definition", "!=", False)])
            )
            for one in definitions.mapped("lead_properties_definition"):
                for definition in one:
                    if definition["name"] == property_name:
                        return definition.get("string") or property_name
            return property_name
        if name == "leads":  # what a plan decides besides fields
            return self.env._("Records to merge")
        field = self.env["crm.lead"]._fields.get(name)
        return field._description_string(self.env) if field else name

    # ------------------------------------------------------------
    # Rights: as on the field itself
    # ------------------------------------------------------------

    @api.model
    def _get_readable_domain(self):
        hidden = self.env["crm.lead.merge.fields"]._get_hidden_fields()
        domain = super()._get_readable_domain() & Domain("field_name", "not in", hidden)
        if "lead_properties" in hidden:
            domain &= Domain("field_name", "not =like", "lead_properties.%")
        return domain

    def _filter_readable(self):
        facts = self.env["crm.lead.merge.fields"]
        hidden = facts._get_hidden_fields()
        # sudo: to tell whether the row may be read
        return (
            super()
            ._filter_readable()
            .filtered(
                lambda value: not facts._is_hidden(value.sudo().field_name, hidden)
            )
        )

    # ------------------------------------------------------------
    # Setting aside, and taking after all
    # ------------------------------------------------------------

    def action_take(self):
        """Put this value on the lead; the one that was there is set aside instead."""
        check_records(self, "read")
        for value in self:
            lead = value.lead_id
            lead.check_access("write")
            if field := lead._fields.get(value.field_name.partition(".")[0]):
                lead._check_field_access(field, "write")
            taking = Taking(value)
            taking.check()
            # sudo: nobody may write these rows, or the journal, but the engine
            engine = value.sudo()
            try:
                with (
                    self.env.cr.savepoint(),
                    engine.merge_id.journal_id._adopting("crm_lead", lead.id),
                ):
                    present = taking.swap()
            except (UniqueViolation, ExclusionViolation) as error:
                check = self.env["crm.lead.merge.check"]
                raise MergeRefused(check._explain_held(error, lead)) from error
            engine.write(present)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    @api.model
    def _set_aside(self, plans):
        """Keep the values that plans set aside, one row each.

        :param plans: {merge: its plan, not carried out yet}
        """
        leads = self.env["crm.lead"].browse(
            lead_id
            for plan in plans.values()
            for lead_id in (plan.survivor_id, *plan.source_ids)
        )
        # sudo: what the user may not see is set aside all the same, and stays hidden
        by_id = {lead.id: lead for lead in leads.sudo()}
        rows = [
            self._prepare_vals(merge, decision.field, by_id[one.lead_id], one.value)
            for merge, plan in plans.items()
            for decision in plan.decisions
            for one in decision.set_aside
        ]
        self._insert(rows)

    @api.model
    def _insert(self, rows):
        """Store what `_prepare_vals` returns, one dict a row."""
        if not rows:
            return
        # Raw SQL: one query, where the ORM takes one for each hundred values; several
        # where values are larger than the database takes in one.
        for part in self._split([json.dumps(row, default=str) for row in rows]):
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO crm_lead_merge_value
                           (%(columns)s, create_uid, create_date)
                    SELECT %(columns)s, %(uid)s, %(now)s
                      FROM jsonb_populate_recordset(
                           NULL::crm_lead_merge_value, %(rows)s)
                    """,
                    columns=SQL(", ").join(map(SQL.identifier, rows[0])),
                    uid=self.env.uid,
                    now=self.env.cr.now(),
                    rows=f"[{', '.join(part)}]",
                )
            )
        self.env["crm.lead.merge"].invalidate_model(["value_ids"], flush=False)
        self.env["crm.lead"].invalidate_model(["merged_value_ids"], flush=False)

    @api.model
    def _split(self, texts):
        """Yield lists of `texts`, none of which is longer than `LARGEST` altogether but
        for its last text."""
        part, size = [], 0
        for text in texts:
            part.append(text)
            size += len(text)
            if size >= LARGEST:
                yield part
                part, size = [], 0
        if part:
            yield part

    @api.model
    def _prepare_vals(self, merge, field_name, lead, value):
        """Return the row of a value of `lead` that loses in a merge."""
        text = Display(self.env).to_text(field_name, lead, value)
        return {
            **self._prepare_said(field_name, lead, value, text),
            "merge_id": merge.id,
            "lead_id": merge.survivor_res_id,
            "field_name": field_name,
            "source_date": lead.create_date or None,
        }

    @api.model
    def _prepare_said(self, field_name, lead, value, text):
        """Return what a row holds of the value, and of the lead that says it.

        :param text: the value as people read it, to its end
        """
        return {
            **self._prepare_person(field_name, value, text),
            "value": self._to_json(value),
            "display_value": Display(self.env).shorten(field_name, text),
            "currency_id": self._get_amount_currency(field_name, lead).id or None,
            "source_res_id": lead.id,
            "source_name": lead._get_shown_name(),
        }

    @api.model
    def _prepare_person(self, field_name, value, text):
        """Return which e-mail addresses and which customer the value names.

        :param text: the value as people read it, to its end
        """
        field = self.env["crm.lead"]._fields.get(field_name)
        is_customer = field is not None and field.comodel_name == "res.partner"
        is_id = type(value) is int  # one of each company, where the field has that
        return {
            "email": ", ".join(find_written(text or "")) or None,
            "partner_id": value if is_customer and is_id else None,
        }

    @api.model
    def _get_amount_currency(self, field_name, lead):
        """Return the currency of an amount that follows the company of its lead."""
        facts = self.env["crm.lead.merge.fields"]
        amounts = dict(facts._get_company_amount_fields())
        if "." in field_name:
            amounts = facts._get_company_amounts(lead)
        if field_name not in amounts:
            return self.env["res.currency"]
        return get_currency(lead)

    @api.model
    def _to_json(self, value):
        if isinstance(value, date):
            is_time = hasattr(value, "hour")
            return fields.Datetime.to_string(value) if is_time else str(value)
        return value.decode() if isinstance(value, bytes) else value
