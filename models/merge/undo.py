from odoo import models
from odoo.tools import SQL, format_date

from ...exceptions import UndoRefused


class CrmLeadMerge(models.Model):
    """How a merge is undone: the sources come back, and everything with them."""

    _inherit = "crm.lead.merge"

    def _check_undo(self):
        result = super()._check_undo()
        survivor = self.env["crm.lead"].browse(self.survivor_res_id)
        later = self._find_later_merge()
        if later:
            raise UndoRefused(
                self.env._(
                    "‘%(merge)s’ was merged again on %(date)s. Undo that merge first "
                    "(number %(number)s in the merge history).",
                    merge=self.name,
                    date=format_date(self.env, later.create_date),
                    number=later.id,
                )
            )
        survivor.check_access("write")
        if inner := self._get_inner_merges():
            inner._check_undo_possible()
        return result

    def _find_changes(self, lines, others):
        """Leave out the merged leads: that they are gone is the merge's own doing."""
        # sudo: ids alone, whatever the user may read
        sources = set(self.sudo().source_ids.mapped("source_res_id"))
        return [
            (table, row_id, column, *values)
            for table, row_id, column, *values in super()._find_changes(lines, others)
            if table != "crm_lead" or column or row_id not in sources
        ]

    def _find_later_merge(self):
        """Return the last of the later merges that the survivor took part in: what they
        did rests on what this one did, and the last one is undone first."""
        # sudo: a later merge stands in the way whether or not its result may be read
        return self.sudo().search(
            [
                ("id", ">", self.id),
                ("state", "=", "done"),
                "|",
                ("survivor_res_id", "=", self.survivor_res_id),
                ("source_ids.source_res_id", "=", self.survivor_res_id),
            ],
            order="id desc",
            limit=1,
        )

    def _get_inner_merges(self):
        """Return the merges that other addons made in hooks of these, and in hooks of
        those, the last one first."""
        # sudo: a part of the merge is undone with it, whoever may read it
        inner = self.sudo().search(
            [("outer_id", "in", self.ids), ("state", "=", "done")], order="id desc"
        )
        return inner | inner._get_inner_merges() if inner else inner

    def _undo(self):
        """Bring the sources back and put everything else where it was."""
        leads = self._get_leads()
        survivor = leads.browse(self.survivor_res_id)
        self.env["crm.lead.merge.check"]._lock(survivor)
        with self.env.cr.savepoint():
            journal = self.sudo()  # sudo: nobody may write the journal but the engine
            journal.note_id.unlink()
            was = survivor._get_won_lost()
            journal._forget_unsubscribed()
            journal._restore_around_inner()
            journal._restore_scoring(survivor, was)
            leads.check_access("write")  # they are somebody's again
            journal.source_ids._bring_back()
            journal.value_ids.unlink()
            journal._finish_undo()
            self.env.flush_all()

    def _restore_around_inner(self):
        """Bring back the rows, and undo the inner merges, the latest change first."""
        before = None
        for merge in self._get_inner_merges().filtered(
            lambda merge: merge.outer_id == self
        ):
            line_ids = (merge | merge._get_inner_merges()).line_ids.ids
            self._journal_restore(max(line_ids), before)
            merge._undo()
            before = min(line_ids)
        self._journal_restore(before=before)

    def _restore_scoring(self, survivor, was):
        """Undo what the merge told core's scoring, if undo leads back to how it was;
        otherwise tell the scoring what has become of the survivor.

        :param dict was: won and lost before undo, see `crm.lead._get_won_lost`
        """
        now = survivor._get_won_lost()
        if was == now:
            return
        # Raw SQL: what the journal says is read by SQL alone.
        [(before, after)] = self.env.execute_query(
            SQL(
                """SELECT one -> 'before' ->> 'won_status',
                          one -> 'after' ->> 'won_status'
                     FROM crm_lead_journal_line, jsonb_array_elements(changes) AS one
                    WHERE merge_id = %s AND table_name = 'crm_lead'
                      AND (one ->> 'row_id')::int = %s
                      AND one -> 'before' ? 'won_status'
                    LIMIT 1""",
                self.id,
                survivor.id,
            )
        )
        is_back = survivor.won_status == before and was == {
            survivor.id: {"is_won": after == "won", "is_lost": after == "lost"}
        }
        if is_back:
            self._journal_restore_counters()
        else:
            survivor._handle_won_lost(was, now)

    def _get_undo_message(self):
        return self.env._("The merge into ‘%s’ is undone.", self.name)

    def _get_leads(self):
        sources = self.source_ids.mapped("source_res_id")
        return self.env["crm.lead"].browse([*self.mapped("survivor_res_id"), *sources])
