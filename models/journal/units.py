from odoo import models
from odoo.tools import SQL

from . import restore


class CrmLeadJournal(models.AbstractModel):
    """Values that mean nothing without another one, such as an amount without its
    currency: where one of them has been changed since, undo leaves the others, and asks
    about them as well."""

    _inherit = "crm.lead.journal"

    def _find_kept_together(self):
        """Hook: return [(column of leads, one that keeps it when changed), …]."""
        return []

    def _find_changes(self, lines, others):
        changes = super()._find_changes(lines, others)
        pairs = self._find_kept_together()
        for line_ids, table, _columns, has_ids in lines if pairs else ():
            if table != "crm_lead" or not has_ids:
                continue
            # Raw SQL: what the journal says is read by SQL alone.
            rows = self.env.execute_query(restore.kept_together(line_ids, table, pairs))
            kept = [(line_id, table, *change) for line_id, *change in rows]
            later = self._find_changed_later(kept, others)
            for place, (_line_id, *change) in enumerate(kept, 1):
                if place not in later:
                    changes.append(tuple(change))
        return changes

    def _journal_restore(self, after=0, before=None):
        if pairs := self._find_kept_together():
            self.env["crm.lead.journal.line"].flush_model()
            # Raw SQL: what the journal says is written by SQL alone.
            self.env.cr.execute(
                restore.keep_together(
                    SQL.identifier("line", self._journal_field),
                    self.ids,
                    "crm_lead",
                    pairs,
                )
            )
        return super()._journal_restore(after, before)
