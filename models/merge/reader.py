from odoo import api, models, tools
from odoo.tools import is_html_empty

# Fields about the record itself, not about the prospect.
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


class CrmLeadMergePlanner(models.AbstractModel):
    """The values that a plan is about: which fields there are, read in one form and
    written in the form that each of them needs."""

    _inherit = "crm.lead.merge.planner"

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
        return all_values

    @api.model
    def _to_write(self, values):
        """Return the values of a plan that the ORM writes; files move by SQL, and each
        property is part of its field."""
        apart = {*self._get_file_fields(), *self._get_column_fields()}
        return {
            name: value
            for name, value in values.items()
            if name not in apart
            and "." not in name
            and not (
                # computed, see `_write_survivor`
                name == "probability" and value is False
            )
        }

    @api.model
    def _to_columns(self, values):
        """Return the values of a plan that are written as they are stored."""
        names = self._get_column_fields()
        return {name: values[name] for name in names if name in values}

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
