from odoo import api, models, tools
from odoo.tools import SQL, is_html_empty

# Fields about the record itself, not about the prospect.
TECHNICAL_FIELDS = frozenset(
    {"id", "create_uid", "create_date", "write_uid", "write_date", "lead_properties"}
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
    def _read_merging(self, leads, moved=None):
        """Do so, and let a value that points to one of `leads` point to the first of
        them, as it will once they are merged.

        :param moved: {id: id of the survivor} of others that are merged before
        """
        all_values = self._read_values(leads)
        moved = {**(moved or {}), **dict.fromkeys(leads.ids, leads[0].id)}
        pointing = [
            name
            for name, field in leads._fields.items()
            if field.store
            and (field.comodel_name == "crm.lead" or field.type == "reference")
        ]
        moved.update(
            {f"crm.lead,{old}": f"crm.lead,{new}" for old, new in moved.items()}
        )
        # sudo: the channels of the leads, which not every salesperson may read
        definitions = leads.sudo().team_id.mapped("lead_properties_definition")
        properties = {
            one["name"]
            for definition in definitions
            for one in definition
            if one.get("comodel") == "crm.lead"
        }
        for values in all_values.values():
            for name in pointing:
                if name in values:
                    values[name] = _replaced(values[name], moved)
            for name in properties & values["lead_properties"].keys():
                values["lead_properties"][name] = _replaced(
                    values["lead_properties"][name], moved
                )
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
    def _get_unique_fields(self):
        """The fields whose value one record has and no other, such as a number: what a
        merged record had stays its own, and is set aside."""
        # Raw SQL: the catalogue of the database has no model.
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT attname FROM pg_index
                     JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY(indkey)
                    WHERE indrelid = 'crm_lead'::regclass
                      AND indisunique AND NOT indisprimary"""
            )
        )
        return frozenset(name for (name,) in rows)

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
    def _get_file_fields(self):
        """The fields whose values are attachments."""
        return tuple(
            name
            for name, field in self.env["crm.lead"]._fields.items()
            if field.store and field.type == "binary" and field.attachment
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


def _replaced(value, moved):
    """Return `value`, an id, a reference, or several, each replaced as `moved` says."""
    if isinstance(value, dict):
        return {part: _replaced(one, moved) for part, one in value.items()}
    if isinstance(value, list):
        return list(dict.fromkeys(moved.get(one, one) for one in value))
    return moved.get(value, value) if value else value
