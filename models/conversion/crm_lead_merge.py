from odoo import fields, models


class CrmLeadMerge(models.Model):
    """A merge whose result was converted with it: undoing it undoes both."""

    _inherit = "crm.lead.merge"

    conversion_ids = fields.One2many("crm.lead.conversion", "merge_id", readonly=True)

    def _get_done_conversions(self):
        # sudo: what belongs to the merge is undone with it, whoever may read it; and
        # searched, as `conversion_ids` may be cached as others see it
        conversions = self.env["crm.lead.conversion"].sudo()
        return conversions.search(
            [("merge_id", "in", self.ids), ("state", "=", "done")]
        )

    def unlink(self):
        """Forget the conversions as well, before the database does."""
        # sudo: as the engine, which alone writes these rows
        self.sudo().conversion_ids.unlink()
        return super().unlink()

    def _get_conflicts(self, others=()):
        """List what has been changed since, also by the conversions of the merges.

        :param others: more conversions that are undone as well
        """
        merges = self | self._get_inner_merges().with_env(self.env)
        conversions = merges._get_done_conversions()
        if others:
            conversions |= others
        # sudo: which journals they are; nothing is read of them
        journals = conversions.sudo().journal_id.with_env(self.env)
        conflicts = conversions.with_env(self.env)._get_conflicts()
        return self._list_once([*conflicts, *merges._find_conflicts(journals)])

    def _get_created(self):
        return self._get_done_conversions().created_partner_ids

    def _undo(self):
        self._get_done_conversions()._undo()
        return super()._undo()
