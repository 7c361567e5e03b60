from odoo import api, fields, models
from odoo.fields import Command

from ..engine.plan import MergeOptions
from ..exceptions import MergeRefused, PlanOutdated
from ..models.common.arguments import check_one, check_records
from ..models.common.offered import OFFERED
from ..models.common.question import get_question
from .commands import check_there, get_linked_ids


class CrmMergeOpportunity(models.TransientModel):
    """The dialog that merges leads: shows the plan, takes choices, carries it out.

    It holds no rule: `crm.lead.merge` plans and merges.
    """

    _name = "crm.merge.opportunity"
    _inherit = ["crm.merge.opportunity", "crm.lead.dialog"]

    opportunity_ids = fields.Many2many(domain="[]")
    survivor_id = fields.Many2one(
        "crm.lead",
        string="Merge into",
        compute="_compute_survivor_id",
        compute_sudo=False,
        store=True,
        readonly=False,
        context={"active_test": False, **OFFERED},
        domain="[('id', 'in', opportunity_ids)]",
        help="The record created first that is open, unless you choose another.",
    )
    revenue = fields.Selection(
        [
            ("survivor", "Of the record merged into"),
            ("highest", "The highest"),
            ("sum", "The sum"),
        ],
        string="Expected Revenue",
        default="survivor",
        required=True,
    )
    choices = fields.Json(
        compute="_compute_choices",
        store=True,
        readonly=False,
        help="{field or bundle of fields: id of the record whose value is taken}",
    )
    plan = fields.Json(
        compute="_compute_plan",
        help="What will happen, as the dialog shows it: see crm.lead.merge.preview.",
    )
    shown = fields.Json(
        compute="_compute_shown",
        compute_sudo=False,  # whose digests the user could guess the values from
        store=True,
        readonly=False,
        help="Fingerprint of the plan that was shown; only that one is carried out.",
    )

    notice = fields.Text(
        readonly=True, help="Why the dialog was opened again: what has changed."
    )

    @api.model
    def default_get(self, fields):
        """Offer every selected record: stock drops the won ones without a word."""
        values = super().default_get(fields)
        selected = self.env.context.get("active_ids")
        if selected and "opportunity_ids" in fields:
            leads = self.env["crm.lead"].browse(selected).exists()
            values["opportunity_ids"] = [Command.set(leads.ids)]
        return values

    @api.model_create_multi
    def create(self, vals_list):
        """Save the dialog, or say what has become of a record that is gone."""
        for vals in vals_list:
            linked = get_linked_ids(vals.get("opportunity_ids") or ())
            check_there(self.env["crm.lead"].browse(linked))
        return super().create(vals_list)

    @api.depends("opportunity_ids")
    def _compute_survivor_id(self):
        planner = self.env["crm.lead.merge.planner"]
        for wizard in self:
            leads = wizard._get_leads()
            if not leads:
                wizard.survivor_id = False
            elif wizard.survivor_id._origin not in leads:
                wizard.survivor_id = planner._propose_survivor(leads)

    @api.depends("opportunity_ids")
    def _compute_choices(self):
        """Forget what was chosen of a record that is not to be merged any more."""
        for wizard in self:
            lead_ids = wizard._get_leads().ids
            choices = wizard.choices if isinstance(wizard.choices, dict) else {}
            wizard.choices = {
                name: lead_id
                for name, lead_id in choices.items()
                if lead_id in lead_ids
            }

    @api.onchange("revenue")
    def _onchange_revenue(self):
        """What was chosen last counts."""
        choices = self.choices if isinstance(self.choices, dict) else {}
        self.choices = {
            name: one for name, one in choices.items() if name != "expected_revenue"
        }

    @api.depends(
        "opportunity_ids", "survivor_id", "revenue", "choices", "user_id", "team_id"
    )
    def _compute_plan(self):
        for wizard in self:
            try:
                plan = wizard._plan()
            except MergeRefused as refusal:
                wizard.plan = {"refusal": str(refusal)}
            else:
                wizard.plan = self.env["crm.lead.merge.preview"]._describe(plan)

    @api.depends(
        "opportunity_ids", "survivor_id", "revenue", "choices", "user_id", "team_id"
    )
    def _compute_shown(self):
        # apart from the plan, as the browser sends back what was shown, and the ORM
        # would take that for an answer to both
        for wizard in self:
            try:
                wizard.shown = wizard._get_fingerprint()
            except MergeRefused:
                wizard.shown = False

    def _plan(self):
        return self.env["crm.lead.merge"]._plan(self._get_leads(), self._get_options())

    def _get_fingerprint(self):
        # what moves along is counted for the plan that is shown, and not again
        Merge = self.env["crm.lead.merge"]
        return Merge._decide(self._get_leads(), self._get_options()).fingerprint

    def _get_leads(self):
        """The records to merge, those of the database also while the dialog is open."""
        return self.opportunity_ids._origin

    def _get_options(self):
        """What the user has decided, as `crm.lead.merge` wants it."""
        self.ensure_one()
        choices = self.choices if isinstance(self.choices, dict) else {}
        return MergeOptions(
            survivor_id=self.survivor_id._origin.id or None,
            user_id=self.user_id.id or None,
            team_id=self.team_id.id or None,
            revenue=self.revenue or "survivor",
            choices=tuple(sorted(choices.items())),
        )

    def action_merge(self):
        """Carry out the plan that was shown, and open the result."""
        return self._get_result(self._merge()).redirect_lead_opportunity_view()

    def action_merge_and_notify(self, force=False):
        """As `action_merge`, with a notification that carries *Undo*. If the leads have
        changed since the dialog was opened, show it again with what would happen now.

        :param bool force: do not ask whether what is won or lost is to be merged
        """
        check_one(self)
        check_records(self, "read")
        check = self.env["crm.lead.merge.check"]
        message = check._ask_about_closed(self._get_leads(), self.survivor_id._origin)
        if message and not force:
            label = self.env._("Merge all the same")
            return get_question(self, "action_merge_and_notify", message, label)
        try:
            merge = self._merge()
        except PlanOutdated as outdated:
            return self._ask_again(str(outdated))
        action = self._get_result(merge).redirect_lead_opportunity_view()
        return merge._get_done_action(action)

    @api.model
    def _get_result(self, merge):
        # sudo: it may have been handed to a colleague
        return merge.sudo().survivor_id.with_env(self.env)

    def _ask_again(self, notice):
        self.write({"notice": notice, "shown": self._get_fingerprint()})
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm.action_merge_opportunities"
        )
        return {**action, "views": [(False, "form")], "res_id": self.id}

    def _merge(self):
        check_one(self)
        check_records(self, "read")
        Merge = self.env["crm.lead.merge"]
        leads, options = self._get_leads(), self._get_options()
        if self.shown:
            return Merge._apply_shown(leads, options, self.shown)
        return Merge._merge(leads, options)
