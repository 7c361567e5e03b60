from . import restore
from .step import Step


class Changes(Step):
    """What has been changed or deleted since (promise B2)."""

    def find(self):
        """List what has been changed since.

        :return: see `crm.lead.undoable._get_conflicts`
        """
        changes = []
        for line_ids, table, _columns in self.get_lines_of_rows():
            ignored = self.get_ignored_columns(table)
            query = restore.changed_since(line_ids, table, ignored)
            # Raw SQL: what the journal says is read by SQL alone.
            for line_id, *change in self.env.execute_query(query):
                changes.append((line_id, table, *change))
        return self.undoing.leave_out_changed_later(changes)
