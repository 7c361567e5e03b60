import json

from odoo import api, models, tools
from odoo.tools import is_html_empty

from ...engine.limits import ADDRESSES
from ...engine.survivorship import Bundle
from ...references import catalogue
from ..common.typed_text import normalize_email, to_words
from .files import find_files

#: Fields about the record itself, not about the prospect.
TECHNICAL_FIELDS = frozenset(
    {
        "id",
        "create_uid",
        "create_date",
        "write_uid",
        "write_date",
        "lead_properties",
        "parent_path",  # of whatever the lead's parent is
    }
)
#: What a currency field of leads is called, or related to, whose currency is the one of
#: the lead's company: it is not chosen, so that amounts are converted.
COMPANY_CURRENCY = ("company_currency", "company_id.currency_id")


class CrmLeadMergeFields(models.AbstractModel):
    """The fields of a lead as merging sees them: which there are of each kind, how
    their values are read in one form, compared, and written in the form that each of
    them needs. How each is decided is said by `crm.lead.merge.planner`."""

    _name = "crm.lead.merge.fields"
    _description = "Fields of Merged Leads"

    # ------------------------------------------------------------
    # Read, compare, write
    # ------------------------------------------------------------

    @api.model
    def _read_values(self, leads):
        """Return {lead id: {field: value}}, in the form in which they are written."""
        # sudo: what the user may not see is decided about all the same
        columns = leads.sudo()._read_columns(self._get_column_fields())
        names = self._get_plain_fields()
        all_values = {}
        for lead in leads.sudo():
            values = {
                name: lead._fields[name].convert_to_write(lead[name], lead)
                for name in names
            }
            for name in self._get_html_fields():
                if is_html_empty(values[name]):
                    values[name] = False
            if lead.is_automated_probability:
                # a computed probability is nothing that somebody said
                values["probability"] = False
            all_values[lead.id] = {**values, **columns[lead.id]}
        for lead_id, names in self._find_untyped(leads).items():
            all_values[lead_id].update(dict.fromkeys(names))
        return all_values

    @api.model
    def _to_write(self, values):
        """Return the values of a plan that the ORM writes; files move by SQL, each
        property is part of its field, and totals that nobody typed are computed."""
        apart = {*self._get_file_fields(), *self._get_column_fields()}
        totals = self._get_total_fields()
        return {
            name: value
            for name, value in values.items()
            if name not in apart
            and "." not in name
            and not (
                # computed, see `Applying`
                name == "probability" and value is False
            )
            and not (value is None and name in totals)
        }

    @api.model
    def _to_columns(self, values):
        """Return the values of a plan that are written as they are stored."""
        names = self._get_column_fields()
        return {name: values[name] for name in names if name in values}

    @api.model
    def _get_key(self, name, leads):
        """Return the function that tells which values of a field are equal."""
        field = self.env["crm.lead"]._fields[name]
        if name == "email_from":
            return lambda value: (
                (len(value) <= ADDRESSES and normalize_email(value))
                or value.strip().lower()
            )
        if name == "phone":
            sanitized = {lead.phone: lead.phone_sanitized for lead in leads}
            return lambda value: (
                sanitized.get(value) or "".join(filter(str.isdigit, value))
            )
        if field.type == "html":
            return to_words
        if field.type in ("char", "text"):
            return lambda value: " ".join(value.split()).casefold()
        if field.type == "json":
            return lambda value: json.dumps(value, sort_keys=True)
        return lambda value: value

    # ------------------------------------------------------------
    # Fields that hold a value
    # ------------------------------------------------------------

    @api.model
    @tools.ormcache()
    def _get_plain_fields(self):
        """The stored fields that hold a value of the lead itself: not what is computed
        from others and cannot be edited, not links that the ledger moves."""
        return tuple(
            name
            for name, field in self.env["crm.lead"]._fields.items()
            if field.store
            and field.column_type
            and name not in TECHNICAL_FIELDS
            and name not in self._get_column_fields()
            and not (field.compute and field.readonly)
        )

    @api.model
    @tools.ormcache()
    def _get_column_fields(self):
        """The fields of which the ORM would show one part only: those with a value for
        each language or company, and the properties. Their values are {part: value}."""
        return tuple(
            name
            for name, field in self.env["crm.lead"]._fields.items()
            if field.store
            and field.column_type
            and (
                field.translate or field.company_dependent or field.type == "properties"
            )
        )

    @api.model
    @tools.ormcache()
    def _get_html_fields(self):
        return tuple(
            name
            for name in self._get_plain_fields()
            if self.env["crm.lead"]._fields[name].type == "html"
        )

    @api.model
    @tools.ormcache()
    def _get_unique_fields(self):
        """The fields whose value one record has and no other, such as a number: what a
        merged record had stays its own, and is set aside. Of a number that counts
        within something, such as a company, it is the number."""
        fields = self.env["crm.lead"]._fields
        own = set()
        # Raw SQL: the catalogue of the database has no model.
        for (columns,) in self.env.execute_query(
            catalogue.list_unique_columns("crm_lead")
        ):
            known = [name for name in columns if name in fields]
            numbers = [
                name for name in known if fields[name].type in catalogue.NUMBER_TYPES
            ]
            own.update(numbers or known)
        return frozenset(own)

    # ------------------------------------------------------------
    # Fields that the user may not see
    # ------------------------------------------------------------

    @api.model
    def _get_hidden_fields(self):
        """The fields of a lead that the user may not see, or that are one value with
        one."""
        return self._join_units(self.env["crm.lead"]._get_hidden_fields())

    @api.model
    def _get_grouped_fields(self):
        """The fields that not everybody sees: what they hold is no chatter."""
        fields_of_lead = self.env["crm.lead"]._fields.items()
        return self._join_units(name for name, field in fields_of_lead if field.groups)

    @api.model
    def _join_units(self, field_names):
        """Return the names of the fields, and of those that are one value with one."""
        names = set(field_names)
        for bundle in self.env["crm.lead.merge.planner"]._get_bundles():
            if bundle.unit and not names.isdisjoint(bundle.fields):
                names.update(bundle.fields)
        return names

    @api.model
    def _is_hidden(self, field_name, hidden):
        """Return whether a field, or a property, is among the fields `hidden`."""
        return field_name.partition(".")[0] in hidden

    # ------------------------------------------------------------
    # Values that mean nothing without another one: an amount without its currency, an
    # id without its model
    # ------------------------------------------------------------

    @api.model
    @tools.ormcache()
    def _get_unit_bundles(self):
        """Return one bundle for each currency field, or field with a model, that leads
        have of their own: what is bound to it, then the field itself."""
        Lead = self.env["crm.lead"]
        names = self._get_plain_fields()
        bound = {}
        for name in names:
            field = Lead._fields[name]
            if field.type == "monetary":
                bound.setdefault(field.get_currency_field(Lead), []).append(name)
            elif field.type == "many2one_reference":
                bound.setdefault(field.model_field, []).append(name)
        return tuple(
            Bundle(fields[0], (*fields, unit), unit=unit)
            for unit, fields in bound.items()
            if unit in names
        )

    @api.model
    def _get_unit_bundle(self, field_name):
        """Return the bundle with a unit that the field belongs to, or None."""
        for bundle in self.env["crm.lead.merge.planner"]._get_bundles():
            if bundle.unit and field_name in bundle.fields:
                return bundle
        return None

    @api.model
    def _get_said(self, field_name, value):
        """Return the fields that a value with a unit is about: those that are said of
        them, or the unit where it is all that is said; none of another value."""
        bundle = self._get_unit_bundle(field_name)
        if not bundle or not isinstance(value, dict):
            return []
        names = [name for name in bundle.fields if name in value]
        return [name for name in names if name != bundle.unit] or names

    @api.model
    def _get_company_amounts(self, leads):
        """Return {field, or ``lead_properties.<property>``: its currency field} of the
        amounts whose currency is the one of the lead's company."""
        amounts = dict(self._get_company_amount_fields())
        # sudo: the channels of the leads, which not every salesperson may read
        for definition in leads.sudo().team_id.mapped("lead_properties_definition"):
            for one in definition:
                currency_field = one.get("currency_field")
                if one["type"] == "monetary" and self._is_of_company(currency_field):
                    amounts[f"lead_properties.{one['name']}"] = currency_field
        return amounts

    @api.model
    @tools.ormcache()
    def _get_company_amount_fields(self):
        """((field, its currency field), …), without the properties."""
        Lead = self.env["crm.lead"]
        return tuple(
            (name, currency_field)
            for name in self._get_plain_fields()
            if (field := Lead._fields[name]).type == "monetary"
            and self._is_of_company(currency_field := field.get_currency_field(Lead))
        )

    @api.model
    def _is_of_company(self, currency_field):
        """Return whether a currency field is bound to the company of the lead."""
        field = self.env["crm.lead"]._fields.get(currency_field)
        return currency_field in COMPANY_CURRENCY or (
            field is not None and field.related in COMPANY_CURRENCY
        )

    # ------------------------------------------------------------
    # Fields that can point to a lead
    # ------------------------------------------------------------

    @api.model
    @tools.ormcache()
    def _get_reference_fields(self):
        """The fields whose value alone says to which lead it points."""
        names = (*self._get_plain_fields(), *self._get_column_fields())
        return tuple(
            name
            for name in names
            if (field := self.env["crm.lead"]._fields[name]).type == "reference"
            or (field.type == "many2one" and field.comodel_name == "crm.lead")
        )

    @api.model
    def _get_reference_units(self):
        """{field with an id: field with its model}"""
        fields = self.env["crm.lead"]._fields
        return {
            name: bundle.unit
            for bundle in self.env["crm.lead.merge.planner"]._get_bundles()
            for name in bundle.fields
            if bundle.unit and fields[name].type == "many2one_reference"
        }

    @api.model
    def _get_reference_properties(self, leads):
        """The names of the properties that point to leads."""
        # sudo: the channels of the leads, which not every salesperson may read
        definitions = leads.sudo().team_id.mapped("lead_properties_definition")
        return {
            one["name"]
            for definition in definitions
            for one in definition
            if one.get("comodel") == "crm.lead"
        }

    @api.model
    @tools.ormcache()
    def _get_hierarchies(self):
        """The fields to a lead that have a rule of their own, as those have by which
        leads are above and below each other."""
        Lead = self.env["crm.lead"]
        ruled = {name for rule in Lead._constraint_methods for name in rule._constrains}
        if Lead._parent_store:
            ruled.add(Lead._parent_name)
        return tuple(
            name
            for name in self._get_plain_fields()
            if name in ruled
            and Lead._fields[name].type == "many2one"
            and Lead._fields[name].comodel_name == "crm.lead"
        )

    @api.model
    @tools.ormcache()
    def _get_self_links(self):
        """The many2many fields between leads; of two that show one table from either
        side, the first."""
        fields = {}
        for name, field in self.env["crm.lead"]._fields.items():
            if (
                field.type == "many2many"
                and field.store
                and field.comodel_name == "crm.lead"
            ):
                fields.setdefault(field.relation, name)
        return tuple(fields.values())

    # ------------------------------------------------------------
    # Files
    # ------------------------------------------------------------

    @api.model
    def _find_files(self, leads):
        """Return the files of the leads, see `find_files`; nothing is asked where leads
        have no such fields."""
        return find_files(leads) if self._get_stored_files() else {}

    @api.model
    @tools.ormcache()
    def _get_stored_files(self):
        """The fields whose values are attachments, also what is computed."""
        return tuple(
            name
            for name, field in self.env["crm.lead"]._fields.items()
            if field.store and field.type == "binary" and field.attachment
        )

    @api.model
    @tools.ormcache()
    def _get_file_fields(self):
        """Those of them that people fill."""
        fields_of_lead = self.env["crm.lead"]._fields
        return tuple(
            name
            for name in self._get_stored_files()
            if not (fields_of_lead[name].compute and fields_of_lead[name].readonly)
        )

    @api.model
    def _get_file_group(self, name):
        """Return the field, and those with files that are computed from it, such as an
        image in other sizes."""
        registry = self.env.registry
        dependent = registry.get_dependent_fields(self.env["crm.lead"]._fields[name])
        computed = {*self._get_stored_files()} - {*self._get_file_fields()}
        names = [one.name for one in dependent if one.model_name == "crm.lead"]
        return [name, *(one for one in names if one in computed)]

    # ------------------------------------------------------------
    # Totals: fields that people may type over, and that are computed from lines
    # otherwise. Nobody said what was computed; the result computes it anew
    # ------------------------------------------------------------

    @api.model
    @tools.ormcache()
    def _get_total_fields(self):
        """The editable fields that are computed from several other records, but for
        those that a rule or a bundle decides."""
        planner = self.env["crm.lead.merge.planner"]
        bundled = {name for bundle in planner._get_bundles() for name in bundle.fields}
        decided = bundled | planner._get_field_rules().keys()
        return tuple(
            name
            for name in self._get_plain_fields()
            if name not in decided and self._is_total(name)
        )

    @api.model
    def _is_total(self, name):
        field = self.env["crm.lead"]._fields[name]
        if not field.compute or field.readonly:
            return False
        for path in self.env.registry.field_depends[field]:
            model = self.env["crm.lead"]
            for step in path.split("."):
                hop = model._fields.get(step)
                if hop is None or not hop.relational:
                    break
                if hop.type in ("one2many", "many2many"):
                    return True
                model = self.env[hop.comodel_name]
        return False

    @api.model
    def _find_untyped(self, leads):
        """Return {lead id: names of the totals that say what is computed now}."""
        untyped = {lead.id: set() for lead in leads}
        names = self._get_total_fields()
        if not names:
            return untyped
        # sudo: whatever the totals are computed from, whoever may see it
        leads = leads.sudo()
        copies = {lead: lead.new(origin=lead) for lead in leads}  # nothing is written
        together = leads.browse().union(*copies.values())
        for name in names:
            field = leads._fields[name]
            field.compute_value(together)
            for lead, copy in copies.items():
                if self._is_equal(field, lead[name], copy[name]):
                    untyped[lead.id].add(name)
        return untyped

    @api.model
    def _is_equal(self, field, value, computed):
        if field.type in ("float", "monetary"):
            return tools.float_compare(value, computed, precision_digits=2) == 0
        if field.type == "many2one":
            return value == computed._origin
        return value == computed
