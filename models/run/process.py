import logging
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..common.arguments import get_count
from ..common.attempt import carry_out
from .crm_lead_run import BATCH_SIZE, WORKING_STATES

_logger = logging.getLogger(__name__)

#: When the scheduled action looks again after a run that somebody else is at.
LOOK_AGAIN = timedelta(minutes=1)


class CrmLeadRun(models.Model):
    """How a run is carried out, batch by batch, by whoever comes along."""

    _inherit = "crm.lead.run"

    @api.model
    def _cron_process(self):
        """Go on with all runs, each batch a transaction of its own. What is left when
        the time is up, the next call does, which follows at once; what somebody watches
        and works on, one that follows in a minute, as they may leave."""
        commit = self.env["ir.cron"]._commit_progress
        working = self.search([("state", "in", WORKING_STATES)])
        runs = working.filtered(lambda run: run._be_only_worker())
        if working - runs:
            self._trigger_background(fields.Datetime.now() + LOOK_AGAIN)
        left = sum(run._count_left() for run in runs)
        commit(remaining=left)
        for run in runs:
            while run.state in WORKING_STATES:
                handled = run._process_apart()
                left = max(left - handled, 0)
                seconds = commit(handled, remaining=left)
                self.env.invalidate_all()
                if not handled or not seconds:
                    break
            if run.state == "stopped":  # while a batch was under way
                run._notify_salespeople()

    def _process_apart(self):
        """Carry out the next lines, as the scheduled action does: a run that fails
        keeps no other from going on.

        :return: how many leads were handled; 0: nothing is left to do here, or it
            failed
        """
        try:
            return carry_out(self.env, self.process) or 0
        except Exception:
            self.env.cr.rollback()
            _logger.exception("Run %s ‘%s’ does not go on", self.id, self.name)
            return 0

    def _count_left(self):
        return self.line_ids.search_count(
            [
                ("run_id", "=", self.id),
                ("state", "=", self._get_pending_state()),
                ("is_head", "=", True),
            ]
        )

    def _get_pending_state(self):
        """Return the state of the lines that are still to be handled."""
        return "done" if self.state == "undoing" else "waiting"

    def process(self, limit=BATCH_SIZE):
        """Carry out the next lines, in the transaction of the caller.

        A run that another worker is at is left to it.

        :param int limit: how many leads, or groups of leads, at most
        :return: how many leads were handled; 0: nothing is left to do here
        :raise UserError: if the limit is no number
        """
        self._check_mine()
        limit = get_count(self.env, limit, self.env._("leads"))
        if self.state == "stopped":  # maybe while a batch was under way
            # sudo: runs are the engine's own
            self.sudo()._notify_salespeople()
        if self.state not in WORKING_STATES:
            return 0
        if self.env.su and not self.create_uid:
            self.state = "stopped"  # nobody is left as whom to do it in the background
            return 0
        if not self._be_only_worker():
            return 0
        started = time.monotonic()
        # sudo: nobody may write runs but the engine
        lines = self.sudo().line_ids._take(self, limit)
        if not lines:
            self._finish()
            return 0
        worker = lines.with_env(self.env)._for_owner()
        worker._undo() if self.state == "undoing" else worker._carry_out()
        lines.seconds = (time.monotonic() - started) / len(lines)
        self.env.flush_all()
        return len(lines)

    def _be_only_worker(self):
        """Return whether nobody else is at the run, and keep it so until the end of the
        transaction: two batches at once would each create the company that leads of
        both name."""
        # Raw SQL: an advisory lock. A locked row would keep people from stopping it.
        [(is_ours,)] = self.env.execute_query(
            SQL(
                "SELECT pg_try_advisory_xact_lock(%s::regclass::oid::int, %s)",
                self._table,
                self.id,
            )
        )
        return is_ours

    def _finish(self):
        """End the run, unless someone else is still at its last lines."""
        # sudo: runs are the engine's own; leads are handled as their user may
        run = self.sudo()
        left = run.line_ids.search_count(
            Domain("run_id", "=", run.id)
            & Domain("state", "=", run._get_pending_state()),
            limit=1,
        )
        if left or not run.try_lock_for_update():
            return
        if run.state == "running":
            run._notify_salespeople()
        is_undone = run.state == "undoing" and not run.line_ids.filtered(
            lambda one: one.state == "kept"
        )
        run.write(
            {
                "state": "undone" if is_undone else "done",
                "date_end": fields.Datetime.now(),
            }
        )

    def _notify_salespeople(self):
        """Tell each salesperson in one message what they got and do not know yet."""
        assigned = self.line_ids.conversion_id.filtered(
            lambda one: (
                one.state == "done"
                and not one.notification_id
                and one.user_id
                and one.user_id != one.user_before_id
            )
        )
        chatter = self.env["crm.lead.conversion.chatter"].with_user(self.create_uid)
        for user, conversions in assigned.grouped("user_id").items():
            leads = conversions.lead_id.exists()
            if leads and user != self.create_uid:
                conversions.notification_id = chatter._notify_one(user, leads)
