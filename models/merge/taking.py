from odoo import fields
from odoo.exceptions import UserError

from .amounts import get_currency
from .display import Display
from .files import MergedFiles


class Taking:
    """Puts a value that was set aside, or a file, on its lead after all; the one that
    was there is set aside instead.

    :param value: the `crm.lead.merge.value`
    """

    def __init__(self, value):
        self.env = value.env
        self.value = value
        self.lead = value.lead_id
        self.fields = self.env["crm.lead.merge.fields"]
        self.name, _dot, self.property_name = value.field_name.partition(".")

    def check(self):
        """Refuse a value that has been deleted since it was set aside, one that would
        let the lead point to itself, and one that the lead has no place for.

        :raise UserError: naming it
        """
        if self.property_name:
            self._check_defined()
        targets = self._get_targets()
        # sudo: which records were merged with it, whoever may read them
        merged = self.value.merge_id.sudo().source_ids.mapped("source_res_id")
        own = self.env["crm.lead"].browse([self.lead.id, *merged]).sudo()
        if any(target._name == "crm.lead" and target & own for target in targets):
            raise UserError(
                self.env._(
                    "‘%(value)s’ is part of this record now, which cannot point to "
                    "itself (%(field)s). Undo the merge to have both again.",
                    value=self.value.display_value,
                    field=self.value.label,
                )
            )
        if any(target != target.exists() for target in targets):
            raise UserError(
                self.env._(
                    "‘%(value)s’ has been deleted since (%(field)s). Choose another "
                    "one on the record itself.",
                    value=self.value.display_value,
                    field=self.value.label,
                )
            )

    def _get_targets(self):
        """Return the records that the value points to, of each field by themselves; of
        a property, the leads only."""
        Lead = self.env["crm.lead"]
        name, value = self.name, self.value.value
        if self.property_name:
            properties = self.fields._get_reference_properties(self.lead)
            is_lead = self.property_name in properties
            said = {self.property_name: (Lead._name, value)} if is_lead else {}
        else:
            values = value if self.fields._get_said(name, value) else {name: value}
            said = {
                key: (field.comodel_name or values.get(field.model_field), one)
                for key, one in values.items()
                if (field := Lead._fields.get(key)) is not None
                and field.type in ("many2one", "many2many", "many2one_reference")
            }
        field = Lead._fields.get(name)
        if field is not None and field.type == "reference" and value:
            model, _comma, res_id = value.partition(",")
            said[name] = (model, int(res_id))
        targets = []
        for model, ids in said.values():
            ids = [*ids.values()] if isinstance(ids, dict) else ids
            ids = ids if isinstance(ids, list) else [ids]
            if model in self.env and any(ids):
                # sudo: only whether they are there
                targets.append(self.env[model].sudo().browse(filter(None, ids)))
        return targets

    def _check_defined(self):
        """Refuse a property that the team of the lead does not define: nobody would see
        it there, and the next change of the lead would drop it."""
        # sudo: which properties the team has, and its name, as core shows it
        team = self.lead.sudo().team_id
        definitions = team.lead_properties_definition or ()
        if any(one["name"] == self.property_name for one in definitions):
            return
        raise UserError(
            self.env._(
                "‘%(value)s’ has no place on this record: its sales team (%(team)s) "
                "has no property ‘%(field)s’. Move the record to the team that has "
                "it, or add the property to this team, then take the value.",
                value=self.value.display_value,
                team=team.display_name or "–",
                field=self.value.label,
            )
        )

    def swap(self):
        """Write the value to the lead; return what its row has to hold from now on."""
        # sudo: whoever sees this value may see the field, and he may change the lead
        lead = self.lead.sudo()
        said = self.fields._read_values(lead)[lead.id]
        present = self._write(lead, said, self._get_amount())
        name = self.value.field_name
        text = Display(self.env).to_text(name, lead, present) if present else ""
        return {
            **self.value._prepare_said(name, lead, present, text),
            "source_date": fields.Datetime.now(),
        }

    def _write(self, lead, said, new):
        """Write `new` to the lead; return what was there.

        :param said: {field: value} of the lead
        """
        name, property_name, facts = self.name, self.property_name, self.fields
        if property_name:
            present = said["lead_properties"].get(property_name)
            lead._write_columns(
                {"lead_properties": {**said["lead_properties"], property_name: new}}
            )
        elif name in facts._get_file_fields():
            merge = self.value.merge_id.sudo()  # sudo: written by the engine alone
            present = MergedFiles(merge).swap(self.value, lead, name)
        elif name in facts._get_column_fields():
            present = said[name]
            kept = present if lead._fields[name].company_dependent else {}
            lead._write_columns({name: {**kept, **new}})
        elif self._has_unit():
            bundle = facts._get_unit_bundle(name)
            present = {one: said[one] for one in bundle.fields if said[one]}
            new = {one: (new or {}).get(one, False) for one in bundle.fields}
            lead._write_apart_from_customer(new)
        else:
            present = said[name]
            lead._write_apart_from_customer({name: new})
        return present

    def _has_unit(self):
        """Return whether the value is one with its unit; one that was set aside by an
        earlier version may be without."""
        value = self.value.value
        bundle = self.fields._get_unit_bundle(self.value.field_name)
        return bool(bundle) and (not value or isinstance(value, dict))

    def _get_amount(self):
        """Return the value; an amount in the currency of the lead's company."""
        value, currency = self.value.value, self.value.currency_id
        is_foreign = currency and currency != get_currency(self.lead)
        if not (is_foreign and isinstance(value, int | float) and value):
            return value
        company = self.lead.company_id or self.env.company
        return currency._convert(value, get_currency(self.lead), company)
