from odoo import models
from odoo.tools import SQL

#: How many messages a web client is told to forget; it reads the others anew.
TOLD = 1000


class CrmLeadJournal(models.AbstractModel):
    """Lets the chatter that is open forget the messages that undo deletes."""

    _inherit = "crm.lead.journal"

    def _journal_restore(self, after=0, before=None):
        made = self._find_made_messages()
        result = super()._journal_restore(after, before)
        if gone := made - made.exists():
            self.env.user._bus_send("mail.message/delete", {"message_ids": gone.ids})
        return result

    def _find_made_messages(self):
        """Return the messages that were made by what is undone, also those gone by
        now."""
        # Raw SQL: what the journal says is read by SQL alone.
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT (one ->> 'row_id')::int
                     FROM crm_lead_journal_line line,
                          jsonb_array_elements(line.changes) AS one
                    WHERE %s = ANY(%s) AND line.table_name = 'mail_message'
                      AND one -> 'before' = 'null'
                    LIMIT %s""",
                SQL.identifier("line", self._journal_field),
                self.ids,
                TOLD,
            )
        )
        return self.env["mail.message"].browse(row_id for (row_id,) in rows)
