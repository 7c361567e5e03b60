from ...exceptions import UndoRefused
from ...references.obstacle import HeldBy
from . import restore
from .step import Step


class Strangers(Step):
    """Rows whose id another row has by now, as tables that were restored from a dump
    give numbers anew: undo leaves the stranger alone, and says what is gone."""

    def leave(self):
        """Forget what is remembered of such rows.

        :return: conflicts, see `_get_conflicts`
        :raise UndoRefused: where a lead would come back under the id of another one
        """
        conflicts = []
        for line_ids, table, columns in self.get_lines_of_rows():
            # Raw SQL: what the journal says is read and written by SQL alone.
            strangers = self.env.execute_query(
                restore.strangers(line_ids, table, "create_date" in columns)
            )
            if not strangers:
                continue
            row_ids = [row_id for row_id, *_how in strangers]
            if table == "crm_lead":
                self._refuse_strangers(
                    [row_id for row_id, _was_made, was_deleted in strangers
                     if was_deleted]
                )  # fmt: skip
            self.env.cr.execute(restore.leave_away(line_ids, row_ids))
            conflicts += [
                (table, row_id, None, None,
                 HeldBy(table, row_id) if was_deleted else None)
                for row_id, was_made, was_deleted in strangers
                if not was_made
            ]  # fmt: skip
        return conflicts

    def _refuse_strangers(self, lead_ids):
        for lead_id in lead_ids:
            raise UndoRefused(
                self.env._(
                    "The lead with the number %s cannot come back: another lead has "
                    "that number by now, as tables were restored from a copy. Undo in "
                    "that copy, or create the lead anew.",
                    lead_id,
                )
            )
