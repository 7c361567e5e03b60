from odoo import api, models
from odoo.fields import Command


class CrmLeadDialog(models.AbstractModel):
    """A dialog about leads takes in none that its user may not read: it would tell what
    they are called. Only who has opened it may read it (a record rule)."""

    _name = "crm.lead.dialog"
    _description = "Dialog about Leads"

    #: Models that are asked whether what is put in may be read, besides those whose
    #: records are about leads.
    _guarded_models = ("crm.lead",)

    @api.model_create_multi
    def create(self, vals_list):
        self._check_put_in(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._check_put_in([vals])
        return super().write(vals)

    @api.model
    def default_get(self, fields):
        """Refuse what a context names as well."""
        values = super().default_get(fields)
        self._check_put_in([values])
        return values

    def onchange(self, values, field_names, fields_spec):
        """Refuse what a form that was not saved yet names."""
        self._check_put_in([values])
        return super().onchange(values, field_names, fields_spec)

    @api.model
    def _check_put_in(self, vals_list):
        """Refuse records that the user may not read.

        :param vals_list: values as `create` and `onchange` take them
        :raise AccessError: if one of them names such a record
        """
        if self.env.su:
            return
        for model, ids in self._find_put_in(vals_list).items():
            self.env[model].browse(ids).exists().check_access("read")

    @api.model
    def _find_put_in(self, vals_list):
        """Return {model: ids} that values name and that are asked for."""
        named = {}
        for vals in vals_list:
            for name, value in vals.items():
                field = self._fields.get(name)
                if field is None or not field.relational or not value:
                    continue
                ids, nested = self._split_value(field, value)
                comodel = self.env[field.comodel_name]
                if self._is_guarded(comodel):
                    named.setdefault(comodel._name, set()).update(ids)
                if hasattr(comodel, "_find_put_in"):
                    for model, more in comodel._find_put_in(nested).items():
                        named.setdefault(model, set()).update(more)
        return named

    @api.model
    def _is_guarded(self, comodel):
        return (
            comodel._name in self._guarded_models
            or hasattr(comodel, "_lead_fields")
            or hasattr(comodel, "_guarded_models")  # a dialog
        )

    @api.model
    def _split_value(self, field, value):
        """Return (ids, [values of lines, …]) that the value of a relational field
        names."""
        if isinstance(value, models.BaseModel):
            return value._origin.ids, []
        if field.type == "many2one":
            value = value.get("id") if isinstance(value, dict) else value
            return [value] if type(value) is int else [], []
        ids, nested = [], []
        for command in value if isinstance(value, list | tuple) else ():
            if type(command) is int:
                ids.append(command)
            elif isinstance(command, dict):
                nested.append(command)
            elif command[0] == Command.SET:
                ids.extend(command[2])
            elif command[0] in (Command.LINK, Command.UPDATE) and command[1]:
                ids.append(command[1])
            if isinstance(command, list | tuple) and len(command) > 2:
                if isinstance(command[2], dict):
                    nested.append(command[2])
        return [one for one in ids if type(one) is int], nested
