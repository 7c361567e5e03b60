from odoo import models
from odoo.fields import Command

from .import_marks import NestedRow, Number


class IrFieldsConverter(models.AbstractModel):
    """Lets rows within rows remember by which id their file names a lead."""

    _inherit = "ir.fields.converter"

    def _str_to_one2many(self, model, field, records, savepoint):
        records = list(records)
        commands, warnings = super()._str_to_one2many(model, field, records, savepoint)
        places = [
            place
            for place, command in enumerate(commands)
            if command[0] in (Command.LINK, Command.CREATE)
        ]
        # otherwise ids alone, which say nothing
        if field.comodel_name == "crm.lead" and len(places) == len(records):
            for place, record in zip(places, records, strict=True):
                command, *update = commands[place : place + 2]
                if command[0] == Command.LINK:
                    [(_update, lead_id, values)] = update
                    number = record.get(".id")
                    row = NestedRow(
                        values,
                        self._get_xml_id(record),
                        number.merged_away_id if isinstance(number, Number) else None,
                    )
                    commands[place + 1] = Command.update(lead_id, row)
        return commands, warnings

    def _get_xml_id(self, record):
        """Return the external id by which a row names its record, or None."""
        name = record.get("id")
        if name and "." not in name:
            name = f"{self.env.context.get('_import_current_module', '')}.{name}"
        return name
