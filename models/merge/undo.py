from odoo import models
from odoo.tools import SQL, format_date


class CrmLeadMerge(models.Model):
    """How a merge is undone: the sources come back, and everything with them."""

    _inherit = "crm.lead.merge"

    def _check_undo(self):
        result = super()._check_undo()
        self.env["crm.lead"].browse(self.survivor_res_id).check_access("write")
        if inner := self._get_inner_merges():
            inner._check_undo_possible()
        return result

    def _explain_undo_first(self, earlier):
        if earlier._name != self._name:
            return self.env._(
                "‘%(lead)s’ was merged after it was converted. Undo that merge "
                "first (number %(number)s in the merge history).",
                lead=earlier.name,
                number=self.id,
            )
        return self.env._(
            "‘%(merge)s’ was merged again on %(date)s. Undo that merge first "
            "(number %(number)s in the merge history).",
            merge=earlier.name,
            date=format_date(self.env, self.create_date),
            number=self.id,
        )

    def _find_conflicts(self, others=()):
        """List as well who stopped following since, series of meetings, files, and what
        was imported; leave out the merged leads, which are gone by the merge's own
        doing, and totals that say what is computed: they will be so again."""
        # sudo: ids alone, whatever the user may read
        sources = set(self.sudo().source_ids.mapped("source_res_id"))
        conflicts = [
            conflict
            for conflict in super()._find_conflicts(others)
            if conflict[0] != "crm_lead"
            or conflict[1] not in sources
            or conflict[2]
            or conflict[4]
        ]
        return [
            *self._leave_out_untyped_totals(conflicts),
            *self._find_changed_files(),
            *self._find_changed_series(),
            *self._find_unsubscribed_names(),
            *self._find_imported(),
        ]

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
            merge = self.sudo()  # sudo: nobody may write the journal but the engine
            edited = merge.journal_id._find_edited("mail_message")
            merge.note_id.filtered(lambda note: note.id not in edited).unlink()
            was = survivor._get_won_lost()
            merge._forget_unsubscribed()
            merge._restore_around_inner()
            merge._restore_scoring(survivor, was)
            leads.check_access("write")  # they are somebody's again
            merge.source_ids._bring_back()
            merge.value_ids.unlink()
            merge.journal_id._finish_undo()
            self.env.flush_all()

    def _restore_around_inner(self):
        """Bring back the rows, and undo the inner merges, the latest change first."""
        before = None
        for merge in self._get_inner_merges().filtered(
            lambda merge: merge.outer_id == self
        ):
            line_ids = (merge | merge._get_inner_merges()).line_ids.ids
            self.journal_id._restore(max(line_ids), before)
            merge._undo()
            before = min(line_ids)
        self.journal_id._restore(before=before)

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
                    WHERE journal_id = %s AND table_name = 'crm_lead'
                      AND (one ->> 'row_id')::int = %s
                      AND one -> 'before' ? 'won_status'
                    LIMIT 1""",
                self.journal_id.id,
                survivor.id,
            )
        )
        is_back = survivor.won_status == before and was == {
            survivor.id: {"is_won": after == "won", "is_lost": after == "lost"}
        }
        if is_back:
            self.journal_id._restore_counters()
        else:
            survivor._handle_won_lost(was, now)

    def _get_undo_message(self):
        return self.env._("The merge into ‘%s’ is undone.", self.name)
