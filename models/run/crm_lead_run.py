from dataclasses import replace
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools.constants import GC_UNLINK_LIMIT

from ...engine.conversion import UNDECIDED, ConversionOptions, share_out
from ...exceptions import ConversionRefused, UndoRefused
from ..common.arguments import check_one, check_records, get_count
from ..common.done_action import get_undone_action
from .worker import BATCH_SIZE, WORKING_STATES, Worker, go_on

# How many days a proposal is kept that nobody starts or changes; and one of a dialog.
KEPT_DAYS, KEPT_DAYS_IN_DIALOG = 7, 1


class CrmLeadRun(models.Model):
    """One bulk conversion or merge: what is to be done with each lead, and what was.

    How it works: each line says what becomes of one lead, or of a group of leads that
    are the same prospect. `process` takes the next lines that nobody else is at, and
    carries them out in the transaction of whoever calls: the web client, again and
    again; or the scheduled action of any worker. What was not committed is still
    waiting, so that a run that was interrupted anyhow resumes where it was.
    """

    _name = "crm.lead.run"
    _description = "Bulk Run"
    _order = "id desc"

    name = fields.Char(required=True, readonly=True)
    kind = fields.Selection(
        [("convert", "Conversion"), ("merge", "Merge")], required=True, readonly=True
    )
    state = fields.Selection(
        [
            ("draft", "Proposed"),
            ("running", "Running"),
            ("stopped", "Stopped"),
            ("done", "Done"),
            ("undoing", "Undoing"),
            ("undone", "Undone"),
        ],
        default="draft",
        required=True,
        readonly=True,
        index=True,
    )
    is_in_dialog = fields.Boolean(
        string="Shown in a dialog",
        readonly=True,
        help="Proposed in the bulk dialog, and shown nowhere else: it goes with it.",
    )
    options = fields.Json(readonly=True)  # see `ConversionOptions.to_json`
    company_id = fields.Many2one(
        "res.company",
        string="First company",
        readonly=True,
        help="Whose defaults count, of the companies it may work in.",
    )
    company_ids = fields.Many2many(
        "res.company", readonly=True, help="The companies it may work in."
    )
    line_ids = fields.One2many("crm.lead.run.line", "run_id", string="Leads")
    date_start = fields.Datetime(string="Started on", readonly=True)
    date_end = fields.Datetime(string="Ended on", readonly=True)
    line_count = fields.Integer(string="Total", compute="_compute_progress")
    done_count = fields.Integer(string="Done", compute="_compute_progress")
    skipped_count = fields.Integer(string="Skipped", compute="_compute_progress")
    waiting_count = fields.Integer(string="Waiting", compute="_compute_progress")
    progress = fields.Float(compute="_compute_progress", help="In percent")
    seconds_left = fields.Integer(compute="_compute_progress")

    @api.depends("line_ids.state")
    def _compute_progress(self):
        """Count the lines by state: one query, however many there are."""
        counts = {run_id: {} for run_id in self.ids}
        # sudo: how many there are, whoever may read the leads
        lines = self.env["crm.lead.run.line"].sudo()
        for run, state, count, seconds in lines._read_group(
            [("run_id", "in", self.ids)],
            ["run_id", "state"],
            ["__count", "seconds:sum"],
        ):
            counts[run.id][state] = (count, seconds)
        for run in self:
            by_state = counts.get(run._origin.id, {})  # also as a form edits it
            run.update(run._count(by_state))

    def _count(self, by_state):
        """Return the counts by `by_state`: {state of lines: (number, seconds)}."""
        number = {state: count for state, (count, _seconds) in by_state.items()}
        spent = sum(seconds or 0 for _count, seconds in by_state.values())
        total = sum(number.values())
        left = number.get(self._get_pending_state(), 0)
        handled = total - left
        return {
            "line_count": total,
            "done_count": number.get("done", 0),
            "skipped_count": number.get("skipped", 0),
            "waiting_count": number.get("waiting", 0),
            "progress": 100 * handled / total if total else 0,
            "seconds_left": left * spent / handled if handled else 0,
        }

    # ------------------------------------------------------------
    # Create
    # ------------------------------------------------------------

    @api.model
    def _create_conversions(
        self, leads, options=UNDECIDED, deduplicate=True, is_in_dialog=False
    ):
        """Propose to convert `leads`, in their order.

        :param options: see `ConversionOptions`; salespeople take turns in their order
        :param bool deduplicate: those that are the same prospect become one
        :param bool is_in_dialog: it is a dialog that shows it
        :return: the run, not started yet
        """
        prospects = self.env["crm.lead.conversion.prospects"]
        groups = prospects._find(leads) if deduplicate else [[one] for one in leads.ids]
        name = self.env._("Conversion of %s leads", len(leads))
        if len(leads) == 1:
            name = self.env._("Conversion of one lead")
        return self._create_run("convert", name, groups, options, leads, is_in_dialog)

    def _decide(self, options):
        """Let a run that a dialog has proposed be one as any other, with the options
        that were chosen there.

        :param options: see `ConversionOptions`
        """
        self._check_mine()
        if self.state == "draft":
            # sudo: nobody may write runs but the engine
            self.sudo().write({"options": options.to_json(), "is_in_dialog": False})

    @api.model
    def _create_merges(self, groups):
        """Propose to merge groups of leads.

        :param groups: [[lead id, …], …]: the leads of each group become one
        :return: the run, not started yet
        """
        name = self.env._("Merge of %s groups of leads", len(groups))
        return self._create_run("merge", name, groups, UNDECIDED)

    @api.model
    def _create_run(
        self, kind, name, groups, options, selected=None, is_in_dialog=False
    ):
        # sudo: nobody may write runs but the engine
        run = self.sudo().create(
            {
                "name": name,
                "kind": kind,
                "is_in_dialog": is_in_dialog,
                "options": options.to_json(),
                "company_id": self.env.company.id,
                "company_ids": [Command.set(self.env.companies.ids)],
            }
        )
        leads = self.env["crm.lead"].browse(one for group in groups for one in group)
        values = run.line_ids._propose(leads, groups, kind, selected or leads)
        run.line_ids.create([{**one, "run_id": run.id} for one in values])
        return run.with_env(self.env)

    @api.autovacuum
    def _gc_proposals(self):
        """Delete what was proposed and never started, once nobody is at it any more.

        :return: (how many were deleted, whether there may be more)
        """
        now = fields.Datetime.now()
        limit = now - timedelta(days=KEPT_DAYS)
        limit_in_dialog = now - timedelta(days=KEPT_DAYS_IN_DIALOG)
        runs = self.search(
            Domain("state", "=", "draft")
            & (
                Domain("write_date", "<", limit)
                & Domain("line_ids", "not any", [("write_date", ">=", limit)])
                | Domain("is_in_dialog", "=", True)
                & Domain("write_date", "<", limit_in_dialog)
            ),
            limit=GC_UNLINK_LIMIT,
        )
        runs.unlink()
        return len(runs), len(runs) == GC_UNLINK_LIMIT

    # ------------------------------------------------------------
    # What people may change: what is proposed in the lines, nothing else
    # ------------------------------------------------------------

    def write(self, vals):
        if self.env.su:
            return super().write(vals)
        self.check_access("write")
        commands = vals.get("line_ids") or []
        if set(vals) - {"line_ids"} or not all(map(self._is_choice, commands)):
            raise UserError(
                self.env._("Of a bulk run only what is proposed can be changed.")
            )
        for _update, line_id, values in commands:
            self.line_ids.browse(line_id).write(values)
        return True

    def _is_choice(self, command):
        """Return whether a command changes what is proposed in a line of this run."""
        return (
            isinstance(command, list | tuple)
            and len(command) == 3
            and command[0] == Command.UPDATE
            and command[1] in self.line_ids.ids
            and isinstance(command[2], dict)
        )

    # ------------------------------------------------------------
    # Control
    # ------------------------------------------------------------

    def _check_mine(self):
        """Let those control a run who started it, and sales managers."""
        check_one(self)
        check_records(self, "read")
        is_manager = self.env.user.has_group("sales_team.group_sale_manager")
        # sudo: runs are the engine's own; leads are handled as their user may
        if not (is_manager or self.sudo().create_uid == self.env.user):
            raise ConversionRefused(
                self.env._(
                    "‘%(run)s’ was started by %(user)s. Ask them, or a sales manager.",
                    run=self.name,
                    user=self.sudo().create_uid.name,
                )
            )

    def action_start(self):
        """Start, or continue, and let the scheduled action take over what is left."""
        self._check_mine()
        run = self.sudo()  # sudo: nobody may write runs but the engine
        if run.state == "draft":
            run._share_out()
            run.date_start = fields.Datetime.now()
        if run.state in ("draft", "stopped"):
            run.state = "running"
        self._trigger_background()
        return True

    def action_discard(self):
        """Delete a run that has not been started, and show all others.

        :raise ConversionRefused: if it was started before
        """
        self._check_mine()
        if self.state != "draft":
            raise ConversionRefused(
                self.env._("‘%s’ has been started. Undo it instead.", self.name)
            )
        self.sudo().unlink()  # sudo: nobody may delete runs but the engine
        return self._get_list_action()

    def action_stop(self):
        """Stop after the batch that is under way, and tell salespeople what they got so
        far; *Start* goes on where it was."""
        self._check_mine()
        if self.state == "running":
            # sudo: runs are the engine's own; leads are handled as their user may
            self.sudo().state = "stopped"
            self.sudo()._notify_salespeople()
        return True

    def action_leave(self):
        """Leave it to the scheduled action; show all runs meanwhile."""
        self._check_mine()
        self._trigger_background()
        return self._get_list_action()

    @api.model
    def _get_list_action(self):
        return self.env["ir.actions.act_window"]._for_xml_id(
            "crm_lead_qualification.crm_lead_run_action"
        )

    def action_open(self):
        """Return the action that shows the run."""
        check_one(self)
        check_records(self, "read")
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def _share_out(self):
        """Fix who gets which lead, so that turns are kept across batches. Whom somebody
        chose for a lead stays, and so does the salesperson of one that keeps theirs."""
        options = self._get_options()
        chosen = options.user_ids
        users = self.env["res.users"].browse(chosen).exists()
        heads = self.line_ids.filtered(
            lambda one: (
                one.is_head and one.proposal != "skip" and not one.is_user_chosen
            )
        )
        if not options.force_assignment:
            owned = self.line_ids._get_owned_groups()
            heads = heads.filtered(lambda one: one.group_number not in owned)
        takers = [user_id for user_id in chosen if user_id in users.ids]
        for line_id, user_id in share_out(heads.ids, takers).items():
            heads.browse(line_id).user_id = user_id

    @api.model
    def _trigger_background(self, at=None):
        # sudo: salespeople may not read scheduled actions
        cron = self.env.ref("crm_lead_qualification.crm_lead_run_process_cron")
        cron.sudo()._trigger(at)

    def _get_conversion_options(self, leads, lines):
        """Return the options under which one batch is converted.

        :param lines: {lead id: the line that says who gets it}
        """
        options = self._get_options()
        # sudo: only whether it is somebody's; who may not read a lead is told so later
        free = leads.sudo().exists().filtered(lambda lead: not lead.user_id)
        takers = set(leads.ids if options.force_assignment else free.ids)
        assigned = [
            (lead_id, line.user_id.id)
            for lead_id in leads.ids
            if (line := lines[lead_id]).user_id
            and (line.is_user_chosen or lead_id in takers)
        ]
        return replace(options, user_ids=(), assigned=tuple(assigned), notify=False)

    def _get_options(self):
        """Return what was decided when the run was proposed."""
        return ConversionOptions.from_json(self.options or {})

    # ------------------------------------------------------------
    # Work
    # ------------------------------------------------------------

    @api.model
    def _cron_process(self):
        """Go on with all runs, see `worker.go_on`."""
        go_on(self.search([("state", "in", WORKING_STATES)]))

    def process(self, limit=BATCH_SIZE):
        """Carry out the next lines, in the transaction of the caller.

        A run that another worker is at is left to it.

        :param int limit: how many leads, or groups of leads, at most
        :return: how many leads were handled; 0: nothing is left to do here
        :raise UserError: if the limit is no number
        """
        self._check_mine()
        limit = get_count(self.env, limit, self.env._("leads"))
        # sudo: runs are the engine's own
        run = self.sudo()
        if run.state == "stopped":  # maybe while a batch was under way
            run._notify_salespeople()
        if run.state not in WORKING_STATES:
            return 0
        if self.env.su and not run.create_uid:
            run.state = "stopped"  # nobody is left as whom to do it in the background
            return 0
        return Worker(self).process(limit)

    def _get_pending_state(self):
        """Return the state of the lines that are still to be handled."""
        return "done" if self.state == "undoing" else "waiting"

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

    # ------------------------------------------------------------
    # Undo
    # ------------------------------------------------------------

    def action_undo(self, force=False):
        """Undo everything that was done, the last first, with the care of one undo.

        :param bool force: do not ask about what has been changed since, keep it
        :return: an action: the question, or the run
        :raise UndoRefused: if it is running, or was undone before
        """
        self._check_mine()
        self._check_undo()
        # sudo: runs are the engine's own; leads are handled as their user may
        lines = self.sudo().line_ids.with_env(self.env)
        if not force and (conflicts := lines._get_conflicts()):
            return self._ask_before_undo(conflicts)
        # sudo: as above; what could not be undone before may be by now
        kept = self.sudo().line_ids.filtered(lambda one: one.state == "kept")
        kept._settle("done", reason="")
        self.sudo().state = "undoing"
        if len(self.line_ids) <= BATCH_SIZE:
            while self.process():
                pass
        if self.state == "undoing":  # many leads, or another worker is at the last
            self._trigger_background()
        return get_undone_action(self, self.action_open())

    def _ask_before_undo(self, conflicts):
        """Hook: return the action that asks whether to go on.

        :param conflicts: see `crm.lead.undoable._get_conflicts`
        """
        raise NotImplementedError

    def _check_undo(self):
        """Refuse to undo what is not done, saying why."""
        refusals = {
            "draft": self.env._("‘%s’ has not been started yet.", self.name),
            "running": self.env._(
                "‘%s’ is still running. Stop it first, then undo it.", self.name
            ),
            "undoing": self.env._("‘%s’ is being undone already.", self.name),
            "undone": self.env._("‘%s’ has been undone already.", self.name),
        }
        if refusal := refusals.get(self.state):
            raise UndoRefused(refusal)
