from ...references.catalogue import read_foreign_keys
from . import restore
from .step import Step


class Made(Step):
    """Rows that were made, and that somebody has edited since: undo leaves them, with
    all that was made with them and belongs to them, and asks about them (promise
    B2)."""

    def keep_edited(self):
        """Forget such rows, and the links that name them.

        :return: conflicts, see `_get_conflicts`
        """
        edited = self.find_edited()
        if not edited:
            return []
        kept = self._find_made_with(edited)
        roots = {self.get_root(table): ids for table, ids in kept.items()}
        for line_ids, table, names, has_ids in self.lines:
            # Raw SQL: what the journal says is written by SQL alone.
            if has_ids and kept.get(table):
                self.env.cr.execute(restore.leave_away(line_ids, kept[table]))
            for column, target, _is_required in (
                () if has_ids else read_foreign_keys(self.env, table, names)
            ):
                if roots.get(target):
                    self.env.cr.execute(
                        restore.leave_made_links(line_ids, column, roots[target])
                    )
        reasons = (
            (edited, self.env._("Edited since")),
            (kept, self.env._("Belongs to a record that has been edited since")),
        )
        return [
            (table, row_id, None, None, reason)
            for rows, reason in reasons
            for table, row_ids in rows.items()
            for row_id in sorted(row_ids)
            if rows is edited or row_id not in edited.get(table, ())
        ]

    def find_edited(self):
        """Return {table: {id of a row that was made and has been edited since, …}}."""
        journal_ids = self.undoing.together.ids
        edited = {}
        for line_ids, table in self._get_lines_of_records():
            # Raw SQL: what the journal says is read by SQL alone.
            rows = self.env.execute_query(
                restore.edited_since(
                    line_ids, table, self.get_ignored_columns(table), journal_ids
                )
            )
            if rows:
                edited.setdefault(table, set()).update(row_id for (row_id,) in rows)
        return edited

    def _get_lines_of_records(self):
        """Return [(line ids, table), …] of tables of records; without merges and
        conversions, which say themselves whether they were undone."""
        fields = self.journals._fields
        own = {self.journals._table} | {
            self.env[fields[name].comodel_name]._table
            for name in self.journals._get_subject_fields()
        }
        return [
            (line_ids, table)
            for line_ids, table, _names in self.get_lines_of_rows()
            if table not in own
        ]

    def _find_made_with(self, edited):
        """Return {table: ids} of what was made and stays: the rows that are `edited`,
        those that they point to, those that point to them, and so on."""
        made = {}
        for line_ids, table in self._get_lines_of_records():
            # Raw SQL: as above.
            rows = self.env.execute_query(restore.rows_made(line_ids))
            made.setdefault(table, set()).update(row_id for (row_id,) in rows)
        neighbours = self._find_neighbours(made)
        kept = {(table, row_id) for table, ids in edited.items() for row_id in ids}
        reached = kept
        while reached:
            reached = {end for row in reached for end in neighbours.get(row, ())} - kept
            kept |= reached
        rows = {}
        for table, row_id in kept:
            rows.setdefault(table, set()).add(row_id)
        return rows

    def _find_neighbours(self, made):
        """Return {(table, id): {(table, id), …}} of rows that point to each other.

        :param made: {table: ids}
        """
        table_of = {self.get_root(table): table for table in made}
        neighbours = {}
        for table, row_ids in made.items():
            targets = {
                column: table_of[target]
                for column, target, _is_required in read_foreign_keys(
                    self.env, table, list(self.columns[table])
                )
                if target in table_of
            }
            if not targets:
                continue
            # Raw SQL: as above.
            rows = self.env.execute_query(
                restore.pointed_to(table, row_ids, list(targets))
            )
            for row_id, column, target_id in rows:
                start, end = (table, row_id), (targets[column], target_id)
                if target_id in made[targets[column]]:
                    neighbours.setdefault(start, set()).add(end)
                    neighbours.setdefault(end, set()).add(start)
        return neighbours
