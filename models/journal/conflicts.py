from contextlib import closing

from odoo import models
from odoo.tools import SQL

from ...references.table import identity
from . import restore
from .crm_lead_journal import COUNTERS


class CrmLeadJournal(models.AbstractModel):
    """What undo asks about: what has been changed or deleted since (promise B2)."""

    _inherit = "crm.lead.journal"

    def _get_conflicts(self):
        """List what undo would bring back but what has been changed since, points to
        what has been deleted since, is another row's by now, or no value of its column
        any more.

        :return: [(table, row id, column, value before, value now), …]; of a row deleted
            since, the column is None; of one that stays as a whole, too, and the value
            now says why; it is an obstacle where one stands in the way, see
            `ledger.obstacle`
        """
        return self._list_once(self._find_conflicts())

    def _list_once(self, conflicts):
        """Return the conflicts, each value once: what is both changed and deleted since
        has been changed."""
        once = {}
        for conflict in conflicts:
            once.setdefault(conflict[:3], conflict)
        return list(once.values())

    def _find_conflicts(self, others=None):
        """List them, a value that is both changed and deleted since twice.

        :param others: journals of another model that are undone as well
        """
        self.env.flush_all()
        # as undo will do it, but for what it writes
        with closing(self.env.cr.savepoint(flush=False)):
            lines = self._get_journal_lines()
            columns = self._get_table_columns(lines)
            strange = self._journal_leave_strangers(lines)
            unreadable = self._journal_fit(lines, columns)
            parts = self._journal_part(lines, others)
            changes = self._find_changes(lines, others)
            yielded = self._journal_yield(lines, columns)
            emptied = self._journal_mend(lines, yielded)
        return [*strange, *unreadable, *parts, *changes, *yielded, *emptied]

    def _find_changes(self, lines, others):
        """List what has been changed since, as `_get_conflicts` does.

        :param lines: see `_get_journal_lines`
        :param others: see `_find_conflicts`
        """
        changes = []
        for line_ids, table, _columns, has_ids in lines:
            if has_ids and table not in COUNTERS:
                ignored = self._get_ignored_columns(table)
                query = restore.changed_since(line_ids, table, ignored)
                for line_id, *change in self.env.execute_query(query):
                    changes.append((line_id, table, *change))
        later = self._find_changed_later(changes, others)
        return [
            tuple(change)
            for place, (_line_id, *change) in enumerate(changes, 1)
            if place not in later
        ]

    def _find_changed_later(self, changes, others):
        """Return the places of what was changed by something that is undone as well: it
        goes back to how it was left, and is no conflict.

        :param changes: [(id of a line, table, row id, column, …), …]
        """
        if not changes:
            return set()
        ids = {self._journal_field: self.ids}
        if others:
            ids[others._journal_field] = others.ids
        # Raw SQL: what the journal says is read by SQL alone.
        rows = self.env.execute_query(
            restore.changed_later(
                [change[:4] for change in changes],
                ids.get("merge_id", ()),
                ids.get("conversion_id", ()),
            )
        )
        return {place for (place,) in rows}

    def _get_ignored_columns(self, table):
        """The columns nobody edits: computed ones, and who wrote when."""
        return [
            "write_uid",
            "write_date",
            "parent_path",  # follows the parent
            *(
                field.name
                for model in self.env.registry.values()
                if model._table == table and not model._abstract
                for field in model._fields.values()
                if field.store and field.compute and field.readonly
            ),
        ]

    # ------------------------------------------------------------
    # What it pointed to is gone
    # ------------------------------------------------------------

    def _find_gone(self, line_ids, keys, restored_ids):
        """Return what undo would bring back, but points to what is there no more.

        :param keys: see `_get_foreign_keys`
        :param restored_ids: ids of lines: the rows they bring back count as there
        :return: [(row id, column, id, the whole row of a link), …]
        """
        target_of = {column: target for column, target, _is_required in keys}
        # Raw SQL: what the journal says is read by SQL alone. Not in one query, which
        # would take PostgreSQL longer to prepare than all of them take.
        ask = self.env.execute_query
        held = ask(restore.targets_held(line_ids, list(target_of))) if keys else []
        wanted = {}
        for _row_id, column, target_id, _link in held:
            wanted.setdefault(target_of[column], set()).add(target_id)
        gone = set(ask(restore.rows_gone(wanted))) if wanted else set()
        if gone:
            tables = {table for table, _row_id in gone}
            gone.difference_update(ask(restore.rows_deleted(restored_ids, tables)))
        return [row for row in held if (target_of[row[1]], row[2]) in gone]

    def _get_foreign_keys(self, table, columns):
        """Return [(column, table it points to, whether it is required), …] of the keys
        that name a record by its id."""
        # Raw SQL: the catalogue of the database has no model.
        return self.env.execute_query(
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

    def _explain_link(self, table, column, link):
        """Return a link that does not come back as what its record says: a lead and its
        tags are known to people, the table of their links is not.

        :param dict link: the row
        """
        for model in self.env.registry.values():
            for field in model._fields.values() if not model._abstract else ():
                if (
                    field.type == "many2many"
                    and field.store
                    and (field.relation, field.column2) == (table, column)
                ):
                    row_id = link[field.column1]
                    return (model._table, row_id, field.name, link[column], None)
        return (table, None, column, link[column], None)
