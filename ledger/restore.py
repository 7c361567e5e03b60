"""How journalled rows are compared with what is there now, and brought back.

Each function returns one statement over lines of the journal about one table, each a
jsonb list of ``{row_id, before, after}``. Three images of a value are compared: before,
after, now.
"""

from collections.abc import Collection, Mapping, Sequence

from odoo.tools import SQL

from .table import identifier, rows_of

CHANGES = SQL("crm_lead_journal_line line, jsonb_array_elements(line.changes) AS one")
# The change of a row that has an id and was there before and after it.
IS_UPDATE = SQL(
    "one -> 'row_id' != 'null' AND one -> 'before' != 'null' AND one -> 'after' != "
    "'null'"
)


def _names(columns: Sequence[str], alias: str | None = None) -> SQL:
    names = [
        SQL.identifier(alias, one) if alias else SQL.identifier(one) for one in columns
    ]
    return SQL(", ").join(names)


def insert_deleted(line_ids: Sequence[int], table: str, columns: Sequence[str]) -> SQL:
    """Insert the rows that were deleted, under their old ids, unless they are there."""
    return SQL(
        """
        INSERT INTO %(table)s (%(columns)s)
        SELECT %(values)s
          FROM %(changes)s,
               jsonb_populate_record(NULL::%(table)s, one -> 'before') AS was
         WHERE line.id = ANY(%(line_ids)s) AND NOT (%(is_update)s)
           AND one -> 'before' != 'null'
        ON CONFLICT DO NOTHING
        """,
        table=identifier(table),
        columns=_names(columns),
        values=_names(columns, "was"),
        changes=CHANGES,
        line_ids=list(line_ids),
        is_update=IS_UPDATE,
    )


def delete_made(line_ids: Sequence[int], table: str, columns: Sequence[str]) -> SQL:
    """Delete the rows that were made: by their id, or links as they were made."""
    has_id = "id" in columns
    key = ["id"] if has_id else columns
    return SQL(
        """
        DELETE FROM %(rows)s t
         USING %(changes)s, jsonb_populate_record(NULL::%(table)s, one -> 'after') AS
             made
         WHERE line.id = ANY(%(line_ids)s) AND one -> 'after' != 'null'
           AND %(is_made)s AND (%(now)s) = (%(made)s)
        """,
        table=identifier(table),
        rows=rows_of(table),
        changes=CHANGES,
        line_ids=list(line_ids),
        is_made=SQL("one -> 'before' = 'null'")
        if has_id
        else SQL("one -> 'row_id' = 'null'"),
        now=_names(key, "t"),
        made=_names(key, "made"),
    )


def update_changed(line_ids: Sequence[int], table: str, columns: Sequence[str]) -> SQL:
    """Give each value that is now as it was left the value it had before."""
    assignments = [
        SQL(
            """%(name)s = CASE WHEN to_jsonb(seen) -> %(key)s
                   IS NOT DISTINCT FROM one -> 'after' -> %(key)s
                   THEN was.%(name)s ELSE t.%(name)s END""",
            name=SQL.identifier(name),
            key=name,
        )
        for name in columns
    ]
    return SQL(
        """
        UPDATE %(rows)s t SET %(assignments)s
          FROM %(changes)s,
               jsonb_populate_record(NULL::%(table)s, one -> 'before') AS was,
               %(rows)s AS seen
         WHERE line.id = ANY(%(line_ids)s) AND %(is_update)s
           AND seen.id = (one ->> 'row_id')::int AND t.id = seen.id
        """,
        table=identifier(table),
        rows=rows_of(table),
        assignments=SQL(", ").join(assignments),
        changes=CHANGES,
        line_ids=list(line_ids),
        is_update=IS_UPDATE,
    )


def keep_together(
    journal: SQL, journal_ids: Sequence[int], table: str, pairs: Sequence[tuple]
) -> SQL:
    """Let undo leave values that mean something else once others are changed.

    :param journal: the column of the lines that says whose they are
    :param pairs: (column, a column that keeps it if it was changed since), …
    """
    return SQL(
        """
        UPDATE crm_lead_journal_line line SET changes = (
            SELECT jsonb_agg(CASE WHEN kept.image IS NULL THEN one
                             ELSE jsonb_set(one, '{before}', one -> 'before' ||
                                  kept.image) END ORDER BY place)
              FROM jsonb_array_elements(line.changes) WITH ORDINALITY
                   AS change(one, place)
              LEFT JOIN %(table)s t ON t.id = (one ->> 'row_id')::int
              LEFT JOIN LATERAL (
                   SELECT jsonb_object_agg(pair.name, one -> 'after' -> pair.name)
                     FROM %(pairs)s WHERE %(is_kept)s
                   ) AS kept(image) ON %(is_update)s)
         WHERE %(journal)s = ANY(%(journal_ids)s) AND line.table_name = %(table_name)s
        """,
        table=SQL.identifier(table),
        pairs=_pairs(pairs),
        is_kept=_IS_KEPT,
        is_update=IS_UPDATE,
        journal=journal,
        journal_ids=list(journal_ids),
        table_name=table,
    )


