"""A reference field: model and id in one text, ``crm.lead,42``."""

from dataclasses import dataclass

from odoo.tools import SQL

from .reference import Reference


@dataclass(frozen=True)
class ReferenceText(Reference):
    """A reference field, whatever models its selection offers."""

    def holds(self, lead_ids):
        texts = tuple(f"{self.target},{lead_id}" for lead_id in lead_ids)
        return SQL("%s IN %s", self.column_sql, texts)

    def moved(self, lead_ids, survivor_id):
        return SQL("%s", f"{self.target},{survivor_id}")
