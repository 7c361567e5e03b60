"""A many2one with one value a company: a jsonb object ``{company id: lead id}``."""

from dataclasses import dataclass

from odoo.tools import SQL

from .reference import Reference


@dataclass(frozen=True)
class CompanyDependent(Reference):
    """A company-dependent many2one to leads."""

    def holds(self, lead_ids):
        return SQL(
            """EXISTS (SELECT 1 FROM jsonb_each_text(%s) AS entry
                        WHERE entry.value IN %s)""",
            self.column_sql,
            tuple(str(lead_id) for lead_id in lead_ids),
        )

    def moved(self, lead_ids, survivor_id):
        return SQL(
            """(SELECT jsonb_object_agg(entry.key, CASE
                    WHEN entry.value #>> '{}' IN %s THEN to_jsonb(%s::int)
                    ELSE entry.value END)
                  FROM jsonb_each(%s) AS entry)""",
            tuple(str(lead_id) for lead_id in lead_ids),
            survivor_id,
            self.column_sql,
        )
