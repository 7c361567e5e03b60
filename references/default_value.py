"""A user-defined default value of a many2one: the id as text, in ``ir_default``."""

from dataclasses import dataclass

from odoo.tools import SQL

from .reference import Reference


@dataclass(frozen=True)
class DefaultValue(Reference):
    """The default value of any many2one field to leads."""

    def holds(self, lead_ids):
        return SQL(
            """t.field_id IN (SELECT id FROM ir_model_fields
                               WHERE relation = %s AND ttype = 'many2one')
               AND t.json_value IN %s""",
            self.target,
            tuple(str(lead_id) for lead_id in lead_ids),
        )

    def moved(self, lead_ids, survivor_id):
        return SQL("%s", str(survivor_id))
