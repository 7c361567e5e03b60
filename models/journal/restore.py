"""How journalled rows are compared with what is there now, and brought back.

Each function returns one statement over lines of the journal about one table, each a
jsonb list of ``{row_id, before, after}``. Three images of a value are compared: before,
after, now.
"""

from collections.abc import Collection, Mapping, Sequence

from odoo.tools import SQL

from ...references.catalogue import UniqueKey
from ...references.reference import IDENTITY
from ...references.table import identifier, rows_of

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
    """Insert the rows that were deleted, under their old ids, unless they are there:
    the row of this id, or this very link."""
    key = ["id"] if "id" in columns else columns
    return SQL(
        """
        INSERT INTO %(table)s (%(columns)s) OVERRIDING SYSTEM VALUE
        SELECT DISTINCT ON (%(key_before)s) %(values)s
          FROM %(changes)s,
               jsonb_populate_record(NULL::%(table)s, one -> 'before') AS was
         WHERE line.id = ANY(%(line_ids)s) AND NOT (%(is_update)s)
           AND one -> 'before' != 'null'
           AND NOT EXISTS (SELECT FROM %(rows)s t WHERE (%(key)s) = (%(key_before)s))
        """,
        key=_names(key, "t"),
        key_before=_names(key, "was"),
        rows=rows_of(table),
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
            """%(name)s = CASE WHEN to_jsonb(t) -> %(key)s
                   IS NOT DISTINCT FROM change.after -> %(key)s
                   THEN (change.was).%(name)s ELSE t.%(name)s END""",
            name=SQL.identifier(name),
            key=name,
        )
        for name in columns
    ]
    # Read first: what a row is found by is then a number, whatever order PostgreSQL
    # joins in where it knows nothing of the table.
    return SQL(
        """
        WITH change AS MATERIALIZED (
            SELECT (one ->> 'row_id')::int AS row_id, one -> 'after' AS after,
                   jsonb_populate_record(NULL::%(table)s, one -> 'before') AS was
              FROM %(changes)s
             WHERE line.id = ANY(%(line_ids)s) AND %(is_update)s)
        UPDATE %(rows)s t SET %(assignments)s
          FROM change WHERE t.id = change.row_id
        """,
        table=identifier(table),
        rows=rows_of(table),
        assignments=SQL(", ").join(assignments),
        changes=CHANGES,
        line_ids=list(line_ids),
        is_update=IS_UPDATE,
    )


