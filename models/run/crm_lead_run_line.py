from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.conversion import ConversionOptions
from ...engine.proposals import NOT_SELECTED, NOTHING_LEFT, SKIP, Proposal, choose
from ..common.arguments import get_id
from ..common.offered import OFFERED
from .proposals import Proposals

# What whoever started a run may change as long as it has not begun.
PROPOSAL_FIELDS = {"proposal", "survivor_id", "survivor_res_id"}
EDITABLE_FIELDS = PROPOSAL_FIELDS | {"user_id"}


class CrmLeadRunLine(models.Model):
    """One lead of a bulk run: what is proposed for it, and what became of it."""

    _name = "crm.lead.run.line"
    _inherit = ["crm.lead.bound"]
    _description = "Lead in a Bulk Run"
    _order = "sequence, id"
    _maker_reads = True
    _lead_values = {"name": "name", "user_id": "user_id"}

    run_id = fields.Many2one(
        "crm.lead.run", required=True, index=True, ondelete="cascade", readonly=True
    )
    sequence = fields.Integer(readonly=True)
    group_number = fields.Integer(
        readonly=True, help="Lines of the same prospect have the same."
    )
    is_selected = fields.Boolean(
        default=True,
        readonly=True,
        help="It was selected, not found as the same prospect as one that was.",
    )
    is_head = fields.Boolean(
        default=True, readonly=True, help="The first line of its group stands for it."
    )
    name = fields.Char(string="Lead", readonly=True)
    lead_res_id = fields.Integer(
        string="Number", required=True, readonly=True, aggregator=None
    )
    lead_id = fields.Many2one(
        "crm.lead",
        string="Record",
        compute="_compute_lead_id",
        compute_sudo=False,
        context=OFFERED,
    )
    proposal = fields.Selection(
        [("convert", "Convert"), ("merge", "Merge"), ("skip", "Skip")],
        required=True,
        default="convert",
    )
    proposal_choices = fields.Json(
        compute="_compute_proposal_choices", help="What can be chosen for it."
    )
    survivor_res_id = fields.Integer(string="Number to merge into", aggregator=None)
    survivor_id = fields.Many2one(
        "crm.lead",
        string="Merge into",
        compute="_compute_lead_id",
        inverse="_inverse_survivor_id",
        compute_sudo=False,
        context=OFFERED,
        help="The record that stays; empty: the one created first that is open.",
    )
    user_id = fields.Many2one("res.users", string="Salesperson")
    is_user_chosen = fields.Boolean(
        string="Salesperson chosen",
        readonly=True,
        help="The salesperson was chosen for this lead, not by turn.",
    )
    run_state = fields.Selection(related="run_id.state", string="State of Run")
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("done", "Done"),
            ("skipped", "Skipped"),
            ("undone", "Undone"),
            ("kept", "Not undone"),
        ],
        default="waiting",
        required=True,
        readonly=True,
    )
    reason = fields.Char(readonly=True)
    attempts = fields.Integer(readonly=True)
    seconds = fields.Float(readonly=True)
    conversion_id = fields.Many2one(
        "crm.lead.conversion",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    merge_id = fields.Many2one(
        "crm.lead.merge", readonly=True, ondelete="set null", index="btree_not_null"
    )

    _next_index = models.Index(
        "(run_id, state, attempts NULLS FIRST, sequence) WHERE is_head"
    )
    _group_index = models.Index("(run_id, group_number)")

    @api.model
    def _get_domain_of_leads(self, readable):
        """Let managers read the lines of leads that they may read, or that are gone; of
        leads that were merged, those whose result they may read."""
        # sudo: all the others
        others = self.env["crm.lead"].sudo().with_context(active_test=False)
        hidden = others._search(~Domain("id", "any!", readable))
        merges = self.env["crm.lead.merge"]._get_domain_of_leads(readable)
        return Domain("lead_res_id", "not any!", hidden) & (
            Domain("merge_id", "=", False) | Domain("merge_id", "any!", merges)
        )

    def _get_leads_about(self):
        leads = self.env["crm.lead"].browse(self.mapped("lead_res_id"))
        return leads | self.merge_id.survivor_id

    @api.depends("run_id.kind")
    def _compute_proposal_choices(self):
        for line in self:
            choices = ["convert", "merge", "skip"]
            if line.run_id.kind == "merge":
                choices.remove("convert")
            line.proposal_choices = choices

    @api.depends("lead_res_id", "survivor_res_id")
    def _compute_lead_id(self):
        ids = {*self.mapped("lead_res_id"), *self.mapped("survivor_res_id")} - {0}
        leads = self.env["crm.lead"].browse(ids)
        readable = set(leads.exists()._filtered_access("read").ids)
        for line in self:
            line.lead_id = line.lead_res_id in readable and line.lead_res_id
            into = line.survivor_res_id
            line.survivor_id = into in readable and into

    def _inverse_survivor_id(self):
        for line in self:
            line.survivor_res_id = line.survivor_id.id

    def write(self, vals):
        """Let people change what is proposed, nothing else, before the run begins."""
        if self.env.su:
            return super().write(vals)
        self._check_editable(vals)
        told = {name: vals[name] for name in vals if name not in PROPOSAL_FIELDS}
        result = super().write(told) if told else True
        if "user_id" in vals:
            # sudo: nobody may write runs but the engine
            self.sudo().is_user_chosen = bool(vals["user_id"])
        if len(told) < len(vals):
            into = vals.get("survivor_id", vals.get("survivor_res_id"))
            into = into and get_id(self.env, "crm.lead", into)
            for line in self:
                survivor_id = line.survivor_res_id if into is None else into
                proposal = vals.get("proposal", line.proposal)
                if (proposal, survivor_id) == (line.proposal, line.survivor_res_id):
                    continue  # as a form repeats it that is saved
                survivor = self.env["crm.lead"].browse(survivor_id or ())
                line._choose(proposal, survivor)
        return result

    def _check_editable(self, vals):
        self.check_access("write")
        is_begun = any(state != "draft" for state in self.run_id.mapped("state"))
        if is_begun or set(vals) - EDITABLE_FIELDS:
            raise UserError(
                self.env._(
                    "‘%s’ has begun: what is proposed cannot be changed any more.",
                    self.run_id[:1].name,
                )
            )

    # ------------------------------------------------------------
    # Proposals, and what people choose instead
    # ------------------------------------------------------------

    @api.model
    def _propose(self, leads, groups, kind, selected):
        """Return the values of the lines that say what is best done with each lead, see
        `Proposals`.

        :param selected: those of the leads that were selected
        """
        return Proposals(leads, groups, kind).prepare_lines(selected)

    def _choose(self, proposal, survivor):
        """Do something else with a lead than was proposed.

        What the others of its group do follows: see `engine.proposals`.

        :param str proposal: what to do instead
        :param survivor: the record to merge into, or none
        :raise UserError: if a run of merges is to convert
        """
        line = self.sudo()  # sudo: nobody may write runs but the engine
        if proposal not in line._fields["proposal"].get_values(self.env):
            raise UserError(
                self.env._(
                    "‘%s’ is nothing that can be done with a lead. Choose to convert, "
                    "to merge or to skip.",
                    str(proposal),
                )
            )
        if proposal == "convert" and line.run_id.kind == "merge":
            raise UserError(
                self.env._(
                    "‘%s’ merges and converts nothing. Choose to merge or to skip.",
                    line.run_id.name,
                )
            )
        obstacle = proposal != SKIP and self._find_obstacle()
        if obstacle:
            proposal = SKIP
        others = line._get_others()
        group = {one.lead_res_id: one for one in line + others}
        changes, leaves = choose(
            {
                lead_id: Proposal(one.proposal, one.survivor_res_id)
                for lead_id, one in group.items()
            },
            line.lead_res_id,
            Proposal(proposal, survivor.id or 0),
            line._find_first,
            {lead_id for lead_id, one in group.items() if one.is_selected},
            converts=line.run_id.kind == "convert",
        )
        if leaves and others:
            if line.is_head:
                others[0].is_head = True
            # numbers of groups are places in the run; those after the last are free
            line.group_number = len(line.run_id.line_ids) + line.sequence
        for lead_id, change in changes.items():
            group[lead_id].write(
                {
                    "proposal": change.what,
                    "survivor_res_id": change.into,
                    **self._prepare_reason(change),
                }
            )
        if leaves:
            line.is_head = True
        if obstacle:
            line.reason = obstacle

    def _find_obstacle(self):
        """Return why the lead cannot be converted whatever is chosen, or nothing."""
        if self.run_id.kind == "merge":
            return ""
        lead = self.env["crm.lead"].browse(self.lead_res_id)
        check = self.env["crm.lead.conversion.check"]
        options = ConversionOptions(opportunities_too=True)
        return check._find_obstacles(lead, options).get(lead.id, "")

    def _follow_choices(self):
        """Write what a form that is not saved yet has chosen for one of the lines, and
        show what has become of the others with it (promise B6)."""
        chosen = [
            (line._origin, line.proposal, line.survivor_id._origin)
            for line in self
            if line.proposal
        ]
        changed = [
            (stored, {"proposal": proposal, "survivor_id": survivor.id})
            for stored, proposal, survivor in chosen
            if (proposal, survivor) != (stored.proposal, stored.survivor_id)
        ]
        # all differences are known by now: one choice changes the lines of others
        for stored, values in changed:
            stored.write(values)
        for line in self:
            names = ("proposal", "survivor_res_id", "survivor_id", "reason")
            line.update({name: line._origin[name] for name in names})

    @api.model
    def _find_first(self, lead_ids):
        """Return the id of the lead that others are merged into by default."""
        leads = self.env["crm.lead"].browse(lead_ids).exists()
        return self.env["crm.lead.merge.planner"]._propose_survivor(leads).id

    @api.model
    def _prepare_reason(self, change):
        """Return the reason of a line whose proposal has changed, if that has."""
        if change.why is None:
            return {}
        reasons = {
            NOT_SELECTED: self.env._("It was not selected."),
            NOTHING_LEFT: self.env._("There is nothing left to merge it with."),
        }
        return {"reason": reasons.get(change.why, "")}

    def _get_others(self):
        """Return the other lines of the group."""
        return self.search(
            [
                ("run_id", "=", self.run_id.id),
                ("group_number", "=", self.group_number),
                ("id", "!=", self.id),
            ]
        )

    def _get_owned_groups(self):
        """Return the numbers of the groups of which a lead has a salesperson."""
        # sudo: only whether it is somebody's; who may not read a lead is told so later
        leads = self.env["crm.lead"].sudo().browse(self.mapped("lead_res_id")).exists()
        owned = set(leads.filtered("user_id").ids)
        return {one.group_number for one in self if one.lead_res_id in owned}

    # ------------------------------------------------------------
    # Work
    # ------------------------------------------------------------

    @api.model
    def _take(self, run, limit):
        """Take the next lines that no other worker is at: their groups are ours until
        the end of the transaction. What was busy comes again after all others, and
        undo goes back the same way."""
        self.env.flush_all()
        order = SQL("attempts NULLS FIRST, sequence")  # as the index has it
        if run.state == "undoing":
            order = SQL("attempts DESC NULLS LAST, sequence DESC")
        # Raw SQL: the ORM cannot search and lock, skipping what is locked, in one.
        rows = self.env.execute_query(
            SQL(
                """SELECT id, group_number FROM crm_lead_run_line
                    WHERE run_id = %s AND state = %s AND is_head
                 ORDER BY %s LIMIT %s FOR UPDATE SKIP LOCKED""",
                run.id,
                run._get_pending_state(),
                order,
                limit,
            )
        )
        lines = self.browse(row[0] for row in rows)
        if not lines:
            return lines
        members = self.search(
            [
                ("run_id", "=", run.id),
                ("group_number", "in", [row[1] for row in rows]),
                ("is_head", "=", False),
            ]
        )
        return lines + members

    def _for_owner(self):
        """Return the lines as whoever started the run works on them; or, where they are
        undone or nobody is left who started it, whoever asks for it."""
        # sudo: runs are the engine's own; leads are handled as their user may
        run = self.run_id.sudo()
        user = run.create_uid
        if not self.env.su and (run.state == "undoing" or not user):
            user = self.env.user
        companies = run.company_ids & user.company_ids
        companies = companies.sorted(lambda company: company != run.company_id)
        context = {"allowed_company_ids": companies.ids, "lang": user.lang}
        return self.with_user(user).with_context(**context)

    def _by_group(self):
        """Return the lines group by group, the head first."""
        groups = {}
        # sudo: runs are the engine's own; leads are handled as their user may
        for line in self.sudo():
            groups.setdefault(line.group_number, self.browse())
            groups[line.group_number] += line
        return [group.with_env(self.env) for group in groups.values()]

    def _settle(self, state, reason=None):
        """Note what became of the lines.

        :param str reason: why; None: what was said when it was proposed stays (B7)
        """
        values = {"state": state}
        if reason is not None:
            values["reason"] = reason
        # sudo: nobody may write runs but the engine
        self.sudo().write(values)

    def _get_conflicts(self):
        """List what has been changed since, but not by the run itself: what a line
        changed, others may have changed once more."""
        # sudo: runs are the engine's own; what may not be read is not named
        lines = self.sudo().filtered(lambda one: one.state == "done")
        merges = lines.merge_id.filtered(lambda one: one.state == "done")
        conversions = lines.conversion_id.filtered(lambda one: one.state == "done")
        return merges.with_env(self.env)._get_conflicts(conversions)
