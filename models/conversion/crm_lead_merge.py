from odoo import fields, models
from odoo.tools import format_date

from ...exceptions import UndoRefused


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

    def _check_undo(self):
        result = super()._check_undo()
        # sudo: a later conversion stands in the way whether or not it may be read
        later = (
            self.env["crm.lead.conversion"]
            .sudo()
            .search(
                [
                    ("lead_res_id", "=", self.survivor_res_id),
                    ("state", "=", "done"),
                    ("is_reverse", "=", False),  # which undo asks about
                    ("merge_id", "!=", self.id),
                ]
            )
        )
        mine = self.sudo()._get_first_line()  # sudo: when it happened, nothing more
        later = later.filtered(lambda one: one._get_first_line() > mine)[:1]
        if later:
            raise UndoRefused(
                self.env._(
                    "‘%(lead)s’ was converted on %(date)s, after the merge. Undo the "
                    "conversion first.",
                    lead=self.name,
                    date=format_date(self.env, later.create_date),
                )
            )
        return result

    def _get_conflicts(self, others=None):
        """List what has been changed since, also by the conversions of the merges.

        :param others: more conversions that are undone as well
        """
        merges = self | self._get_inner_merges().with_env(self.env)
        conversions = merges._get_done_conversions()
        if others:
            conversions |= others
        conflicts = conversions.with_env(self.env)._get_conflicts()
        return self._list_once([*conflicts, *merges._find_conflicts(conversions)])

    def _get_created(self):
        return self._get_done_conversions().created_partner_ids

    def _undo(self):
        self._get_done_conversions()._undo()
        return super()._undo()