def keep_together(
    journal_ids: Sequence[int], table: str, pairs: Sequence[tuple]
) -> SQL:
    """Let undo leave values that mean something else once others are changed.

    :param pairs: (column, a column that keeps it if it was changed since, the
        ``won_status`` that this is about, or None), …
    """
    return SQL(
        """
        UPDATE crm_lead_journal_line line SET changes = (
            SELECT jsonb_agg(CASE WHEN kept.image IS NULL THEN one
                             ELSE jsonb_set(one, '{before}', one -> 'before' ||
                                  kept.image) END ORDER BY change.place)
              FROM jsonb_array_elements(line.changes) WITH ORDINALITY
                   AS change(one, place)
              LEFT JOIN %(table)s t ON t.id = (one ->> 'row_id')::int
              LEFT JOIN LATERAL (
                   SELECT jsonb_object_agg(pair.name, one -> 'after' -> pair.name)
                     FROM %(pairs)s WHERE %(is_kept)s
                   ) AS kept(image) ON %(is_update)s)
         WHERE journal_id = ANY(%(journal_ids)s) AND line.table_name = %(table_name)s
        """,
        table=SQL.identifier(table),
        pairs=_pairs(pairs),
        is_kept=_IS_KEPT,
        is_update=IS_UPDATE,
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
       AND to_jsonb(t) -> pair.keeper IS DISTINCT FROM one -> 'before' -> pair.keeper
       AND (pair.status IS NULL OR pair.status IN (
            one -> 'before' ->> 'won_status', to_jsonb(t) ->> 'won_status'))"""
)


def _pairs(pairs: Sequence[tuple]) -> SQL:
    return SQL(
        "unnest(%s, %s, %s::text[]) AS pair(name, keeper, status)",
        [name for name, _keeper, _status in pairs],
        [keeper for _name, keeper, _status in pairs],
        [status for _name, _keeper, status in pairs],
    )


def changed_parts(line_ids: Sequence[int], table: str, columns: Sequence[str]) -> SQL:
    """List the parts of columns, such as the text in one language, that undo would
    bring back but that were changed since: ``line_id, row_id, column.part, before,
    now``."""
    return SQL(
        """
        SELECT line.id, t.id, asked.name || '.' || part.name, image.was -> part.name,
               image.now -> part.name
          FROM %(changes)s CROSS JOIN unnest(%(columns)s::text[]) AS asked(name)
          JOIN %(rows)s t ON t.id = (one ->> 'row_id')::int
         CROSS JOIN LATERAL (%(images)s) AS image(was, was_left, now)
         CROSS JOIN jsonb_object_keys(image.was || image.was_left || image.now)
               AS part(name)
         WHERE line.id = ANY(%(line_ids)s) AND %(is_update)s
           AND one -> 'before' ? asked.name
           AND image.was -> part.name IS DISTINCT FROM image.was_left -> part.name
           AND image.now -> part.name IS DISTINCT FROM image.was_left -> part.name
           AND image.now -> part.name IS DISTINCT FROM image.was -> part.name
        """,
        changes=CHANGES,
        columns=list(columns),
        rows=rows_of(table),
        images=_PARTS,
        line_ids=list(line_ids),
        is_update=IS_UPDATE,
    )


def part(
    line_ids: Sequence[int],
    table: str,
    columns: Sequence[str],
    journal_ids: Sequence[int] = (),
) -> SQL:
    """Let undo bring back of columns that were changed since each part that is as it
    was left.

    :param journal_ids: ids of all journals that are going to be undone: leave what one
        of these has changed later, and what is compared only once that is undone
    """
    is_last = SQL("TRUE")
    if journal_ids:
        is_last = SQL(
            """NOT EXISTS (
               SELECT FROM crm_lead_journal_line latter,
                      jsonb_array_elements(latter.changes) AS change
                WHERE latter.journal_id = ANY(%s) AND latter.id > line.id
                  AND latter.table_name = line.table_name
                  AND change -> 'row_id' = one -> 'row_id'
                  AND change -> 'before' -> asked.name
                      IS DISTINCT FROM change -> 'after' -> asked.name)""",
            list(journal_ids),
        )
    return SQL(
        """
        UPDATE crm_lead_journal_line line SET changes = (
            SELECT jsonb_agg(CASE WHEN parted.before IS NULL THEN change.one
                   ELSE change.one || jsonb_build_object(
                        'before', change.one -> 'before' || parted.before,
                        'after', change.one -> 'after' || parted.after) END
                   ORDER BY change.place)
              FROM jsonb_array_elements(line.changes) WITH ORDINALITY
                   AS change(one, place)
              LEFT JOIN %(rows)s t ON t.id = (one ->> 'row_id')::int AND %(is_update)s
              LEFT JOIN LATERAL (
                   SELECT jsonb_object_agg(asked.name, mixed.image) AS before,
                          jsonb_object_agg(asked.name, to_jsonb(t) -> asked.name)
                              AS after
                     FROM unnest(%(columns)s::text[]) AS asked(name)
                    CROSS JOIN LATERAL (%(images)s) AS image(was, was_left, now)
                    CROSS JOIN LATERAL (
                          SELECT jsonb_object_agg(kept.name, kept.value)
                                 FILTER (WHERE kept.value IS NOT NULL) AS image
                            FROM (SELECT part.name, CASE
                                         WHEN image.now -> part.name
                                         IS NOT DISTINCT FROM
                                              image.was_left -> part.name
                                         THEN image.was -> part.name
                                         ELSE image.now -> part.name END AS value
                                    FROM jsonb_object_keys(image.was ||
                                         image.was_left || image.now) AS part(name)
                                 ) AS kept) AS mixed
                    WHERE one -> 'before' ? asked.name
                      AND one -> 'before' -> asked.name
                          IS DISTINCT FROM one -> 'after' -> asked.name
                      AND to_jsonb(t) -> asked.name
                          IS DISTINCT FROM one -> 'after' -> asked.name
                      AND %(is_last)s
                   ) AS parted ON t.id IS NOT NULL)
         WHERE id = ANY(%(line_ids)s)
        """,
        is_last=is_last,
        rows=rows_of(table),
        columns=list(columns),
        images=_PARTS,
        line_ids=list(line_ids),
        is_update=IS_UPDATE,
    )


# The three images of a column with parts; what is no object has none.
_PARTS = SQL(
    """SELECT CASE WHEN jsonb_typeof(one -> 'before' -> asked.name) = 'object'
                   THEN one -> 'before' -> asked.name ELSE '{}' END,
              CASE WHEN jsonb_typeof(one -> 'after' -> asked.name) = 'object'
                   THEN one -> 'after' -> asked.name ELSE '{}' END,
              CASE WHEN jsonb_typeof(to_jsonb(t) -> asked.name) = 'object'
                   THEN to_jsonb(t) -> asked.name ELSE '{}' END"""
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
           AND NOT EXISTS (SELECT FROM pg_attribute a
                            WHERE a.attrelid = t.tableoid AND a.attname = known.name
                              AND a.attgenerated != '')
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


def edited_since(
    line_ids: Sequence[int],
    table: str,
    ignored: Sequence[str],
    journal_ids: Sequence[int],
) -> SQL:
    """List the rows that were made, and are not as they were left: ``row_id``.

    :param ignored: the columns that nobody edits
    :param journal_ids: ids of all journals that are going to be undone: what one of
        these has changed is as it was left
    """
    return SQL(
        """
        WITH edited AS MATERIALIZED (
            SELECT line.id AS line_id, t.id AS row_id, known.name,
                   to_jsonb(t) -> known.name AS now
              FROM %(changes)s
              JOIN %(rows)s t ON t.id = (one ->> 'row_id')::int
             CROSS JOIN LATERAL jsonb_each(one -> 'after') AS known(name, value)
             WHERE line.id = ANY(%(line_ids)s) AND one -> 'before' = 'null'
               AND jsonb_typeof(one -> 'after') = 'object'
               AND known.name != ALL(%(ignored)s) AND to_jsonb(t) ? known.name
               AND to_jsonb(t) -> known.name IS DISTINCT FROM known.value)
        SELECT DISTINCT row_id FROM edited WHERE now IS DISTINCT FROM (
               SELECT one -> 'after' -> edited.name FROM %(changes)s
                WHERE line.journal_id = ANY(%(journal_ids)s)
                  AND line.id > edited.line_id
                  AND line.table_name = %(table)s AND one -> 'after' ? edited.name
                  AND one ->> 'row_id' = edited.row_id::text
             ORDER BY line.id DESC LIMIT 1)
        """,
        changes=CHANGES,
        rows=rows_of(table),
        line_ids=list(line_ids),
        ignored=list(ignored),
        table=table,
        journal_ids=list(journal_ids),
    )


def rows_made(line_ids: Sequence[int]) -> SQL:
    """List the rows that were made: ``row_id``."""
    return SQL(
        """
        SELECT DISTINCT (one ->> 'row_id')::int FROM %s
         WHERE line.id = ANY(%s) AND one -> 'before' = 'null'
           AND one -> 'row_id' != 'null'
        """,
        CHANGES,
        list(line_ids),
    )


def pointed_to(table: str, row_ids: Collection[int], columns: Sequence[str]) -> SQL:
    """List what rows point to by now: ``row_id, column, id``."""
    return SQL(
        """
        SELECT t.id, key.name, (to_jsonb(t) ->> key.name)::int
          FROM %s t CROSS JOIN unnest(%s::text[]) AS key(name)
         WHERE t.id = ANY(%s) AND to_jsonb(t) ->> key.name IS NOT NULL
        """,
        rows_of(table),
        list(columns),
        list(row_ids),
    )


def leave_made_links(
    line_ids: Sequence[int], column: str, target_ids: Collection[int]
) -> SQL:
    """Forget the links that were made, and that name one of some rows."""
    return SQL(
        """
        UPDATE crm_lead_journal_line SET changes = COALESCE((
            SELECT jsonb_agg(one) FROM jsonb_array_elements(changes) AS one
             WHERE (one -> 'before' = 'null'
                    AND (one -> 'after' ->> %s)::int = ANY(%s)) IS NOT TRUE), '[]')
         WHERE id = ANY(%s)
        """,
        column,
        list(target_ids),
        list(line_ids),
    )


def changed_later(
    changes: Sequence[tuple[int, str, int, str | None]],
    journal_ids: Sequence[int],
) -> SQL:
    """List the places, from 1 on, of those `changes` that are remembered later: by
    another journal, or by the same.

    :param changes: (id of the line that remembers it, table, row id, column, or
        ``column.part``; None: the row was deleted), …
    :param journal_ids: ids of the journals that may have made them
    """
    line_ids, tables, row_ids, places = zip(*changes, strict=True)
    paths = [(place or "").partition(".") for place in places]
    return SQL(
        """
        WITH later AS (
            SELECT line.id, line.table_name,
                   (one ->> 'row_id')::int AS row_id,
                   one -> 'before' AS before, one -> 'after' AS after
              FROM %(changes)s
             WHERE line.table_name = ANY(%(tables)s) AND one -> 'row_id' != 'null'
               AND line.journal_id = ANY(%(journal_ids)s))
        SELECT DISTINCT change.place
          FROM unnest(%(line_ids)s::int[], %(tables)s::text[], %(row_ids)s::int[],
                      %(columns)s::text[], %(parts)s::text[]) WITH ORDINALITY
               AS change(line_id, table_name, row_id, name, part, place)
          JOIN crm_lead_journal_line mine ON mine.id = change.line_id
          JOIN later ON later.id > mine.id AND later.table_name = change.table_name
               AND later.row_id = change.row_id
         WHERE CASE WHEN change.name IS NULL THEN later.after = 'null'
               WHEN change.part IS NOT NULL
               THEN later.before -> change.name -> change.part
                    IS DISTINCT FROM later.after -> change.name -> change.part
               ELSE later.before -> change.name
                    IS DISTINCT FROM later.after -> change.name END
        """,
        changes=CHANGES,
        line_ids=list(line_ids),
        tables=list(tables),
        row_ids=list(row_ids),
        columns=[column or None for column, _dot, _part in paths],
        parts=[part or None for _column, _dot, part in paths],
        journal_ids=list(journal_ids),
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
          FROM %(changes)s CROSS JOIN unnest(%(columns)s::text[]) AS key(name)
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


def rows_deleted(line_ids: Sequence[int], row_ids: Collection[int]) -> SQL:
    """List those rows that were deleted, and that undo brings back: ``table, id``."""
    return SQL(
        """
        SELECT line.table_name, (one ->> 'row_id')::int FROM %s
         WHERE line.id = ANY(%s) AND one -> 'row_id' != 'null'
           AND one -> 'after' = 'null' AND (one ->> 'row_id')::int = ANY(%s)
        """,
        CHANGES,
        list(line_ids),
        list(row_ids),
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


# ------------------------------------------------------------
# What undo changes, for the ORM to know
# ------------------------------------------------------------


def touched(line_ids: Sequence[int], table: str, columns: Sequence[str]) -> SQL:
    """List which rows undo changes, of those that it changes or that have been changed
    since: ``column, ids whose value comes back, ids whose value was changed since and
    stays, ids whose value is not as it was left, ids that are remembered``."""
    return SQL(
        """
        SELECT column_name,
               array_agg(id) FILTER (WHERE is_as_left AND is_other),
               array_agg(id) FILTER (WHERE NOT is_as_left AND NOT is_as_before),
               array_agg(id) FILTER (WHERE NOT is_as_left), array_agg(id)
          FROM (
            SELECT t.id, asked.column_name,
                   one -> 'before' -> asked.column_name
                       IS DISTINCT FROM one -> 'after' -> asked.column_name
                       AS is_other,
                   now.image -> asked.column_name
                       IS NOT DISTINCT FROM one -> 'after' -> asked.column_name
                       AS is_as_left,
                   now.image -> asked.column_name
                       IS NOT DISTINCT FROM one -> 'before' -> asked.column_name
                       AS is_as_before
              FROM %(changes)s JOIN %(rows)s t ON t.id = (one ->> 'row_id')::int
             CROSS JOIN LATERAL (SELECT to_jsonb(t) AS image) AS now
             CROSS JOIN unnest(%(columns)s::text[]) AS asked(column_name)
             WHERE line.id = ANY(%(line_ids)s) AND %(is_update)s
               AND one -> 'before' ? asked.column_name) AS value
      GROUP BY column_name
        """,
        changes=CHANGES,
        rows=rows_of(table),
        columns=list(columns),
        line_ids=list(line_ids),
        is_update=IS_UPDATE,
    )


def comings_and_goings(line_ids: Sequence[int], table: str) -> SQL:
    """List the rows that undo inserts or deletes, or that have been deleted since:
    ``row_id, kind``, the kind being ``inserted``, ``deleted`` or ``gone``."""
    return SQL(
        """
        SELECT DISTINCT (one ->> 'row_id')::int, CASE
               WHEN one -> 'before' = 'null' THEN 'deleted'
               WHEN one -> 'after' = 'null' THEN 'inserted' ELSE 'gone' END
          FROM %(changes)s
         WHERE line.id = ANY(%(line_ids)s) AND one -> 'row_id' != 'null'
           AND (one -> 'before' = 'null') = EXISTS (
               SELECT FROM %(rows)s t WHERE t.id = (one ->> 'row_id')::int)
        """,
        changes=CHANGES,
        rows=rows_of(table),
        line_ids=list(line_ids),
    )


def linked(line_ids: Sequence[int], column: str) -> SQL:
    """List what the links that undo makes or drops are links of: ``id``."""
    return SQL(
        """
        SELECT DISTINCT (side.image ->> %(column)s)::int
          FROM %(changes)s
         CROSS JOIN LATERAL (VALUES (one -> 'before'), (one -> 'after')) AS side(image)
         WHERE line.id = ANY(%(line_ids)s) AND one -> 'row_id' = 'null'
           AND side.image ->> %(column)s IS NOT NULL
        """,
        changes=CHANGES,
        column=column,
        line_ids=list(line_ids),
    )


# ------------------------------------------------------------
# What the table has become since
# ------------------------------------------------------------

# Whether a value of an image can be read into a column of this kind: see `misfits`.
_FITS = SQL(
    """CASE
       WHEN known.value = 'null' THEN TRUE
       WHEN present.kind IN ('int2', 'int4', 'int8') THEN
           CASE WHEN jsonb_typeof(known.value) = 'number'
                     AND known.value::text ~ '^-?\\d{1,18}$'
                THEN abs(known.value::text::bigint) <= CASE present.kind
                     WHEN 'int2' THEN 32767 WHEN 'int4' THEN 2147483647
                     ELSE 999999999999999999 END
                ELSE FALSE END
       WHEN present.kind IN ('numeric', 'float4', 'float8') THEN
           jsonb_typeof(known.value) = 'number'
           OR known.value #>> '{}' IN ('NaN', 'Infinity', '-Infinity')
       WHEN present.kind = 'bool' THEN jsonb_typeof(known.value) = 'boolean'
       WHEN present.kind IN ('varchar', 'text', 'bpchar') THEN
           jsonb_typeof(known.value) = 'string'
       WHEN present.kind IN ('date', 'timestamp', 'timestamptz') THEN
           jsonb_typeof(known.value) = 'string'
           AND known.value #>> '{}' ~ '^(\\d{4,6}-\\d\\d-\\d\\d|-?infinity)'
       WHEN present.kind = 'parts' THEN jsonb_typeof(known.value) = 'object'
       ELSE TRUE END"""
)
# A change, and its place among those of its line.
_PLACED = SQL(
    "jsonb_array_elements(line.changes) WITH ORDINALITY AS placed(one, place)"
)


def misfits(line_ids: Sequence[int], kinds: Mapping[str, str]) -> SQL:
    """List the values that their column cannot hold as they are, as its type is another
    one by now: ``row_id, column, value as JSON, whether undo brings it back``.

    :param kinds: {column: its type; ``parts``: an object with a value a part}
    """
    return SQL(
        """
        SELECT DISTINCT (one ->> 'row_id')::int, known.key, known.value::text,
               side.name = 'before' AND NOT (%(is_update)s AND
                   one -> 'before' -> known.key
                   IS NOT DISTINCT FROM one -> 'after' -> known.key)
          FROM %(changes)s CROSS JOIN (VALUES ('before'), ('after')) AS side(name)
         CROSS JOIN jsonb_each(CASE WHEN jsonb_typeof(one -> side.name) = 'object'
                                    THEN one -> side.name ELSE '{}' END) AS known
          JOIN unnest(%(names)s::text[], %(kinds)s::text[]) AS present(name, kind)
            ON present.name = known.key
         WHERE line.id = ANY(%(line_ids)s) AND NOT (%(fits)s)
        """,
        changes=CHANGES,
        is_update=IS_UPDATE,
        names=list(kinds),
        kinds=list(kinds.values()),
        fits=_FITS,
        line_ids=list(line_ids),
    )


def fit(line_ids: Sequence[int], values: Collection[tuple[str, str, str]]) -> SQL:
    """Write values in the images as their column can hold them.

    :param values: (column, the value as JSON, the value to write instead), …
    """
    names, old_values, new_values = zip(*values, strict=True)
    fitted = [
        SQL(
            """CASE WHEN jsonb_typeof(one -> %(side)s) = 'object'
               THEN one -> %(side)s || COALESCE((
                    SELECT jsonb_object_agg(fitting.name, fitting.new_value)
                      FROM unnest(%(names)s::text[], %(old)s::jsonb[], %(new)s::jsonb[])
                           AS fitting(name, old_value, new_value)
                     WHERE one -> %(side)s -> fitting.name = fitting.old_value), '{}')
               ELSE 'null' END""",
            side=side,
            names=list(names),
            old=list(old_values),
            new=list(new_values),
        )
        for side in ("before", "after")
    ]
    return SQL(
        """
        UPDATE crm_lead_journal_line line SET changes = COALESCE((
            SELECT jsonb_agg(one || jsonb_build_object('before', %s, 'after', %s)
                             ORDER BY place) FROM %s), '[]')
         WHERE id = ANY(%s)
        """,
        *fitted,
        _PLACED,
        list(line_ids),
    )


def set_before(
    line_ids: Sequence[int], values: Collection[tuple[int, str, str | None]]
) -> SQL:
    """Let undo bring back other values.

    :param values: (row id, column, value as JSON), …
    """
    row_ids, names, jsons = zip(*values, strict=True)
    return SQL(
        """
        UPDATE crm_lead_journal_line line SET changes = COALESCE((
            SELECT jsonb_agg(CASE WHEN one -> 'before' = 'null' THEN one
                   ELSE jsonb_set(one, '{before}', one -> 'before' || COALESCE((
                        SELECT jsonb_object_agg(name, COALESCE(value, 'null'))
                          FROM unnest(%s::int[], %s::text[], %s::jsonb[])
                               AS wanted(row_id, name, value)
                         WHERE wanted.row_id = (one ->> 'row_id')::int), '{}'))
                   END ORDER BY place) FROM %s), '[]')
         WHERE id = ANY(%s)
        """,
        list(row_ids),
        list(names),
        list(jsons),
        _PLACED,
        list(line_ids),
    )


def leave_away(line_ids: Sequence[int], row_ids: Sequence[int]) -> SQL:
    """Forget rows that are not to come back."""
    return SQL(
        """
        UPDATE crm_lead_journal_line line SET changes = COALESCE((
            SELECT jsonb_agg(one ORDER BY place) FROM %s
             WHERE (one ->> 'row_id')::int != ALL(%s::int[])), '[]')
         WHERE id = ANY(%s)
        """,
        _PLACED,
        list(row_ids),
        list(line_ids),
    )


def strangers(line_ids: Sequence[int], table: str, is_dated: bool) -> SQL:
    """List the rows whose id another row has by now: ``row_id, whether it was made,
    whether it was deleted``.

    :param is_dated: the images say when rows were created
    """
    image = SQL(
        "CASE WHEN one -> 'after' = 'null' THEN one -> 'before' ELSE one -> 'after' END"
    )
    dated = SQL("jsonb_build_object('create_date', (%s) -> 'create_date')", image)
    return SQL(
        """
        SELECT DISTINCT t.id, one -> 'before' = 'null', one -> 'after' = 'null'
          FROM %(changes)s JOIN %(table)s t ON t.id = (one ->> 'row_id')::int
         WHERE line.id = ANY(%(line_ids)s) AND NOT to_jsonb(t) @> COALESCE(
               (%(image)s) -> %(identity)s, %(dated)s)
        """,
        changes=CHANGES,
        table=rows_of(table),
        line_ids=list(line_ids),
        image=image,
        identity=IDENTITY,
        dated=dated if is_dated else SQL("'{}'"),
    )


def blanks_to_fill(
    line_ids: Sequence[int],
    table: str,
    columns: Collection[str],
    required: Collection[str],
) -> SQL:
    """List the rows to be inserted that say nothing about some columns, as these are
    newer than they are: ``row_id, image, [column, …]``.

    :param columns: names of the columns that a row has to speak of
    :param required: names of those that take no NULL
    """
    return SQL(
        """
        SELECT * FROM (
            SELECT (one ->> 'row_id')::int AS row_id, one -> 'before' AS image, ARRAY(
                   SELECT name FROM unnest(%(columns)s::text[]) AS name
                    WHERE NOT one -> 'before' ? name OR (
                          one -> 'before' -> name = 'null'
                          AND name = ANY(%(required)s::text[]))
                   ) AS names
              FROM %(changes)s
             WHERE line.id = ANY(%(line_ids)s) AND one -> 'row_id' != 'null'
               AND one -> 'before' != 'null' AND NOT (%(is_update)s)
               AND NOT EXISTS (SELECT FROM %(rows)s t
                                WHERE t.id = (one ->> 'row_id')::int)) AS row_to_insert
         WHERE names != '{}'
        """,
        columns=list(columns),
        required=list(required),
        changes=CHANGES,
        line_ids=list(line_ids),
        is_update=IS_UPDATE,
        rows=rows_of(table),
    )


# ------------------------------------------------------------
# What only one may have
# ------------------------------------------------------------


def clashes(
    line_ids: Sequence[int], table: str, columns: Sequence[str], key: UniqueKey
) -> SQL:
    """List the rows that undo would give what only one row may have, and another row
    has or gets: ``row_id, the row as it would be, the row as it is now, id of that
    other row``. A row that is inserted is not there now.

    :param line_ids: ids of all lines about the table
    :param columns: names of the columns that undo brings back
    """
    return SQL(
        """
        WITH restored AS (
            SELECT (one ->> 'row_id')::int AS row_id, TRUE AS is_new,
                   jsonb_populate_record(NULL::%(table)s, one -> 'before') AS image
              FROM %(changes)s
             WHERE line.id = ANY(%(line_ids)s) AND NOT (%(is_update)s)
               AND one -> 'before' != 'null' AND NOT EXISTS (
                   SELECT FROM %(rows)s t WHERE t.id = (one ->> 'row_id')::int)
             UNION ALL
            SELECT t.id, FALSE, jsonb_populate_record(t, COALESCE((
                   SELECT jsonb_object_agg(name, one -> 'before' -> name)
                     FROM unnest(%(columns)s::text[]) AS name
                    WHERE one -> 'before' ? name
                      AND one -> 'before' -> name
                          IS DISTINCT FROM one -> 'after' -> name
                      AND to_jsonb(t) -> name
                          IS NOT DISTINCT FROM one -> 'after' -> name), '{}'))
              FROM %(changes)s JOIN %(rows)s t ON t.id = (one ->> 'row_id')::int
             WHERE line.id = ANY(%(line_ids)s) AND %(is_update)s
        ), keyed AS (
            SELECT restored.*, key.*, NOT EXISTS (
                   SELECT FROM %(rows)s t CROSS JOIN LATERAL (%(key_now)s) AS present
                    WHERE t.id = restored.row_id AND %(is_as_now)s) AS is_claimed
              FROM restored CROSS JOIN LATERAL (%(key_restored)s) AS key
        )
        SELECT claim.row_id, to_jsonb(claim.image), %(row_now)s, t.id
          FROM keyed claim
          CROSS JOIN %(rows)s t CROSS JOIN LATERAL (%(key_now)s) AS present
         WHERE claim.is_claimed AND %(is_held)s
           AND t.id NOT IN (SELECT row_id FROM restored)
         UNION
        SELECT claim.row_id, to_jsonb(claim.image), %(row_now)s, present.row_id
          FROM keyed claim JOIN keyed present ON %(is_held)s
         WHERE claim.is_claimed AND present.row_id != claim.row_id
           AND (NOT present.is_claimed
                OR (present.is_new, present.row_id) < (claim.is_new, claim.row_id))
        """,
        table=identifier(table),
        rows=rows_of(table),
        changes=CHANGES,
        line_ids=list(line_ids),
        is_update=IS_UPDATE,
        columns=list(columns),
        row_now=SQL(
            "(SELECT to_jsonb(it) FROM %s it WHERE it.id = claim.row_id)",
            rows_of(table),
        ),
        key_now=key.of(SQL("t")),
        key_restored=key.of(SQL("restored.image")),
        is_as_now=key.is_equal("key", "present"),
        is_held=key.is_equal("claim", "present"),
    )
