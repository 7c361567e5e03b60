from psycopg2.errors import ExclusionViolation, UniqueViolation

from odoo import fields, models
from odoo.exceptions import UserError

from ...exceptions import MergeRefused
from ..common.arguments import check_records


class CrmLeadMergeValue(models.Model):
    """How a value that was set aside, or a file, gets onto the lead after all."""

    _inherit = "crm.lead.merge.value"

    def action_take(self):
        """Put this value on the lead; the one that was there is set aside instead."""
        check_records(self, "read")
        for value in self:
            lead = value.lead_id
            lead.check_access("write")
            if field := lead._fields.get(value.field_name.partition(".")[0]):
                lead._check_field_access(field, "write")
            value._check_there()
            # sudo: nobody may write these rows, or the journal, but the engine
            engine = value.sudo()
            try:
                with (
                    self.env.cr.savepoint(),
                    engine.merge_id.journal_id._adopting("crm_lead", lead.id),
                ):
                    present = value._swap(lead)
            except (UniqueViolation, ExclusionViolation) as error:
                check = self.env["crm.lead.merge.check"]
                raise MergeRefused(check._explain_held(error, lead)) from error
            engine.write(present)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _check_there(self):
        """Refuse a value that has been deleted since it was set aside, one that would
        let the lead point to itself, and one that the lead has no place for.

        :raise UserError: naming it
        """
        _name, _dot, property_name = self.field_name.partition(".")
        if property_name:
            self._check_defined(property_name)
        targets = self._get_targets()
        # sudo: which records were merged with it, whoever may read them
        merged = self.merge_id.sudo().source_ids.mapped("source_res_id")
        own = self.env["crm.lead"].browse([self.lead_id.id, *merged]).sudo()
        if any(target._name == "crm.lead" and target & own for target in targets):
            raise UserError(
                self.env._(
                    "‘%(value)s’ is part of this record now, which cannot point to "
                    "itself (%(field)s). Undo the merge to have both again.",
                    value=self.display_value,
                    field=self.label,
                )
            )
        if any(target != target.exists() for target in targets):
            raise UserError(
                self.env._(
                    "‘%(value)s’ has been deleted since (%(field)s). Choose another "
                    "one on the record itself.",
                    value=self.display_value,
                    field=self.label,
                )
            )

    def _get_targets(self):
        """Return the records that the value points to, of each field by themselves; of
        a property, the leads only."""
        Lead = self.env["crm.lead"]
        name, _dot, property_name = self.field_name.partition(".")
        if property_name:
            planner = self.env["crm.lead.merge.planner"]
            is_lead = property_name in planner._get_reference_properties(self.lead_id)
            said = {property_name: (Lead._name, self.value)} if is_lead else {}
        else:
            values = {name: self.value}
            if self._get_said(name, self.value):
                values = self.value
            said = {
                name: (field.comodel_name or values.get(field.model_field), value)
                for name, value in values.items()
                if (field := Lead._fields.get(name)) is not None
                and field.type in ("many2one", "many2many", "many2one_reference")
            }
        field = Lead._fields.get(name)
        if field is not None and field.type == "reference" and self.value:
            model, _comma, res_id = self.value.partition(",")
            said[name] = (model, int(res_id))
        targets = []
        for model, value in said.values():
            ids = [*value.values()] if isinstance(value, dict) else value
            ids = ids if isinstance(ids, list) else [ids]
            if model in self.env and any(ids):
                # sudo: only whether they are there
                targets.append(self.env[model].sudo().browse(filter(None, ids)))
        return targets

    def _check_defined(self, property_name):
        """Refuse a property that the team of the lead does not define: nobody would see
        it there, and the next change of the lead would drop it."""
        # sudo: which properties the team has, and its name, as core shows it
        team = self.lead_id.sudo().team_id
        definitions = team.lead_properties_definition or ()
        if any(one["name"] == property_name for one in definitions):
            return
        raise UserError(
            self.env._(
                "‘%(value)s’ has no place on this record: its sales team (%(team)s) "
                "has no property ‘%(field)s’. Move the record to the team that has "
                "it, or add the property to this team, then take the value.",
                value=self.display_value,
                team=team.display_name or "–",
                field=self.label,
            )
        )

    def _swap(self, lead):
        """Write this value to `lead`; return what this row has to hold from now on."""
        planner = self.env["crm.lead.merge.planner"]
        # sudo: whoever sees this value may see the field, and he may change the lead
        lead = lead.sudo()
        name, _dot, property_name = self.field_name.partition(".")
        said = planner._read_values(lead)[lead.id]
        new = self._get_amount(lead)
        if property_name:
            present = said["lead_properties"].get(property_name)
            lead._write_columns(
                {"lead_properties": {**said["lead_properties"], property_name: new}}
            )
        elif name in planner._get_file_fields():
            present = self._swap_files(lead, name)
        elif name in planner._get_column_fields():
            present = said[name]
            kept = present if lead._fields[name].company_dependent else {}
            lead._write_columns({name: {**kept, **new}})
        elif self._has_unit():
            bundle = planner._get_unit_bundle(name)
            present = {one: said[one] for one in bundle.fields if said[one]}
            new = {one: (new or {}).get(one, False) for one in bundle.fields}
            lead._write_apart_from_customer(new)
        else:
            present = said[name]
            lead._write_apart_from_customer({name: new})
        text = self._to_text(self.field_name, lead, present) if present else ""
        return {
            **self._prepare_person(self.field_name, present, text),
            "value": self._to_json(present),
            "display_value": self._shorten(self.field_name, text),
            "currency_id": self._get_amount_currency(self.field_name, lead).id,
            "source_res_id": lead.id,
            "source_name": lead._get_shown_name(),
            "source_date": fields.Datetime.now(),
        }

    def _has_unit(self):
        """Return whether the value is one with its unit; one that was set aside by an
        earlier version may be without."""
        bundle = self.env["crm.lead.merge.planner"]._get_unit_bundle(self.field_name)
        return bool(bundle) and (not self.value or isinstance(self.value, dict))

    def _get_amount(self, lead):
        """Return the value; an amount in the currency of the lead's company."""
        planner = self.env["crm.lead.merge.planner"]
        currency = planner._get_currency(lead)
        is_foreign = self.currency_id and self.currency_id != currency
        if not (is_foreign and isinstance(self.value, int | float) and self.value):
            return self.value
        company = lead.company_id or self.env.company
        return self.currency_id._convert(self.value, currency, company)
