import logging

from odoo import api, fields, models
from odoo.fields import Domain

from ..common.attempt import attempt

_logger = logging.getLogger(__name__)


class CrmLeadJournalLine(models.Model):
    """The rows of one table that one merge or conversion changed, before and after.

    Written and read by SQL alone (`crm.lead.journal`): numbers keep their scale and
    times their microseconds only when Python never makes values of its own of them.
    """

    _name = "crm.lead.journal.line"
    _inherit = ["crm.lead.journal.guard"]
    _description = "Journal of Changed Rows"
    _order = "id desc"

    journal_id = fields.Many2one(
        "crm.lead.journal", required=True, ondelete="cascade", index=True
    )
    table_name = fields.Char(required=True)
    is_computed_later = fields.Boolean(
        help="How the rows are after the change is noted once it is complete: until "
        "then the ORM goes on rewriting them."
    )
    changes = fields.Json(
        prefetch=False,  # large, and never wanted but by SQL
        help="[{row_id, before, after}, …]: a deleted row has no after, a link no id.",
    )
    email = fields.Text(help="The e-mail addresses that these rows hold.")

    _create_date_index = models.Index("(create_date)")  # see `_cron_remove_old`

    @api.depends("table_name", "email")
    def _compute_display_name(self):
        for line in self:
            line.display_name = self.env._(
                "Snapshot of %(table)s: %(emails)s",
                table=line.table_name,
                emails=line.email or "",
            )

    def unlink(self):
        """Forget whole journals: what one line remembers refers to the others, so that
        undo with a part of them would leave a ruin. Whoever removes one line after the
        other finds the others gone."""
        lines = self.exists()
        self._before_forgotten(lines.journal_id)
        domain = Domain("journal_id", "in", lines.journal_id.ids)
        return super(CrmLeadJournalLine, lines | self.search(domain)).unlink()

    @api.model
    def _before_forgotten(self, journals):
        """Hook: all that these journals remember is about to be forgotten."""

    @api.model
    def _cron_remove_old(self, batch_size=500):
        """Remove the snapshots that are older than the CRM settings say.

        Each batch is a transaction of its own; what is left when the time is up is
        removed by the next run, which follows at once.

        :param int batch_size: lines looked at in one transaction
        """
        limit = self.env["crm.lead.journal"]._get_retention_limit()
        if not limit:
            return
        domain = Domain("create_date", "<", limit)
        commit = self.env["ir.cron"]._commit_progress
        seconds_left = commit(remaining=self.search_count(domain))
        while seconds_left and (
            lines := self.search(domain, order="create_date", limit=batch_size)
        ):
            if kept := lines._remove_apart():
                domain &= Domain("id", "not in", kept.ids)
            left = self.search_count(domain)
            seconds_left = commit(len(lines), remaining=left)

    def _remove_apart(self):
        """Remove these lines, and let one that cannot be removed, as where an addon
        refuses it, keep no other.

        :return: those that cannot
        """
        kept = self.browse()
        if attempt(self.env, self.unlink) is None:
            return kept
        for line in self:
            error = attempt(self.env, line.exists().unlink)
            if error is not None:
                kept += line
                _logger.error(
                    "Line %s of the journal (%s) is not removed",
                    line.id,
                    line.table_name,
                    exc_info=error,
                )
        return kept
