"""Which table a name means, and how statements name it.

A bare name is what PostgreSQL finds under it, as a model's table: with its partitions,
which only divide it. A table that inherits from another one, or that others inherit
from, goes by its schema and name and means the rows that are its own: relatives share
neither keys nor places of rows. So names tell tables apart that are called alike in
several schemas.
"""

import re

from odoo.tools import SQL

# A name as PostgreSQL's format('%I') writes it: bare, or in quotes.
PART = re.compile(r'"(?:[^"]|"")+"|[^".]+')


def identifier(table: str) -> SQL:
    """The table called `table`, as a type or in a statement."""
    parts = PART.findall(table) if "." in table else [table]
    return SQL(".").join(
        quoted(part[1:-1].replace('""', '"') if part.startswith('"') else part)
        for part in parts
    )


def quoted(name: str) -> SQL:
    """The name of a table or column, whatever others call theirs: Odoo takes its own
    kind of names only."""
    escaped = name.replace('"', '""').replace("%", "%%")
    in_quotes = f'"{escaped}"'
    return SQL(in_quotes)


def rows_of(table: str) -> SQL:
    """The rows of the table called `table`, for FROM, UPDATE and DELETE."""
    name = identifier(table)
    return SQL("ONLY %s", name) if "." in table else name


def identity(name: SQL) -> SQL:
    """The identity (oid) of the table that the text `name` names; NULL if it is gone.

    :param name: a column, or a name of a table
    """
    return SQL(
        """to_regclass(CASE WHEN strpos(%(name)s, '.') > 0 THEN %(name)s
                       ELSE quote_ident(%(name)s) END)""",
        name=name,
    )


def root(table: str) -> SQL:
    """Query: the bare name of the table that `table` inherits from, at last."""
    return SQL(
        """
        WITH RECURSIVE family AS (
            SELECT %s::oid AS id
             UNION
            SELECT inhparent FROM family JOIN pg_inherits ON inhrelid = family.id
        )
        SELECT c.relname FROM family JOIN pg_class c ON c.oid = family.id
         WHERE pg_table_is_visible(c.oid)
        """,
        identity(SQL("%s", table)),
    )


def relatives(tables) -> SQL:
    """Query: ``name, place, is_empty`` of tables and of all that inherit from them.

    :param tables: bare names
    """
    return SQL(
        """
        WITH RECURSIVE family AS (
            SELECT name, to_regclass(quote_ident(name))::oid AS id, 0 AS depth
              FROM unnest(%s::text[]) AS name
             UNION
            SELECT family.name, inhrelid, depth + 1
              FROM family JOIN pg_inherits ON inhparent = family.id
        )
        SELECT family.name,
               CASE WHEN depth > 0 OR (c.relkind = 'r' AND EXISTS (
                         SELECT FROM pg_inherits WHERE inhparent = c.oid))
                    THEN format('%%I.%%I', n.nspname, c.relname)
                    ELSE family.name END,
               c.relkind = 'r' AND pg_relation_size(c.oid) = 0
          FROM family
          JOIN pg_class c ON c.oid = family.id
          JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE depth = 0 OR NOT c.relispartition
        """,
        list(tables),
    )
