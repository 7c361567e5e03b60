"""What the database itself says of its tables: which columns they have by now, and
which values only one row of theirs may have."""

from collections.abc import Collection
from dataclasses import dataclass

from odoo.api import Environment
from odoo.tools import SQL

from .table import identity

#: Types of fields that hold what only one may have, rather than what it is about.
NUMBER_TYPES = frozenset(("char", "text", "integer", "float", "date", "datetime"))


@dataclass(frozen=True)
class Column:
    """A column as the table has it at this moment.

    :param type: its type, as PostgreSQL calls it (``int4``, ``varchar``, …)
    :param is_required: it takes no NULL
    :param is_generated: PostgreSQL computes it, and takes no value for it
    :param is_numbered: PostgreSQL numbers its rows, and takes no other value later
    :param is_link: a foreign key
    :param default: the expression that fills it where a row says nothing
    """

    name: str
    type: str
    is_required: bool = False
    is_generated: bool = False
    is_numbered: bool = False
    is_link: bool = False
    default: str | None = None


@dataclass(frozen=True)
class UniqueKey:
    """What only one row of a table may have: a unique constraint, or a unique index.

    :param name: the name of the index
    :param expressions: SQL of the row: columns, or what is made of them
    :param condition: SQL of the row: which rows it is about; None: all of them
    :param columns: the columns that the expressions read
    :param is_blank_a_value: no two rows may be blank either
    """

    name: str
    expressions: tuple[str, ...]
    condition: str | None
    columns: tuple[str, ...]
    is_blank_a_value: bool = False

    def of(self, row: SQL) -> SQL:
        """Query: the values of `row`, a row of the table, as ``value_0``, …; none, if
        the key is not about it."""
        values = [
            SQL("%s AS %s", written_by_database(expression), name)
            for name, expression in zip(self.names(), self.expressions, strict=True)
        ]
        return SQL(
            "SELECT %s FROM (SELECT (%s).*) AS row_itself WHERE %s",
            SQL(", ").join(values),
            row,
            self._is_about(),
        )

    def is_equal(self, alias: str, other_alias: str) -> SQL:
        """Condition: two rows of `of` are equal."""
        is_same = SQL("IS NOT DISTINCT FROM") if self.is_blank_a_value else SQL("=")
        one, other = SQL.identifier(alias), SQL.identifier(other_alias)
        return SQL(" AND ").join(
            SQL("%s.%s %s %s.%s", one, name, is_same, other, name)
            for name in self.names()
        )

    def names(self) -> list[SQL]:
        """The columns of `of`."""
        return [
            SQL.identifier(f"value_{place}") for place in range(len(self.expressions))
        ]

    def _is_about(self) -> SQL:
        conditions = []
        if self.condition:
            conditions.append(SQL("(%s)", written_by_database(self.condition)))
        if not self.is_blank_a_value:
            conditions += [
                SQL("(%s) IS NOT NULL", written_by_database(expression))
                for expression in self.expressions
            ]
        return SQL(" AND ").join(conditions or [SQL("TRUE")])


def written_by_database(text: str) -> SQL:
    """SQL that PostgreSQL wrote itself: the expression of an index or of a default, as
    its catalogue says it. Nothing else may come here."""
    return SQL(text.replace("%", "%%"))


def list_columns(tables: Collection[str]) -> SQL:
    """List the columns of tables: ``table`` and the arguments of a `Column`."""
    return SQL(
        """
        SELECT asked.name, a.attname, t.typname, a.attnotnull, a.attgenerated != '',
               a.attidentity = 'a',
               EXISTS (SELECT FROM pg_constraint f
                        WHERE f.conrelid = a.attrelid AND f.contype = 'f'
                          AND a.attnum = ANY(f.conkey)),
               CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END
          FROM unnest(%s::text[]) AS asked(name)
          JOIN pg_attribute a ON a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped
          JOIN pg_type t ON t.oid = a.atttypid
          LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      ORDER BY asked.name, a.attnum
        """,
        list(tables),
        identity(SQL.identifier("asked", "name")),
    )


def list_unique_keys(tables: Collection[str]) -> SQL:
    """List what only one row may have: ``table`` and the arguments of a `UniqueKey`.
    The ids of rows are left out."""
    return SQL(
        """
        SELECT * FROM (
            SELECT asked.name, i.indexrelid::regclass::text,
                   ARRAY(SELECT pg_get_indexdef(i.indexrelid, place, FALSE)
                           FROM generate_series(1, i.indnkeyatts) AS place),
                   pg_get_expr(i.indpred, i.indrelid),
                   %(columns)s AS columns,
                   COALESCE(to_jsonb(i) ->> 'indnullsnotdistinct' = 'true', FALSE)
              FROM unnest(%(tables)s::text[]) AS asked(name)
              JOIN pg_index i ON i.indrelid = %(table)s
             WHERE i.indisunique AND i.indisvalid) AS key
         WHERE columns != '{id}'
        """,
        tables=list(tables),
        table=identity(SQL.identifier("asked", "name")),
        columns=_KEY_COLUMNS,
    )


def read_unique_keys(env: Environment, tables: Collection[str]) -> dict:
    """Return {table: [UniqueKey, …]} of what only one row may have."""
    keys = {}
    # Raw SQL: the catalogue of the database has no model.
    for (
        table,
        name,
        expressions,
        condition,
        columns,
        is_blank_a_value,
    ) in env.execute_query(list_unique_keys(tables)):
        key = UniqueKey(
            name, tuple(expressions), condition, tuple(columns), is_blank_a_value
        )
        keys.setdefault(table, []).append(key)
    return keys


def read_foreign_keys(env: Environment, table: str, columns: Collection[str]) -> list:
    """Return [(column, table it points to, whether it is required), …] of the keys that
    name a record by its id."""
    # Raw SQL: the catalogue of the database has no model.
    return env.execute_query(
        SQL(
            """
            SELECT a.attname,
                   CASE WHEN pg_table_is_visible(target.oid) THEN target.relname
                        ELSE format('%%I.%%I', n.nspname, target.relname) END,
                   a.attnotnull
              FROM pg_constraint
              JOIN pg_class target ON target.oid = confrelid
              JOIN pg_namespace n ON n.oid = target.relnamespace
              JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = conkey[1]
              JOIN pg_attribute id ON id.attrelid = confrelid
                   AND id.attnum = confkey[1]
             WHERE contype = 'f' AND conrelid = %s AND a.attname IN %s
               AND id.attname = 'id' AND cardinality(conkey) = 1
            """,
            identity(SQL("%s", table)),
            tuple(columns),
        )
    )


def list_unique_columns(table: str) -> SQL:
    """List which columns the values are made of that only one row may have, ranges that
    must not overlap included: ``[column, …]``."""
    return SQL(
        """
        SELECT %s FROM pg_index i
         WHERE i.indrelid = %s AND (i.indisunique OR i.indisexclusion)
           AND NOT i.indisprimary
        """,
        _KEY_COLUMNS,
        identity(SQL("%s", table)),
    )


# The columns of which an index is made: not those it only carries along (INCLUDE), nor
# those that only say which rows it is about. Of an expression they are in its tree.
_KEY_COLUMNS = SQL(
    """ARRAY(
        SELECT a.attname::text FROM pg_attribute a
         WHERE a.attrelid = i.indrelid AND a.attnum > 0 AND (
               a.attnum = ANY((i.indkey::int2[])[0:i.indnkeyatts - 1])
               OR a.attnum IN (
                  SELECT part[1]::int2
                    FROM regexp_matches(i.indexprs::text, ':varattno (\\d+)', 'g')
                         AS part)))"""
)
