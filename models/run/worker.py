import logging
import time
from datetime import timedelta

from odoo import fields
from odoo.fields import Domain
from odoo.tools import SQL

from ..common.attempt import carry_out
from .batch import Batch

_logger = logging.getLogger(__name__)

#: How many lines one transaction handles.
BATCH_SIZE = 200
#: When the scheduled action looks again after a run that somebody else is at.
LOOK_AGAIN = timedelta(minutes=1)
# Runs that there is something to do for.
WORKING_STATES = ("running", "undoing")


def go_on(runs):
    """Go on with runs, each batch a transaction of its own. What is left when the time
    is up, the next call does, which follows at once; what somebody watches and works
    on, one that follows in a minute, as they may leave.

    :param runs: `crm.lead.run`, as the scheduled action has them
    """
    commit = runs.env["ir.cron"]._commit_progress
    mine = runs.filtered(lambda run: Worker(run).be_only_one())
    if runs - mine:
        runs._trigger_background(fields.Datetime.now() + LOOK_AGAIN)
    left = {run: Worker(run).count_left() for run in mine}
    commit(remaining=sum(left.values()))
    for run in mine:
        while run.state in WORKING_STATES:
            is_handled = _process_apart(run)
            before, left[run] = left[run], Worker(run).count_left()
            handled = max(before - left[run], 0)
            seconds = commit(handled, remaining=sum(left.values()))
            runs.env.invalidate_all()
            if not is_handled or not seconds:
                break
        if run.state == "stopped":  # while a batch was under way
            run._notify_salespeople()


def _process_apart(run):
    """Carry out the next lines, as the scheduled action does: a run that fails keeps no
    other from going on.

    :return: whether anything was handled; otherwise nothing is left to do here, or it
        failed
    """
    try:
        return bool(carry_out(run.env, run.process))
    except Exception:
        run.env.cr.rollback()
        _logger.exception("Run %s ‘%s’ does not go on", run.id, run.name)
        return False


class Worker:
    """Whoever carries out the next lines of a run, in a transaction of their own.

    :param run: the `crm.lead.run`
    """

    def __init__(self, run):
        self.env = run.env
        self.run = run
        # sudo: runs are the engine's own; leads are handled as their user may
        self.engine = run.sudo()

    def count_left(self):
        """Return how many leads, or groups of leads, are still to be handled."""
        return self.run.line_ids.search_count(
            [
                ("run_id", "=", self.run.id),
                ("state", "=", self.run._get_pending_state()),
                ("is_head", "=", True),
            ]
        )

    def process(self, limit):
        """Carry out the next lines. A run that another worker is at is left to it.

        :param int limit: how many leads, or groups of leads, at most
        :return: how many leads were handled; 0: nothing is left to do here
        """
        if not self.be_only_one():
            return 0
        started = time.monotonic()
        lines = self.engine.line_ids._take(self.run, limit)
        if not lines:
            self._finish()
            return 0
        batch = Batch(lines.with_env(self.env)._for_owner())
        batch.undo() if self.run.state == "undoing" else batch.carry_out()
        lines.seconds = (time.monotonic() - started) / len(lines)
        self.env.flush_all()
        return len(lines)

    def be_only_one(self):
        """Return whether nobody else is at the run, and keep it so until the end of the
        transaction: two batches at once would each create the company that leads of
        both name."""
        # Raw SQL: an advisory lock. A locked row would keep people from stopping it.
        [(is_ours,)] = self.env.execute_query(
            SQL(
                "SELECT pg_try_advisory_xact_lock(%s::regclass::oid::int, %s)",
                self.run._table,
                self.run.id,
            )
        )
        return is_ours

    def _finish(self):
        """End the run, unless someone else is still at its last lines."""
        run = self.engine
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
