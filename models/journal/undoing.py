from contextlib import closing

from psycopg2 import IntegrityError

from odoo.tools import SQL

from ...exceptions import UndoRefused
from ...references import catalogue
from ...references.catalogue import Column, read_foreign_keys
from ...references.table import identity
from . import restore
from .changes import Changes
from .clashes import Clashes
from .filling import Filling
from .fitting import Fitting
from .gone import Gone
from .made import Made
from .parts import Parts
from .step import COUNTERS
from .strangers import Strangers
from .telling import Telling
from .units import Units

#: How many messages a web client is told to forget; it reads the others anew.
TOLD = 1000


class Undoing:
    """One undo of one or several journals, or the question before it.

    What is remembered is first made to fit the tables as they are by now: each step
    (`Step`) writes the images anew, and says what does not come back as it was. The
    steps in their order: `Strangers`, `Fitting`, `Made`, `Parts`, `Clashes`, `Gone`.
    Then new columns are filled (`Filling`), the rows come back, and the ORM computes
    what follows (`Telling`). To ask takes the same steps up to `Gone`, lists besides
    what people have changed (`Changes`, `Units`), and takes all of it back.

    ``lines`` says what there is to do, see `_read_lines`; ``columns`` is {table: {name:
    Column}} of their tables; ``together`` is all that is undone, the others as well.

    :param journals: what is undone
    :param others: journals that are undone as well, and asked about apart
    :param int after: leave out the lines up to this id
    :param int before: leave out the lines from this id on
    """

    def __init__(self, journals, others=(), after=0, before=None):
        self.env = journals.env
        self.journals = journals
        self.together = journals.union(others) if others else journals
        self.limits = {"after": after, "before": before}
        self.lines, self.columns = [], {}

    def find_conflicts(self):
        """List what does not come back as it was.

        :return: see `crm.lead.undoable._get_conflicts`
        """
        self.env.flush_all()
        with closing(self.env.cr.savepoint(flush=False)):
            self._read()
            strange = Strangers(self).leave()
            unreadable = Fitting(self).fit()
            edited = Made(self).keep_edited()
            parts = Parts(self).part()
            changes = [*Changes(self).find(), *Units(self).find()]
            yielded = Clashes(self).give_way()
            emptied = Gone(self).mend(yielded)
        return [
            *strange, *unreadable, *edited, *parts, *changes, *yielded, *emptied
        ]  # fmt: skip

    def restore(self):
        """Bring back the rows of all lines, except what has been changed since.

        :raise UndoRefused: if the database refuses a row, naming the table and the rule
        """
        name = self.journals[:1].display_name
        made = self.find_made_messages()
        try:
            self._restore_rows()
        except IntegrityError as error:
            raise UndoRefused(
                self.env._(
                    "‘%(journal)s’ cannot be undone: a row of the table %(table)s "
                    "breaks its rule %(rule)s by now. Change the record that stands in "
                    "the way, then undo.",
                    journal=name,
                    table=error.diag.table_name,
                    rule=error.diag.constraint_name or error.diag.column_name,
                )
            ) from error
        if gone := made - made.exists():
            self.env.user._bus_send("mail.message/delete", {"message_ids": gone.ids})

    def _restore_rows(self):
        self.env.flush_all()
        self._read()
        Units(self).keep()
        Strangers(self).leave()
        unreadable = Fitting(self).fit()
        Made(self).keep_edited()
        Parts(self).part()
        yielded = Clashes(self).give_way()
        emptied = Gone(self).mend(yielded)
        filled = Filling(self).fill()
        self.lines = self._read_lines()  # with what has been filled in
        telling = Telling(self)
        change = telling.foretell([*unreadable, *yielded, *emptied])
        Clashes(self).free()
        for line_ids, table, names, has_ids in self.lines:
            if table in COUNTERS:
                continue
            for statement in (restore.delete_made, restore.insert_deleted):
                self.env.cr.execute(statement(line_ids, table, names))
            kept = [one for one in names if not self.columns[table][one].is_numbered]
            if has_ids and kept:
                Parts(self).part_rows(line_ids, table, kept)
                self.env.cr.execute(restore.update_changed(line_ids, table, kept))
        self.env.invalidate_all(flush=False)
        tables = {table for _ids, table, *_rest in self.lines} - COUNTERS.keys()
        self.journals._drop_caches(tables)
        Gone(self).give_stages(emptied)
        telling.tell(change, filled)

    def restore_counters(self):
        """Take back what was added to counters, and drop those that were made."""
        self._read()
        for line_ids, table, columns, _has_ids in self.lines:
            if table in COUNTERS:
                counted = [name for name in columns if name in COUNTERS[table]]
                others = [name for name in columns if name not in COUNTERS[table]]
                statements = [restore.update_changed(line_ids, table, others)]
                if counted:
                    statements.append(restore.subtract_counts(line_ids, table, counted))
                for statement in statements:
                    self.env.cr.execute(statement)
                self.env.cr.execute(restore.delete_made(line_ids, table, columns))
        self.env.invalidate_all(flush=False)

    # ------------------------------------------------------------
    # What there is to do
    # ------------------------------------------------------------

    def _read(self):
        self.lines = self._read_lines()
        self.columns = self._read_columns()

    def _read_lines(self):
        """Return [(line ids, table, [column, …], has row ids), …]: the latest change
        first; before all, the leads that were deleted, as others point to them, and
        what they point to themselves. Of several journals, the lines about one table go
        together. The columns are those that are remembered and that the table still
        has, but for those that PostgreSQL computes.
        """
        self.env["crm.lead.journal.line"].flush_model()
        # Raw SQL: what the journal says is read by SQL alone.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT array_agg(id), table_name, columns, has_ids, stays FROM (
                    SELECT line.id, line.table_name,
                           array_agg(a.attname::text ORDER BY a.attnum) AS columns,
                           line.changes -> 0 -> 'row_id' != 'null' AS has_ids,
                           line.changes -> 0 -> 'after' != 'null' AS stays,
                           row_number() OVER (
                               PARTITION BY line.journal_id, line.table_name
                               ORDER BY line.id DESC) AS turn
                      FROM crm_lead_journal_line line
                      JOIN pg_attribute a ON a.attrelid = %(table)s AND a.attnum > 0
                           AND a.attgenerated = ''
                     WHERE line.journal_id = ANY(%(ids)s) AND line.id > %(after)s
                       AND (line.id < %(before)s) IS NOT FALSE
                       AND COALESCE(NULLIF(line.changes -> 0 -> 'before', 'null'),
                                    line.changes -> 0 -> 'after') ? a.attname::text
                  GROUP BY line.id) AS line
              GROUP BY table_name, columns, has_ids, stays, turn
              ORDER BY max(id) DESC
                """,
                table=identity(SQL.identifier("line", "table_name")),
                ids=self.journals.ids,
                **self.limits,
            )
        )
        get_root = self.env["crm.lead.ledger"]._get_root
        deleted = {get_root(row[1]): row[2] for row in rows if not row[4]}
        first = self._find_pointed_to("crm_lead", deleted)
        rank = {table: place - len(first) for place, table in enumerate(first)}
        rows.sort(key=lambda row: 0 if row[4] else rank.get(get_root(row[1]), 0))
        return [row[:4] for row in rows]

    def _find_pointed_to(self, table, deleted, waiting=()):
        """Return the tables of which rows have to be back before those of `table`, and
        the table itself, last.

        :param deleted: {table of which rows were deleted: its columns}
        :param waiting: the tables that point to `table`
        """
        tables = []
        if table in deleted and table not in waiting:
            waiting = (*waiting, table)
            others = {*deleted}.difference(waiting)
            for _name, target, _is_required in (
                read_foreign_keys(self.env, table, deleted[table]) if others else ()
            ):
                if target in others:
                    tables += self._find_pointed_to(target, deleted, waiting)
            tables.append(table)
        return list(dict.fromkeys(tables))

    def _read_columns(self):
        """Return {table: {name: Column}} of the tables of the lines."""
        columns = {}
        tables = {table for _ids, table, *_rest in self.lines}
        # Raw SQL: the catalogue of the database has no model.
        for table, *column in self.env.execute_query(catalogue.list_columns(tables)):
            columns.setdefault(table, {})[column[0]] = Column(*column)
        return columns

    def leave_out_changed_later(self, changes):
        """Leave out what was changed by something that is undone as well: it goes back
        to how it was left, and is no conflict.

        :param changes: [(id of a line, table, row id, column, …), …]
        :return: conflicts, see `crm.lead.undoable._get_conflicts`
        """
        if not changes:
            return []
        # Raw SQL: what the journal says is read by SQL alone.
        rows = self.env.execute_query(
            restore.changed_later([change[:4] for change in changes], self.together.ids)
        )
        later = {place for (place,) in rows}
        return [
            tuple(change)
            for place, (_line_id, *change) in enumerate(changes, 1)
            if place not in later
        ]

    def find_edited(self, table):
        """Return the ids of the rows of a table that were made, and that somebody has
        edited since."""
        self.env.flush_all()
        self._read()
        return Made(self).find_edited().get(table, set())

    def find_made_messages(self):
        """Return the messages that were made by what is undone, also those gone by
        now."""
        # Raw SQL: what the journal says is read by SQL alone.
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT (one ->> 'row_id')::int
                     FROM crm_lead_journal_line line,
                          jsonb_array_elements(line.changes) AS one
                    WHERE line.journal_id = ANY(%s) AND line.table_name = 'mail_message'
                      AND one -> 'before' = 'null'
                    LIMIT %s""",
                self.journals.ids,
                TOLD,
            )
        )
        return self.env["mail.message"].browse(row_id for (row_id,) in rows)
