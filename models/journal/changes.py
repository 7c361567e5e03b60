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
                ignored = self._get_ignored_columns(table)
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

    def _get_ignored_columns(self, table):
        """The columns nobody edits: computed ones, and who wrote when."""
        root = self.get_root(table)
        return [
            "write_uid",
            "write_date",
            "parent_path",  # follows the parent
            *(
                field.name
                for model in self.env.registry.values()
                if model._table == root and not model._abstract
                for field in model._fields.values()
                if field.store and field.compute and field.readonly
            ),
        ]
