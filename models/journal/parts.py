from . import restore
from .step import Step

#: Types of fields that have a value for each property.
PARTED = ("properties",)


class Parts(Step):
    """Columns with several values, one a language, a company or a property: undo
    brings back each value that has not been changed since, and asks about the others
    one by one (promise B2)."""

    def part(self):
        """Let undo bring back the parts of columns that have been changed since.

        :return: conflicts, see `_get_conflicts`; the column of a part is called
            ``column.part``
        """
        changes = []
        journal_ids = self.undoing.together.ids
        for line_ids, table, names in self.get_lines_of_rows():
            if parted := self._get_part_columns(table, names):
                # Raw SQL: what the journal says is read and written by SQL alone.
                rows = self.env.execute_query(
                    restore.changed_parts(line_ids, table, parted)
                )
                changes += [(line_id, table, *change) for line_id, *change in rows]
                self.env.cr.execute(restore.part(line_ids, table, parted, journal_ids))
        return self.undoing.leave_out_changed_later(changes)

    def part_rows(self, line_ids, table, names):
        """Let undo bring back the parts of columns that have been changed since, once
        everything later is undone: one merge may have changed a column several times.
        """
        if parted := self._get_part_columns(table, names):
            # Raw SQL: what the journal says is written by SQL alone.
            self.env.cr.execute(restore.part(line_ids, table, parted))

    def _get_part_columns(self, table, names):
        """Return those of the columns `names` of `table` that have a value a part."""
        model = self.get_model(table)
        fields = model._fields if model is not None else {}
        return [
            name
            for name in names
            if (field := fields.get(name))
            and (field.translate or field.company_dependent or field.type in PARTED)
        ]
