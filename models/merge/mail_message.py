from odoo import models
from odoo.tools import SQL


class MailMessage(models.Model):
    """A message; one that a merge has moved says which lead it comes from."""

    _inherit = "mail.message"

    def _extras_to_store(self, store, format_reply):
        """Give the web client what its badge *from lead X* shows.

        Only messages of leads cost anything, one query for all of them. Those that no
        merge has moved are told so too: the client may remember a merge undone since.
        """
        result = super()._extras_to_store(store, format_reply)
        # sudo: the model of a message that is being shown
        messages = self.filtered(lambda message: message.sudo().model == "crm.lead")
        if messages and store.target.is_internal(self.env):
            origins = messages._find_merged_from()
            for message in messages:
                store.add(message, {"mergedFrom": origins.get(message.id, False)})
        return result

    def _find_merged_from(self):
        """Return {message id: {name, type} of the lead it was written on}, without the
        messages that are where they were written."""
        Source = self.env["crm.lead.merge.source"]
        Source.flush_model(["name", "type", "message_ids"])
        # Raw SQL: through a chain of merges a message has moved several times, and the
        # first lead is the one it comes from. Who may read the message where it is now
        # may know: the name of its present lead is shown as freely.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (moved.message_id)
                       moved.message_id, source.name, source.type
                  FROM crm_lead_merge_source_message_rel moved
                  JOIN crm_lead_merge_source source ON source.id = moved.source_id
                 WHERE moved.message_id = ANY(%s)
              ORDER BY moved.message_id, source.id
                """,
                self.ids,
            )
        )
        return {row[0]: {"name": row[1], "type": row[2]} for row in rows}
