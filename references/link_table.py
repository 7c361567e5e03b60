"""A table of links, as a many2many field has it: no id, each link once."""

from collections.abc import Sequence
from dataclasses import dataclass

from odoo.tools import SQL

from .reference import Reference


@dataclass(frozen=True)
class LinkTable(Reference):
    """One side of a many2many with leads.

    :param unique_by: the columns a link of one lead is unique by: those of the others
        that coincide with a link of the survivor go, all remaining ones move
    :param other_side: the column on the other side, if that is of leads as well: a link
        between two leads that are merged goes, too, instead of linking one with itself
    """

    unique_by: tuple[str, ...] = ()
    other_side: str | None = None

    def holds(self, lead_ids):
        return SQL("%s IN %s", self.column_sql, tuple(lead_ids))

    def rank(self, lead_ids: Sequence[int], survivor_id: int) -> SQL:
        """Place of the row among those that will coincide: the survivor's first, then
        in the order of `lead_ids`."""
        return SQL(
            "row_number() OVER (PARTITION BY %s ORDER BY array_position(%s, %s))",
            SQL(", ").join(SQL.identifier("t", name) for name in self.unique_by),
            [survivor_id, *lead_ids],
            self.column_sql,
        )

    def _is_inner(self, lead_ids: Sequence[int], survivor_id: int) -> SQL:
        """Condition: the link is one between two of the leads."""
        if not self.other_side:
            return SQL("FALSE")
        return SQL(
            "%s IN %s",
            SQL.identifier("t", self.other_side),
            (survivor_id, *lead_ids),
        )

    def move(self, lead_ids, survivor_id):
        """As for any reference; links that would be double are dropped."""
        return SQL(
            """
            ranked AS (
                SELECT t.tableoid AS part, t.ctid AS place, t.%(column)s AS lead_id,
                       to_jsonb(t) AS before, %(rank)s AS rank,
                       %(is_inner)s AS is_inner
                  FROM %(table)s t WHERE %(holds)s
            ), gone AS (
                DELETE FROM %(table)s t USING ranked
                 WHERE t.tableoid = ranked.part AND t.ctid = ranked.place
                   AND ranked.lead_id != %(survivor_id)s
                   AND (ranked.rank > 1 OR ranked.is_inner)
                RETURNING ranked.before
            ), moved AS (
                UPDATE %(table)s t SET %(column)s = %(survivor_id)s FROM ranked
                 WHERE t.tableoid = ranked.part AND t.ctid = ranked.place
                   AND ranked.lead_id != %(survivor_id)s
                   AND ranked.rank = 1 AND NOT ranked.is_inner
                RETURNING ranked.before, to_jsonb(t) AS after
            ), changed AS (
                SELECT NULL::int AS row_id, before, after FROM moved
                UNION ALL SELECT NULL, before, NULL FROM gone
            )
            """,
            table=self.rows,
            column=SQL.identifier(self.column),
            rank=self.rank(lead_ids, survivor_id),
            is_inner=self._is_inner(lead_ids, survivor_id),
            holds=self.holds([survivor_id, *lead_ids]),
            survivor_id=survivor_id,
        )
