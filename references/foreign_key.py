"""Foreign keys that no module declares: what other programs, and modules that are gone,
have put on the tables of Odoo, in whatever schema."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from odoo.tools import SQL

from . import table as tables


@dataclass(frozen=True)
class ForeignKey:
    """One foreign key.

    :param table: schema and name of the table it is in
    :param label: the table as people know it: without the schema if that goes without
        saying
    :param columns: its columns
    :param target: the table it points to
    :param target_columns: the columns there, in the same order
    :param is_readable: whether Odoo may read that table
    """

    table: str
    label: str
    columns: Sequence[str]
    target: str
    target_columns: Sequence[str]
    is_readable: bool

    @property
    def name(self) -> str:
        """The name of this place in errors, as that of a `Reference`."""
        return f"{self.label}.{', '.join(self.columns)}"

    def held(self, record_ids: Sequence[int]) -> SQL:
        """Query: which of `record_ids` it points to."""
        pairs = zip(self.columns, self.target_columns, strict=True)
        return SQL(
            "SELECT DISTINCT target.id FROM %s t JOIN %s target ON %s"
            " WHERE target.id = ANY(%s)",
            tables.rows_of(self.table),
            tables.identifier(self.target),
            SQL(" AND ").join(
                SQL(
                    "t.%s = target.%s", tables.quoted(column), tables.quoted(pointed_at)
                )
                for column, pointed_at in pairs
            ),
            list(record_ids),
        )


def find_unknown(
    env, target: str, known: Iterable[tuple[str, str]]
) -> list[ForeignKey]:
    """List the foreign keys to the table `target` that are none of those known, nor in
    a table that divides one of theirs or inherits from it.

    :param known: (bare name of a table, column), …
    """
    names, columns = zip(*known, strict=True)
    rows = env.execute_query(
        SQL(
            """
            WITH RECURSIVE known AS (
                SELECT to_regclass(quote_ident(name))::oid AS id, column_name
                  FROM unnest(%(names)s::text[], %(columns)s::text[])
                       AS pair(name, column_name)
                 UNION
                SELECT inhrelid, column_name
                  FROM known JOIN pg_inherits ON inhparent = known.id
            )
            SELECT format('%%I.%%I', n.nspname, c.relname),
                   CASE WHEN pg_table_is_visible(c.oid) THEN c.relname
                        ELSE n.nspname || '.' || c.relname END,
                   key.columns, key.target_columns,
                   has_schema_privilege(n.oid, 'USAGE')
                   AND has_table_privilege(c.oid, 'SELECT')
              FROM pg_constraint
              JOIN pg_class c ON c.oid = conrelid
              JOIN pg_namespace n ON n.oid = c.relnamespace,
                   LATERAL (
                   SELECT array_agg(own.attname::text) AS columns,
                          array_agg(target.attname::text) AS target_columns
                     FROM unnest(conkey, confkey) AS pair(own, target)
                     JOIN pg_attribute own
                       ON own.attrelid = conrelid AND own.attnum = pair.own
                     JOIN pg_attribute target
                       ON target.attrelid = confrelid AND target.attnum = pair.target
                   ) AS key
             WHERE contype = 'f' AND confrelid = to_regclass(quote_ident(%(target)s))
               AND NOT EXISTS (
                   SELECT FROM known
                    WHERE known.id = conrelid
                      AND known.column_name = key.columns[
                          array_position(key.target_columns, 'id')])
          ORDER BY 1, 3
            """,
            names=list(names),
            columns=list(columns),
            target=target,
        )
    )
    return [
        ForeignKey(table, label, own, target, pointed_at, is_readable)
        for table, label, own, pointed_at, is_readable in rows
    ]
