import json
from datetime import date

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date, format_datetime
from odoo.tools.mail import email_re, html2plaintext


class CrmLeadMergeValue(models.Model):
    """One value that lost in a merge: kept at hand, and taken after all with a
    click."""

    _name = "crm.lead.merge.value"
    _inherit = ["crm.lead.journal.guard"]
    _description = "Merged Information"
    _order = "merge_id desc, id"

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
    file = fields.Binary(attachment=True, readonly=True)
    source_res_id = fields.Integer(string="Number", readonly=True, aggregator=None)
    source_name = fields.Char(string="From", readonly=True)
    source_date = fields.Datetime(string="Dated", readonly=True)
    # Whose data it is: see `crm.lead.journal._journal_find_emails`.
    email = fields.Char(readonly=True)
    partner_id = fields.Many2one("res.partner", index="btree_not_null", readonly=True)

    @api.depends("field_name")
    @api.depends_context("lang")
    def _compute_label(self):
        for value in self:
            value.label = self._get_label(value.field_name, value.lead_id)

    @api.model
    def _get_label(self, field_name, lead=None):
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
    def _get_hidden_fields(self):
        """The fields of a lead that the user may not see."""
        Lead = self.env["crm.lead"]
        return [
            name
            for name, field in Lead._fields.items()
            if field.groups and not Lead._has_field_access(field, "read")
        ]

    @api.model
    def _get_grouped_fields(self):
        """The fields that not everybody sees: what they hold is no chatter."""
        fields_of_lead = self.env["crm.lead"]._fields.items()
        return {name for name, field in fields_of_lead if field.groups}

    @api.model
    def _search(self, domain, *args, **kwargs):
        if not self.env.su:
            domain = Domain(domain) & Domain(
                "field_name", "not in", self._get_hidden_fields()
            )
        return super()._search(domain, *args, **kwargs)

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if result or self.env.su:
            return result
        hidden = set(self._get_hidden_fields())
        # sudo: to tell whether the row may be read
        forbidden = self.filtered(lambda one: one.sudo().field_name in hidden)
        if forbidden:
            return forbidden, lambda: forbidden._make_access_error(operation)
        return None

    def _make_access_error(self, operation):
        return self.env["ir.rule"]._make_access_error(operation, self)

    # ------------------------------------------------------------
    # Business
    # ------------------------------------------------------------

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
        # Raw SQL: one query, where the ORM takes one for each hundred values.
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_lead_merge_value (%(columns)s, create_uid, create_date)
                SELECT %(columns)s, %(uid)s, %(now)s
                  FROM jsonb_populate_recordset(NULL::crm_lead_merge_value, %(rows)s)
                """,
                columns=SQL(", ").join(map(SQL.identifier, rows[0])),
                uid=self.env.uid,
                now=self.env.cr.now(),
                rows=json.dumps(rows, default=str),
            )
        )
        self.env["crm.lead.merge"].invalidate_model(["value_ids"], flush=False)
        self.env["crm.lead"].invalidate_model(["merged_value_ids"], flush=False)

    @api.model
    def _prepare_vals(self, merge, field_name, lead, value):
        display_value = self._display(field_name, lead, value)
        return {
            **self._prepare_person(field_name, value, display_value),
            "merge_id": merge.id,
            "lead_id": merge.survivor_res_id,
            "field_name": field_name,
            "value": self._to_json(value),
            "display_value": display_value,
            "source_res_id": lead.id,
            "source_name": lead.name,
            "source_date": lead.create_date,
        }

    @api.model
    def _prepare_person(self, field_name, value, display_value):
        """Return which e-mail addresses and which customer the value names."""
        field = self.env["crm.lead"]._fields.get(field_name)
        is_customer = field is not None and field.comodel_name == "res.partner"
        is_id = type(value) is int  # one of each company, where the field has that
        return {
            "email": ", ".join(email_re.findall(display_value or "")) or None,
            "partner_id": value if is_customer and is_id else None,
        }

    @api.model
    def _to_json(self, value):
        if isinstance(value, date):
            is_time = hasattr(value, "hour")
            return fields.Datetime.to_string(value) if is_time else str(value)
        return value.decode() if isinstance(value, bytes) else value

    @api.model
    def _display(self, field_name, lead, value):
        """Return `value` as people read it."""
        field = lead._fields.get(field_name)
        if field is None:
            return self._display_property(field_name, lead, value)
        if isinstance(value, dict):
            part = self.env.company.id if field.company_dependent else self.env.lang
            if field.company_dependent and not value.get(str(part)):
                return self.env._("Of another company")
            value = value.get(str(part)) or next(iter(value.values()))
        if field.type == "binary":
            is_file = field.attachment
            # sudo: the name of a file that is a value of the lead
            file = self.env["ir.attachment"].sudo().browse(is_file and value)
            return file.name or self.env._("File")
        if field.type == "many2one":
            # sudo: as core, which shows the name of a value to who may read the record
            return self.env[field.comodel_name].sudo().browse(value).display_name
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, value)
        if field.type == "html":
            return html2plaintext(value or "").strip()
        formats = {
            "date": lambda: format_date(self.env, value),
            "datetime": lambda: format_datetime(self.env, value),
            "monetary": lambda: lead.company_currency.format(value),
        }
        return formats.get(field.type, lambda: str(value))()

    @api.model
    def _display_property(self, field_name, lead, value):
        """Return the value of a property as people read it."""
        definitions = {
            one["name"]: one for one in lead.team_id.lead_properties_definition or ()
        }
        definition = definitions.get(field_name.partition(".")[2], {})
        if definition.get("type") in ("many2one", "many2many"):
            # not as the superuser: as in core, whoever may write a property could name
            # any record to learn what it is called
            records = self.env[definition["comodel"]].sudo(False).browse(value).exists()
            known = records._filtered_access("read")
            return ", ".join(
                one.display_name if one in known else "…" for one in records
            )
        options = {
            option[0]: option[1]
            for option in definition.get(definition.get("type"), ())
        }
        values = value if isinstance(value, list) else [value]
        return ", ".join(str(options.get(one, one)) for one in values)
