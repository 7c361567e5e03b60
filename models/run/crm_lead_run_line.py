from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..common.arguments import get_id
from ..common.offered import OFFERED

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
