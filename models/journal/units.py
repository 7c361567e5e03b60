from . import restore
from .step import Step


class Units(Step):
    """Values that mean nothing without another one, such as an amount without its
    currency: where one of them has been changed since, undo leaves the others, and asks
    about them as well."""

    def find(self):
        """List what does not come back, as another value was changed that it needs.

        :return: see `crm.lead.undoable._get_conflicts`
        """
        conflicts = []
        pairs = self.journals._find_kept_together()
        for line_ids, table, _columns, has_ids in self.lines if pairs else ():
            if table != "crm_lead" or not has_ids:
                continue
            # Raw SQL: what the journal says is read by SQL alone.
            rows = self.env.execute_query(restore.kept_together(line_ids, table, pairs))
            conflicts += self.undoing.leave_out_changed_later(
                [(line_id, table, *change) for line_id, *change in rows]
            )
        return conflicts

    def keep(self):
        """Let undo leave such values as they are."""
        if pairs := self.journals._find_kept_together():
            # Raw SQL: what the journal says is written by SQL alone.
            self.env.cr.execute(
                restore.keep_together(self.journals.ids, "crm_lead", pairs)
            )
