import contextlib
import gc
import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...engine.matching import parallel, profile
from ..common.attempt import carry_out
from ..common.number_setting import NumberSetting
from .crm_lead_matcher import compare_apart

_logger = logging.getLogger(__name__)

#: Pairs that are compared between two commits.
BATCH = 40_000

#: System parameter: hour of the day (UTC) of the nightly scan.
SCAN_HOUR = NumberSetting("crm_lead_qualification.scan_hour", 3, 0, 23)


class CrmLeadScan(models.Model):
    """One comparison of all leads with each other: how far it is, what it found.

    It goes on in steps, each committed by itself: after a crash or a restart the next
    run of the scheduled action goes on where this one stopped.
    """

    _name = "crm.lead.scan"
    _description = "Scan for Duplicates"
    _order = "id desc"

    state = fields.Selection(
        [
            ("keys", "Building keys"),
            ("pairs", "Finding pairs"),
            ("compare", "Comparing"),
            ("groups", "Grouping"),
            ("done", "Done"),
        ],
        default="keys",
        required=True,
        readonly=True,
    )
    progress = fields.Float(readonly=True, aggregator=None, help="In percent.")
    lead_count = fields.Integer(string="Leads", readonly=True)
    pair_count = fields.Integer(string="Pairs compared", readonly=True)
    position = fields.Integer(readonly=True, aggregator=None)
    found_count = fields.Integer(string="Worth a look", readonly=True)
    left_out_count = fields.Integer(
        string="Values not compared",
        readonly=True,
        help="Values that so many leads share, alone and together with others, that "
        "the leads with nothing else in common were not compared.",
    )
    date_done = fields.Datetime(string="Done on", readonly=True)

    # ------------------------------------------------------------
    # Start
    # ------------------------------------------------------------

    @api.model
    def action_start(self):
        """Start a scan in the background, or show the one that is running."""
        if not self.env.user.has_group("sales_team.group_sale_manager"):
            raise UserError(
                self.env._(
                    "All leads are compared every night. Ask a sales manager to have "
                    "it done now."
                )
            )
        # sudo: managers may start a scan, and nobody writes into it
        scan = self.sudo()._start_in_background()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Scan for Duplicates"),
            "res_model": self._name,
            "res_id": scan.id,
            "view_mode": "form",
        }

    @api.model
    def _start_in_background(self, anew=False):
        """Have the scheduled action start a scan, or go on with the one that runs.

        :param bool anew: begin again, because what has been compared no longer holds
        """
        scan = self._start()
        if anew:
            scan.write({"state": "keys", "found_count": 0, "progress": 0})
        self.env.ref("crm_lead_qualification.crm_lead_scan_cron")._trigger()
        return scan

    @api.model
    def _start(self):
        """Return the scan that is running, or a new one."""
        running = self.search([("state", "!=", "done")], limit=1)
        if running:
            return running
        # Whatever escaped the ORM is found here at the latest.
        self.env["crm.lead.match.queue"]._append_missing()
        return self.create({})

    @api.model
    def _cron_scan(self):
        """Go on with the scan that is running; at night, start one."""
        kept = {}
        commit = self.env["ir.cron"]._commit_progress
        commit()
        while state := carry_out(self.env, self._go_on, kept):
            done = state == "done"
            if not commit(1, remaining=int(not done)) or done:
                break

    @api.model
    def _go_on(self, kept):
        """Carry out the next step of the scan that is running, or is due.

        :param kept: see `_step`
        :return: the state it is in then; None: there is no such scan
        """
        self.env["crm.lead.matcher"]._be_alone()
        scan = self.search([("state", "!=", "done")], limit=1)
        if not scan and self._is_due():
            scan = self._start()
        if not scan:
            return None
        scan._step(kept)
        return scan.state

    @api.model
    def _is_due(self):
        """Return whether the hour of the nightly scan has come, and none ran since. One
        that ended in the future says nothing: the clock was wrong then."""
        hour = int(SCAN_HOUR.get(self.env))
        now = fields.Datetime.now()
        due = now.replace(hour=hour, minute=0, second=0, microsecond=0)
        last = self.search([("state", "=", "done")], limit=1)
        return now >= due and not (last and due <= last.date_done <= now)

    # ------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------

    def _run(self):
        """Carry the whole scan out, for tests and benchmarks."""
        kept = {}
        while self.state != "done":
            self._step(kept)

    def _step(self, kept=None):
        """Carry out the next step; whoever calls commits.

        :param dict kept: what steps in a row keep for each other; empty at first
        """
        return getattr(self, f"_step_{self.state}")({} if kept is None else kept)

    def _step_keys(self, kept):
        """Build the keys of what has changed, a batch at a time."""
        kept.clear()
        taken = self.env["crm.lead.match.queue"]._take_for_scan()
        if taken:
            leads = self.env["crm.lead"].browse(taken)
            self.env["crm.lead.match.profile"]._build(leads)
            self.env.invalidate_all()
            return
        self._forget_orphans()
        self.env["crm.lead.match.term"]._recount()
        total = self.env["crm.lead.match.term"]._get_total()
        self._mark_pairs()  # last, as from here on merges wait for the end of the step
        self.write({"state": "pairs", "lead_count": total, "progress": 5})

    def _forget_orphans(self):
        """Forget leads that were deleted by other means than the ORM."""
        # Raw SQL: an anti-join over all leads.
        rows = self.env.execute_query(
            SQL(
                """SELECT lead_id FROM crm_lead_match_profile p WHERE NOT EXISTS (
                          SELECT FROM crm_lead lead WHERE lead.id = p.lead_id)"""
            )
        )
        if rows:
            gone = [lead_id for (lead_id,) in rows]
            self.env["crm.lead.match.profile"]._forget(gone)

    def _mark_pairs(self):
        """Mark the pairs that are to be found again, if they hold: neither by this scan
        if it has begun again, nor by the scheduled action meanwhile."""
        # Raw SQL: all pairs there are.
        self.env["crm.lead.duplicate"].flush_model()
        self.env.cr.execute(
            SQL(
                """UPDATE crm_lead_duplicate SET scan_number = NULL
                    WHERE state = 'open' AND scan_number IN (0, %s)""",
                self.id,
            )
        )

    def _step_pairs(self, kept):
        """Find all pairs that share enough."""
        found, left_out = self.env["crm.lead.match.pair"]._collect(self.lead_count)
        self.write(
            {
                "state": "compare",
                "position": 0,
                "pair_count": found,
                "left_out_count": left_out,
                "progress": 20,
            }
        )

    def _step_compare(self, kept):
        """Compare the next pairs."""
        rows = self._read_pairs()
        if not rows:
            return self._finish_comparing()
        with _no_collection():
            found = self._compare_pairs(rows, self._get_frequencies(kept))
        self.env["crm.lead.duplicate"]._upsert(found, scan_number=self.id)
        position = rows[-1][0]
        self.env["crm.lead.match.pair"]._remove(self.position, position)
        self.write(
            {
                "position": position,
                "found_count": self.found_count + len(found),
                "progress": 20 + 70 * position / max(self.pair_count, 1),
            }
        )

    def _get_frequencies(self, kept):
        """Return how rare values are, as counted once all keys were built."""
        if "frequencies" not in kept:
            kept["frequencies"] = self.env["crm.lead.match.term"]._get_frequencies()
        return kept["frequencies"]

    def _compare_pairs(self, rows, frequencies):
        """Return {(lead id, other lead id): `Match`} of what is worth a look."""
        matcher = self.env["crm.lead.matcher"]
        least, without = matcher._get_thresholds()[0], matcher._get_left_out()
        lead_ids = {lead_id for row in rows for lead_id in row[1:]}
        texts = self.env["crm.lead.match.profile"]._read_encoded(lead_ids)

        def compare(some):
            profiles = {
                lead_id: profile.decode(texts[lead_id])
                for lead_id in {lead_id for row in some for lead_id in row[1:]}
                if lead_id in texts  # otherwise deleted meanwhile
            }
            found = {}
            for _position, one, other in some:
                if one in profiles and other in profiles:
                    match = compare_apart(
                        (one, other),
                        profiles[one],
                        profiles[other],
                        frequencies,
                        without,
                        least,
                    )
                    if match and match.score >= least:
                        found[one, other] = match
            return found

        first, second = parallel.halves(compare, rows)
        return {**first, **second}

    def _read_pairs(self):
        # Raw SQL: plain numbers, a batch at a time.
        return self.env.execute_query(
            SQL(
                """SELECT id, lead_id, other_lead_id FROM crm_lead_match_pair
                    WHERE id > %s ORDER BY id LIMIT %s""",
                self.position,
                BATCH,
            )
        )

    def _finish_comparing(self):
        """Forget pairs that neither this scan nor the scheduled action has found since
        it began."""
        # Raw SQL: a comparison of numbers over all pairs.
        self.env.cr.execute(
            SQL(
                """DELETE FROM crm_lead_duplicate
                    WHERE state = 'open'
                      AND (scan_number IS NULL OR scan_number NOT IN (0, %s))""",
                self.id,
            )
        )
        self.env.invalidate_all()
        self.write({"state": "groups", "progress": 90})

    def _step_groups(self, kept):
        """Put all pairs into groups."""
        groups = self.env["crm.lead.duplicate.group"]
        groups._regroup_all(self._get_frequencies(kept))
        self.write(
            {"state": "done", "progress": 100, "date_done": fields.Datetime.now()}
        )


@contextlib.contextmanager
def _no_collection():
    """Do not look for garbage meanwhile: all that is made is needed to the end. Unlike
    ``odoo.tools.gc.disabling_gc``, go on looking after an error, too."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
