from odoo import fields, models

from ...exceptions import UndoRefused
from ..common.arguments import check_one
from ..common.done_action import get_undone_action


class CrmLeadUndoable(models.AbstractModel):
    """What can be undone: it has a journal of all that it changed, and delegates to it
    (``_inherits``)."""

    _name = "crm.lead.undoable"
    _inherit = ["crm.lead.journal.guard"]
    _description = "Change that can be Undone"

    journal_id = fields.Many2one(
        "crm.lead.journal",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )

    def unlink(self):
        """Forget as well what the journal remembers."""
        journals = self.journal_id
        result = super().unlink()
        # the lines by the ORM: what other addons do then
        journals.line_ids.unlink()
        journals.unlink()
        return result

    # ------------------------------------------------------------
    # Undo
    # ------------------------------------------------------------

    def action_undo(self, force=False):
        """Put everything back as it was before.

        What has been changed since is kept. If there is any such change, nothing is
        done yet: a dialog lists the changes and asks whether to go on.

        :param bool force: do not ask, keep what came later
        :return: an action: the dialog, or the record that was brought back
        :raise UndoRefused: if it cannot be undone now, saying what to do first
        """
        check_one(self)
        self._check_undo()
        if not force and (conflicts := self._get_conflicts()):
            return self._ask_before_undo(conflicts)
        # sudo: which ones they are; they are named if they may be read
        created = self.sudo()._get_created().with_env(self.env)
        names = {one: one.name for one in created._filtered_access("read")}
        self._undo()
        message = self._get_undo_message()
        if deleted := [names[one] for one in names if one not in created.exists()]:
            message = self.env._(
                "%(undone)s Deleted: %(names)s.",
                undone=message,
                names=", ".join(deleted),
            )
        return get_undone_action(self, self._get_undo_action(), message)

    def _ask_before_undo(self, conflicts):
        """Hook: return the action that asks whether to go on.

        :param conflicts: see `_get_conflicts`
        """
        raise NotImplementedError

    def _check_undo(self):
        """Refuse to undo what was undone before, or by whom it concerns nothing."""
        self.check_access("read")
        if self.state != "done":
            raise UndoRefused(
                self.env._("‘%s’ has been undone already.", self.display_name)
            )
        self._check_undo_possible()
        self._check_undo_together()

    def _get_conflicts(self):
        """List what undo would bring back but what has been changed since, points to
        what has been deleted since, is another row's by now, or no value of its column
        any more.

        :return: [(table, row id, column, value before, value now), …]; of a row deleted
            since, the column is None; of one that stays as a whole, too, and the value
            now says why; it is an obstacle where one stands in the way, see
            `references.obstacle`
        """
        return self._list_once(self._find_conflicts())

    def _list_once(self, conflicts):
        """Return the conflicts, each value once: what is both changed and deleted since
        has been changed."""
        once = {}
        for conflict in conflicts:
            once.setdefault(conflict[:3], conflict)
        return list(once.values())

    def _find_conflicts(self, others=()):
        """List them, a value that is both changed and deleted since twice.

        :param others: journals that are undone as well, and asked about apart
        """
        return self.journal_id._find_conflicts(others)

    def _check_undo_possible(self):
        """Refuse what cannot be put back, in a few queries, however many there are."""
        self.journal_id._check_undo_possible()

    def _check_undo_together(self):
        """Refuse, in a few queries, while something that came later rests on it.

        :raise UndoRefused: saying what to undo first
        """
        # sudo: what came later stands in the way whether or not it may be read
        mine = self.sudo()
        later = mine.journal_id._find_later(
            {one.journal_id: one._get_leads().ids for one in mine}
        )
        for one in mine:
            if first := later.get(one.journal_id):
                raise UndoRefused(first._get_subject()._explain_undo_first(one))

    def _undo(self):
        raise NotImplementedError

    def _get_leads(self):
        """Return the leads that undo brings back."""
        raise NotImplementedError

    def _get_created(self):
        """Return the customers that were created with it."""
        raise NotImplementedError

    def _get_undo_message(self):
        """Return what people read once it is undone."""
        raise NotImplementedError

    def _explain_undo_first(self, earlier):
        """Return in words that this has to be undone before something earlier.

        :param earlier: that merge or conversion
        """
        raise NotImplementedError

    def _get_undo_action(self):
        """Return the action that opens what was brought back, as far as the user may
        see it."""
        leads = self._get_leads()._filtered_access("read")
        cards = self.env.ref("crm.view_crm_lead_kanban")  # on a phone
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Brought back"),
            "res_model": "crm.lead",
            "view_mode": "list,kanban,form",
            "mobile_view_mode": "kanban",
            "domain": [("id", "in", leads.ids)],
            "views": [(False, "list"), (cards.id, "kanban"), (False, "form")],
            "context": {"active_test": False},
        }
        if len(leads) == 1:
            action.update(view_mode="form", res_id=leads.id, views=[(False, "form")])
        return action
