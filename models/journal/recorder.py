from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field

from odoo import models
from odoo.tools import SQL

from ...exceptions import SharedChange
from ...references.reference import IDENTITY, row_identity
from ..common.base import RECORDING

#: Written by the engine itself, which takes them back by itself.
OWN_TABLES = frozenset(
    {
        "crm_lead_journal",
        "crm_lead_journal_line",
        "crm_lead_merge",
        "crm_lead_merge_source",
        "crm_lead_merge_value",
    }
)
#: Logs of what was done to which record (`auditlog` of the OCA): it was done, though
#: undo takes it back.
LOG_TABLES = frozenset(
    {
        "auditlog_http_request",
        "auditlog_http_session",
        "auditlog_log",
        "auditlog_log_line",
    }
)

UNWATCHED_TABLES = OWN_TABLES | LOG_TABLES


@dataclass
class Recording:
    """What is remembered at the moment, in one transaction: it sees each row that the
    ORM writes, see `common.base`.

    :param journals: of whom: one, or several if nothing but what is remembered already
        may change
    :param batch: ids of leads that are remembered by them or others of their batch
    :param theirs: those of them that are remembered by others
    :param seen: {table: ids of rows} that are remembered
    :param refused: the errors raised so far
    """

    journals: models.BaseModel
    batch: frozenset = frozenset()
    theirs: frozenset = frozenset()
    seen: dict = field(default_factory=lambda: defaultdict(set))
    refused: list = field(default_factory=list)

    def before_write(self, records):
        """Remember rows that the ORM is about to update."""
        if not records._transient:
            self.before_change(records._table, records._ids)

    def before_change(self, table, row_ids):
        """Remember rows of a table that are about to change or go."""
        if news := self._note(table, row_ids):
            self.journals._snapshot(table, news)

    def before_unlink(self, records):
        """Remember rows that the ORM is about to delete, after those that the database
        deletes, or empties, with them: undo begins with the last."""
        if records._transient or records._table in UNWATCHED_TABLES:
            return
        table, row_ids = records._table, set(records._ids)
        if table == "crm_lead" and row_ids <= self.batch:
            # the merge has moved all that pointed to its sources
            self.before_change(table, records._ids)
            return
        if not self.seen[table].isdisjoint(row_ids):
            self.close({table})
        self._record_dependents(table, row_ids, visited=set())
        self.before_change(table, records._ids)

    def after_create(self, records, names):
        """Remember rows that the ORM has just made, with their links.

        :param names: names of the fields that were written
        """
        if records._transient:
            return
        if news := self._note(records._table, records._ids):
            self._record_made(records._table, news)
            links = self._read_links(self._get_relations(records, names), news)
            for table, made in links.items():
                self._record_links(table, set(), made)

    @contextmanager
    def links_written(self, records, names):
        """Remember the links of many2many fields that are written meanwhile.

        :param names: names of fields, of whatever type
        """
        relations = self._get_relations(records, names)
        row_ids = [*filter(None, records._ids)]
        is_watched = not records._transient and records._table not in UNWATCHED_TABLES
        if not (relations and row_ids and is_watched):
            yield
            return
        before = self._read_links(relations, row_ids)
        yield
        after = self._read_links(relations, row_ids)
        for table, _column in relations:
            if before[table] != after[table]:
                self.refuse_shared(table)
                self._record_links(table, before[table], after[table])

    def _get_relations(self, records, names):
        """Return {(table of links, column), …} of those fields that have links."""
        fields = [records._fields.get(name) for name in names]
        return {
            (field.relation, field.column1)
            for field in fields
            if field and field.type == "many2many" and field.store
        }

    def wait(self):
        """Close everything, as another merge begins: what this one does after it is
        undone before it."""
        self.refuse_shared("crm_lead_merge")
        self.close(list(self.seen))

    def close(self, tables):
        """Let what is remembered of some tables end here: what becomes of their rows
        from now on is remembered anew, and undone first."""
        self.journals._complete(tables, is_final=True)
        for table in tables:
            self.seen[table].clear()

    def _note(self, table, row_ids):
        """Return the ids that are to be remembered, and take note of them."""
        if table in UNWATCHED_TABLES:
            return []
        news = [row_id for row_id in row_ids if row_id not in self.seen[table]]
        if news:
            is_theirs = table == "crm_lead" and not self.theirs.isdisjoint(news)
            self.refuse_shared(table, is_theirs)
        self.seen[table].update(news)
        return news

    def refuse_shared(self, table, is_theirs=False):
        """Refuse a change that not one journal alone can remember as its own."""
        if len(self.journals) > 1 or is_theirs:
            self.refused.append(SharedChange(table))
            raise self.refused[-1]

    def _record_made(self, table, row_ids):
        """Remember rows that were made: which they are, as undo deletes them, and how
        they look in the end, as it leaves those that somebody has edited since."""
        self.journals._record_each(
            table,
            SQL(
                """SELECT %s AS journal_id, t.id AS row_id, NULL::jsonb AS before,
                          jsonb_build_object('id', t.id, %s, %s) AS after
                     FROM %s t WHERE t.id = ANY(%s)""",
                self.journals.id,
                IDENTITY,
                row_identity("t"),
                SQL.identifier(table),
                list(row_ids),
            ),
            is_computed_later=True,
        )

    def _read_links(self, relations, row_ids):
        """Return the rows of link tables that hold one of some ids.

        :param relations: {(table, column), …}
        :return: {table: {row as JSON, …}}
        """
        links = defaultdict(set)
        for table, column in relations:
            # Raw SQL: a link table has no model; the row as PostgreSQL writes it.
            rows = self.journals.env.execute_query(
                SQL(
                    "SELECT to_jsonb(t)::text FROM %s t WHERE %s = ANY(%s)",
                    SQL.identifier(table),
                    SQL.identifier("t", column),
                    list(row_ids),
                )
            )
            links[table].update(row for (row,) in rows)
        return links

    def _record_links(self, table, before, after):
        """Remember links that were removed and added.

        :param before: {row as JSON, …}
        :param after: the same, as it is now
        """
        self.journals._record(
            table,
            SQL(
                """changed AS (
                    SELECT NULL::int AS row_id, link::jsonb AS before,
                           NULL::jsonb AS after FROM unnest(%s::text[]) AS link
                     UNION ALL
                    SELECT NULL, NULL, link::jsonb FROM unnest(%s::text[]) AS link)""",
                sorted(before - after),
                sorted(after - before),
            ),
        )

    def _record_dependents(self, table, row_ids, visited):
        """Remember rows that the database changes by itself when others are deleted:
        foreign keys delete them, or take the reference away.

        :param table: the table of the rows that are about to be deleted
        :param row_ids: their ids
        :param visited: {(table, id), …} of rows whose dependents are known, added to
        """
        row_ids = [one for one in row_ids if (table, one) not in visited]
        visited.update((table, row_id) for row_id in row_ids)
        keys = self._get_dependents(table) if row_ids else []
        for child, column, is_deleted, child_ids in self._find_held(keys, row_ids):
            if child_ids == [None]:
                links = self._read_links({(child, column)}, row_ids)
                self.refuse_shared(child)
                self._record_links(child, links[child], set())
                continue
            if is_deleted:
                self._record_dependents(child, child_ids, visited)
            self.before_change(child, child_ids)

    def _get_dependents(self, table):
        """Return the foreign keys by which rows go, or lose a reference, with rows of
        `table`: [(table, column, whether they go, whether they have an id), …]."""
        transient = {
            model._table
            for model in self.journals.env.registry.values()
            if model._transient
        }
        # Raw SQL: the catalogue of the database has no model.
        rows = self.journals.env.execute_query(
            SQL(
                """
                SELECT source.relname, a.attname, key.confdeltype = 'c',
                       EXISTS (SELECT FROM pg_attribute
                                WHERE attrelid = source.oid AND attname = 'id')
                  FROM pg_constraint key
                  JOIN pg_class source ON source.oid = key.conrelid
                  JOIN pg_class target ON target.oid = key.confrelid
                  JOIN pg_attribute a ON a.attrelid = source.oid
                   AND a.attnum = key.conkey[1]
                 WHERE key.contype = 'f' AND key.confdeltype IN ('c', 'n', 'd')
                   AND target.relname = %s
                   AND target.relnamespace = current_schema::regnamespace
                   AND source.relnamespace = current_schema::regnamespace
                """,
                table,
            )
        )
        return [row for row in rows if row[0] not in transient]

    def _find_held(self, keys, row_ids):
        """Return those foreign keys that hold rows, in one query.

        :param keys: see `_get_dependents`
        :return: [(table, column, whether they go, [id of a row, …] or [None]), …]
        """
        if not keys:
            return []
        # Raw SQL: any table of the database, whoever may read it.
        rows = self.journals.env.execute_query(
            SQL(" UNION ALL ").join(
                SQL(
                    """SELECT %s, array_agg(DISTINCT %s) FROM %s t WHERE %s = ANY(%s)
                       HAVING count(*) > 0""",
                    place,
                    SQL.identifier("t", "id") if has_id else SQL("NULL::int"),
                    SQL.identifier(table),
                    SQL.identifier("t", column),
                    row_ids,
                )
                for place, (table, column, _goes, has_id) in enumerate(keys)
            )
        )
        return [(*keys[place][:3], child_ids) for place, child_ids in rows]