def kept_together(line_ids: Sequence[int], table: str, pairs: Sequence[tuple]) -> SQL:
    """List what `keep_together` leaves: ``line_id, row_id, column, before, now``."""
    return SQL(
        """
        SELECT DISTINCT line.id, t.id, pair.name, one -> 'before' -> pair.name,
               to_jsonb(t) -> pair.name
          FROM %(changes)s CROSS JOIN %(pairs)s
          JOIN %(table)s t ON t.id = (one ->> 'row_id')::int
         WHERE line.id = ANY(%(line_ids)s) AND %(is_update)s AND %(is_kept)s
           AND one -> 'before' -> pair.name IS DISTINCT FROM one -> 'after' -> pair.name
           AND to_jsonb(t) -> pair.name IS NOT DISTINCT FROM one -> 'after' -> pair.name
        """,
        changes=CHANGES,
        pairs=_pairs(pairs),
        table=SQL.identifier(table),
        line_ids=list(line_ids),
        is_update=IS_UPDATE,
        is_kept=_IS_KEPT,
    )


# Whether the other value of a pair has been changed since.
_IS_KEPT = SQL(
    """one -> 'after' ? pair.name AND one -> 'after' ? pair.keeper
       AND to_jsonb(t) -> pair.keeper IS DISTINCT FROM one -> 'after' -> pair.keeper
       AND to_jsonb(t) -> pair.keeper IS DISTINCT FROM one -> 'before' -> pair.keeper"""
)


def _pairs(pairs: Sequence[tuple]) -> SQL:
    return SQL(
        "unnest(%s, %s) AS pair(name, keeper)",
        [name for name, _keeper in pairs],
        [keeper for _name, keeper in pairs],
    )


def subtract_counts(line_ids: Sequence[int], table: str, columns: Sequence[str]) -> SQL:
    """Take back what was added to counters, whatever others have added since."""
    return SQL(
        """
        UPDATE %(rows)s t SET %(assignments)s
          FROM %(changes)s,
               jsonb_populate_record(NULL::%(table)s, one -> 'before') AS was,
               jsonb_populate_record(NULL::%(table)s, one -> 'after') AS was_left
         WHERE line.id = ANY(%(line_ids)s) AND %(is_update)s
           AND t.id = (one ->> 'row_id')::int
        """,
        table=identifier(table),
        rows=rows_of(table),
        assignments=SQL(", ").join(
            SQL(
                "%(name)s = t.%(name)s - (was_left.%(name)s - was.%(name)s)",
                name=SQL.identifier(name),
            )
            for name in columns
        ),
        changes=CHANGES,
        line_ids=list(line_ids),
        is_update=IS_UPDATE,
    )


def changed_since(line_ids: Sequence[int], table: str, ignored: Sequence[str]) -> SQL:
    """List the values that undo would bring back but that were changed since:
    ``line_id, row_id, column, before, now``; of a row deleted since only the ids."""
    return SQL(
        """
        SELECT line.id, (one ->> 'row_id')::int AS row_id, known.name,
               one -> 'before' -> known.name, to_jsonb(t) -> known.name
          FROM %(changes)s CROSS JOIN jsonb_object_keys(one -> 'before') AS known(name)
          JOIN %(rows)s t ON t.id = (one ->> 'row_id')::int
         WHERE line.id = ANY(%(line_ids)s) AND %(is_update)s AND known.name !=
             ALL(%(ignored)s)
           AND one -> 'before' -> known.name
               IS DISTINCT FROM one -> 'after' -> known.name
           AND to_jsonb(t) -> known.name IS DISTINCT FROM one -> 'after' -> known.name
           AND to_jsonb(t) -> known.name IS DISTINCT FROM one -> 'before' -> known.name
         UNION ALL
        SELECT line.id, (one ->> 'row_id')::int, NULL, NULL, NULL
          FROM %(changes)s
         WHERE line.id = ANY(%(line_ids)s) AND %(is_update)s AND NOT EXISTS (
               SELECT 1 FROM %(rows)s t WHERE t.id = (one ->> 'row_id')::int)
        """,
        rows=rows_of(table),
        changes=CHANGES,
        line_ids=list(line_ids),
        is_update=IS_UPDATE,
        ignored=list(ignored),
    )


