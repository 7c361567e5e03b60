from . import restore
from .step import COUNTERS, Step


class Changes(Step):
    """What has been changed or deleted since (promise B2)."""

    def find(self):
        """List what has been changed since.

        :return: see `crm.lead.undoable._get_conflicts`
        """
        changes = []
        for line_ids, table, _columns, has_ids in self.lines:
            if has_ids and table not in COUNTERS:
                ignored = self.get_ignored_columns(table)
                query = restore.changed_since(line_ids, table, ignored)
                # Raw SQL: what the journal says is read by SQL alone.
                for line_id, *change in self.env.execute_query(query):
                    changes.append((line_id, table, *change))
        later = self.undoing.find_changed_later(changes)
        return [
            tuple(change)
            for place, (_line_id, *change) in enumerate(changes, 1)
            if place not in later
        ]