@contextmanager
def recording(journals, remembered, batch=frozenset()):
    """Remember every row the ORM updates, makes or deletes until the end.

    Within another one, that one waits: what happens is remembered by this one.

    :param journals: of whom
    :param dict remembered: {table: ids of rows} that are remembered already
    :param frozenset batch: ids of leads that are remembered by these journals or
        another one of its batch
    :return: {table: ids of rows} that are remembered, filled meanwhile
    :raise SharedChange: at a lead that is another one's; and if these are several
        journals, at any row that is not remembered
    """
    outer = RECORDING.get(journals.env.cr)
    if outer:
        outer.wait()
    theirs = batch.difference(remembered.get("crm_lead", ()))
    present = Recording(journals, batch, theirs)
    for table, row_ids in remembered.items():
        present.seen[table].update(row_ids)
    RECORDING[journals.env.cr] = present
    try:
        yield present.seen
        journals.env.flush_all()
    finally:
        if outer:
            RECORDING[journals.env.cr] = outer
        else:
            RECORDING.pop(journals.env.cr, None)
    if present.refused:  # and whoever did it has gone on regardless
        raise present.refused[0]


def get_under_way(env):
    """Return the recording of this transaction, of a merge in whose hook the caller
    runs, or None."""
    return RECORDING.get(env.cr)