def changed_later(
    changes: Sequence[tuple[int, str, int, str | None]],
    merge_ids: Sequence[int],
    conversion_ids: Sequence[int],
) -> SQL:
    """List the places, from 1 on, of those `changes` that are remembered later: by
    another merge or conversion, or by the same.

    :param changes: (id of the line that remembers it, table, row id, column; None: the
        row was deleted), …
    :param merge_ids: ids of the merges that may have made them
    :param conversion_ids: ids of the conversions that may have made them
    """
    line_ids, tables, row_ids, columns = zip(*changes, strict=True)
    return SQL(
        """
        WITH later AS (
            SELECT line.id, line.merge_id, line.conversion_id, line.table_name,
                   (one ->> 'row_id')::int AS row_id,
                   one -> 'before' AS before, one -> 'after' AS after
              FROM %(changes)s
             WHERE line.table_name = ANY(%(tables)s) AND one -> 'row_id' != 'null'
               AND (line.merge_id = ANY(%(merge_ids)s)
                    OR line.conversion_id = ANY(%(conversion_ids)s)))
        SELECT DISTINCT change.place
          FROM unnest(%(line_ids)s::int[], %(tables)s::text[], %(row_ids)s::int[],
                      %(columns)s::text[]) WITH ORDINALITY
               AS change(line_id, table_name, row_id, name, place)
          JOIN crm_lead_journal_line mine ON mine.id = change.line_id
          JOIN later ON later.id > mine.id AND later.table_name = change.table_name
               AND later.row_id = change.row_id
         WHERE CASE WHEN change.name IS NULL THEN later.after = 'null'
               ELSE later.before -> change.name
                    IS DISTINCT FROM later.after -> change.name END
        """,
        changes=CHANGES,
        line_ids=list(line_ids),
        tables=list(tables),
        row_ids=list(row_ids),
        columns=list(columns),
        merge_ids=list(merge_ids),
        conversion_ids=list(conversion_ids),
    )


def targets_held(line_ids: Sequence[int], columns: Sequence[str]) -> SQL:
    """List what the values that undo would bring back point to: ``row_id, column, id``,
    and of a link the whole row.

    :param columns: names of the columns that point to something
    """
    return SQL(
        """
        SELECT (one ->> 'row_id')::int, key.name, (one -> 'before' ->> key.name)::int,
               CASE WHEN one -> 'row_id' = 'null' THEN one -> 'before' END
          FROM %(changes)s CROSS JOIN unnest(%(columns)s) AS key(name)
         WHERE line.id = ANY(%(line_ids)s) AND one -> 'before' ->> key.name IS NOT NULL
           AND NOT (%(is_update)s AND one -> 'before' -> key.name
                    IS NOT DISTINCT FROM one -> 'after' -> key.name)
        """,
        changes=CHANGES,
        columns=list(columns),
        line_ids=list(line_ids),
        is_update=IS_UPDATE,
    )


def rows_gone(row_ids: Mapping[str, Collection[int]]) -> SQL:
    """List which of these rows are there no more: ``table, id``.

    :param row_ids: {table: ids of rows}, at least one
    """
    return SQL(" UNION ALL ").join(
        SQL(
            """SELECT %s, wanted FROM unnest(%s::int[]) AS wanted
                WHERE NOT EXISTS (SELECT FROM %s t WHERE t.id = wanted)""",
            table,
            list(ids),
            rows_of(table),
        )
        for table, ids in row_ids.items()
    )


def rows_deleted(line_ids: Sequence[int], tables: Collection[str]) -> SQL:
    """List the rows that were deleted, and that undo brings back: ``table, id``."""
    return SQL(
        """
        SELECT line.table_name, (one ->> 'row_id')::int FROM %s
         WHERE line.id = ANY(%s) AND line.table_name = ANY(%s)
           AND one -> 'row_id' != 'null' AND one -> 'after' = 'null'
        """,
        CHANGES,
        list(line_ids),
        list(tables),
    )


def forget_target(
    line_ids: Sequence[int], column: str, target_id: int, whole_row: bool
) -> SQL:
    """Take an id that is gone out of the images, or whole rows that cannot be without.

    :param whole_row: the column is required
    """
    holds = SQL(
        "one -> 'before' ->> %s IS NOT DISTINCT FROM %s", column, str(target_id)
    )
    emptied = SQL(
        "CASE WHEN %s THEN jsonb_set(one, ARRAY['before', %s], 'null') ELSE one END",
        holds,
        column,
    )
    return SQL(
        """
        UPDATE crm_lead_journal_line SET changes = COALESCE((
            SELECT jsonb_agg(%s) FROM jsonb_array_elements(changes) AS one WHERE %s
        ), '[]') WHERE id = ANY(%s)
        """,
        SQL("one") if whole_row else emptied,
        SQL("NOT (%s)", holds) if whole_row else SQL("TRUE"),
        list(line_ids),
    )
