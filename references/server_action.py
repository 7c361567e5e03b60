"""A server action that sets a field to a record: the id as text."""

from dataclasses import dataclass

from odoo.tools import SQL

from .default_value import DefaultValue


@dataclass(frozen=True)
class ServerActionValue(DefaultValue):
    """The value that a server action writes into a field that points to leads."""

    def holds(self, lead_ids):
        return SQL(
            """t.evaluation_type = 'value' AND t.value IN %s
               AND t.update_field_id IN (SELECT id FROM ir_model_fields
                                          WHERE relation = %s)""",
            tuple(str(lead_id) for lead_id in lead_ids),
            self.target,
        )
