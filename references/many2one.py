"""A many2one: a column with the id, and a foreign key."""

from dataclasses import dataclass

from odoo.tools import SQL

from .reference import Reference


@dataclass(frozen=True)
class Many2one(Reference):
    """A many2one field to leads, of any model."""

    def holds(self, lead_ids):
        return SQL("%s IN %s", self.column_sql, tuple(lead_ids))

    def moved(self, lead_ids, survivor_id):
        return SQL("%s", survivor_id)
