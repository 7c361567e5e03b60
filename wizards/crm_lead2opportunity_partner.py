from odoo import api, fields, models

from ..engine.conversion import CREATE, KEEP, LINK, ConversionOptions
from ..exceptions import ConversionRefused
from ..models.common.arguments import check_one, check_records
from ..models.common.done_action import get_done_action, get_notification
from ..models.common.extended import is_extended
from ..models.common.offered import OFFERED
from ..models.common.question import get_question
from .commands import check_there, get_linked_ids

#: Context key with the ids of the merges whose results are converted now.
MERGED = "crm_lead_conversion_merges"
#: How many leads that were skipped are named.
LISTED = 10


class CrmLead2opportunityPartner(models.TransientModel):
    """The dialog that converts a lead: it asks, and hands over to the engine."""

    _name = "crm.lead2opportunity.partner"
    _inherit = ["crm.lead2opportunity.partner", "crm.lead.dialog"]

    action = fields.Selection(
        selection_add=[(KEEP, "Do not link to a customer")],
        ondelete={KEEP: lambda dialogs: dialogs.write({"action": LINK})},
    )
    survivor_id = fields.Many2one(
        "crm.lead",
        string="Merge into",
        context=OFFERED,
        help="The record that stays; by default the one created first that is open.",
    )
    survivor_choice_ids = fields.Many2many(
        "crm.lead",
        compute="_compute_survivor_choice_ids",
        help="The records found, and the open opportunities of the customer's company.",
    )
    journal_model = fields.Char(readonly=True)
    journal_res_id = fields.Integer(readonly=True)

    @api.model_create_multi
    def create(self, vals_list):
        """Save the dialog, or say what has become of a record that is gone."""
        for vals in vals_list:
            linked = [
                *filter(None, (vals.get("lead_id"), vals.get("survivor_id"))),
                *get_linked_ids(vals.get("duplicated_lead_ids") or ()),
                *get_linked_ids(vals.get("lead_tomerge_ids") or ()),  # of the bulk one
            ]
            check_there(self.env["crm.lead"].browse(linked))
        return super().create(vals_list)

    @api.depends("lead_id", "partner_id")
    def _compute_duplicated_lead_ids(self):
        """Leave out what somebody has kept separate from the lead."""
        result = super()._compute_duplicated_lead_ids()
        for dialog in self:
            separate = dialog.lead_id._origin._get_kept_separate_ids()
            dialog.duplicated_lead_ids = dialog.duplicated_lead_ids.filtered(
                lambda lead, apart=separate: lead._origin.id not in apart
            )
        return result

    @api.depends("duplicated_lead_ids", "lead_id", "partner_id")
    def _compute_survivor_choice_ids(self):
        candidates = self.env["crm.lead.conversion.candidates"]
        for dialog in self:
            dialog.survivor_choice_ids = (
                dialog.lead_id
                | dialog.duplicated_lead_ids
                | candidates._find_open_opportunities(dialog.partner_id)
            )

    @api.onchange("survivor_id")
    def _onchange_survivor_id(self):
        """Choosing where to merge into is choosing to merge."""
        if self.survivor_id:
            self.name = "merge"
            self.duplicated_lead_ids |= self.survivor_id

    @api.depends("partner_id", "lead_id", "action")
    def _compute_commercial_partner_id(self):
        """Offer the company that the lead names, if it exists."""
        result = super()._compute_commercial_partner_id()
        for dialog in self:
            if dialog.action == CREATE and not dialog.commercial_partner_id:
                lead = dialog.lead_id
                found = self.env["crm.lead.conversion.customer"]._find_companies(lead)
                dialog.commercial_partner_id = found.get(lead.id)
        return result

    @api.depends("lead_id", "name", "survivor_id")
    def _compute_user_id(self):
        """Keep the salesperson: of a merge, that of the record that stays.

        Not by stock's, which knows nothing of the record that stays.
        """
        for dialog in self:
            dialog.user_id = dialog._get_result().user_id or dialog.lead_id.user_id

    @api.depends("user_id", "name", "survivor_id")
    def _compute_team_id(self):
        """Keep the channel, of a merge that of the record that stays, unless the
        salesperson has one of their own and is not in this one.

        Not by stock's, which takes another one as soon as the salesperson is none of
        its members, though nobody has chosen another salesperson.
        """
        planner = self.env["crm.lead.conversion.planner"]
        for dialog in self:
            dialog.team_id = planner._propose_team(
                dialog.lead_id, dialog._get_result(), dialog.user_id, dialog.team_id
            )

    def _get_merging(self):
        """Return the leads that are merged, those of the database: or the lead of an
        open dialog counts twice."""
        return self.duplicated_lead_ids._origin | self.lead_id._origin

    def _get_result(self):
        """Return the lead that is converted, or that the others are merged into."""
        if self.name != "merge":
            return self.lead_id
        planner = self.env["crm.lead.merge.planner"]
        return self.survivor_id or planner._propose_survivor(self._get_merging())

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_apply(self):
        """Convert or merge, or open what a colleague has converted a moment ago.

        :return: the action that opens the opportunity
        """
        check_one(self)
        check_records(self, "read")
        if self._is_done_already():
            return self.lead_id.redirect_lead_opportunity_view()
        return super().action_apply()

    def action_apply_and_tell(self, force=False):
        """Do as `action_apply` does, then offer to undo it.

        :param bool force: do not ask whether what is won or lost is to be merged
        :return: the client action that says so and opens the opportunity
        """
        check_one(self)
        check_records(self, "read")
        if self._is_done_already():
            check = self.env["crm.lead.conversion.check"]
            message = self.env._(
                "%s Nothing of what you chose here was done.",
                check._explain_converted(self.lead_id)[self.lead_id.id],
            )
            return get_notification(message, self.action_apply(), "warning")
        if not force and (message := self._ask_about_closed()):
            label = self.env._("Merge all the same")
            return get_question(self, "action_apply_and_tell", message, label)
        return self._tell(self.action_apply())

    def _ask_about_closed(self):
        """Return the question whether what is won or lost is to be merged."""
        if self.name != "merge":
            return ""
        check = self.env["crm.lead.merge.check"]
        survivor = self._get_result()._origin
        return check._ask_about_closed(self._get_merging(), survivor)

    def _tell(self, action):
        if not self.journal_res_id:
            return action
        journal = self.env[self.journal_model].browse(self.journal_res_id)
        return get_done_action(journal, self._get_done_message(), action)

    def _get_done_message(self):
        # sudo: who did it is told so, also once the result is a colleague's
        lead = self.lead_id.sudo()
        if self.journal_model == "crm.lead.merge":
            return self.env._("Merged into ‘%s’.", lead.display_name)
        if lead.user_id in (self.env.user, self.env["res.users"]):
            return self.env._("‘%s’ is an opportunity now.", lead.display_name)
        return self.env._(
            "‘%(lead)s’ is an opportunity of %(user)s now.",
            lead=lead.display_name,
            user=lead.user_id.name,
        )

    def _is_done_already(self):
        lead = self.lead_id
        return (
            len(self._get_leads()) == 1
            and self.name == "convert"
            and lead.type == "opportunity"
            and bool(lead.date_conversion)
        )

    def _get_leads(self):
        """Return the leads to convert: the selected ones, else the one it is about."""
        active_ids = self.env.context.get("active_ids", [])
        return self.env["crm.lead"].browse(active_ids) or self.lead_id

    def _get_selected_leads(self):
        """Return the leads to convert.

        :raise ConversionRefused: if there is none
        """
        if leads := self._get_leads():
            return leads
        raise ConversionRefused(
            self.env._("Select at least one lead to convert, and open this again.")
        )

    def _action_convert(self):
        """Not by stock's, which breaks where nothing is selected."""
        leads = self._get_selected_leads()
        self._convert_and_allocate(leads, [self.user_id.id], team_id=self.team_id.id)
        return leads[0]

    def _action_merge(self):
        """Not by stock's, which merges and assigns in steps of which undo would know
        nothing, and leaves the result without a customer (promise P5)."""
        leads = self.duplicated_lead_ids | self.lead_id | self.survivor_id
        merge = self._get_engine()._merge_and_convert(
            leads, self._get_merge_options(leads), self._get_options((), None)
        )
        self._remember(merge)
        result = merge.sudo().survivor_id  # sudo: it may be a colleague's by now
        # sudo: as above, and a dialog refuses records that its user may not read
        self.sudo().lead_id = result
        return result.with_env(self.env)

    def _get_merge_options(self, leads):
        return self.env["crm.lead.conversion.planner"]._get_merge_options(
            leads, self.survivor_id, self.user_id, self.team_id, self.force_assignment
        )

    def _convert_and_allocate(self, leads, user_ids, team_id=False):
        """By stock's only where another addon has its own way with the customer: it
        converts lead by lead, and remembers nothing."""
        if is_extended(self, "_convert_handle_partner"):
            return super()._convert_and_allocate(leads, user_ids, team_id=team_id)
        engine = self._get_engine()
        options = self._get_options(tuple(user_ids or ()), team_id or None)
        if len(leads) == 1:
            conversions = engine._convert_one(leads, options, self._get_merges())
        else:
            conversions, skipped = engine._convert(leads, options, self._get_merges())
            self._tell_skipped(list(skipped.values()))
        self._remember(conversions[:1])

    def _tell_skipped(self, reasons):
        """Say which leads were not converted, and why; a run lists them instead."""
        if reasons:
            message = {
                "type": "warning",
                "sticky": True,
                "title": self.env._("Leads that were not converted: %s", len(reasons)),
                "message": "\n".join(reasons[:LISTED]),
            }
            self.env.user._bus_send("simple_notification", message)

    def _get_merges(self):
        """Return the merges whose results are converted now."""
        merges = self.env["crm.lead.merge"].browse(self.env.context.get(MERGED, ()))
        # anybody may put anything into a context: only those of this transaction count
        now = self.env.cr.now()
        return merges.filtered(
            lambda one: one.create_uid == self.env.user and one.create_date == now
        )

    def _get_engine(self):
        # a customer that is created belongs to the same salesperson
        context = {"default_user_id": self.user_id.id}
        return self.env["crm.lead.conversion"].with_context(**context)

    def _get_options(self, user_ids, team_id):
        return ConversionOptions(
            user_ids=tuple(user_id or None for user_id in user_ids),
            team_id=team_id,
            customer=self.action,
            partner_id=self.partner_id.id if self.action in (LINK, CREATE) else None,
            company_id=self._get_company_of_new_customer().id or None,
            force_assignment=self.force_assignment,
            opportunities_too=True,
        )

    def _get_company_of_new_customer(self):
        company = self.commercial_partner_id
        return company if self.action == CREATE else company.browse()

    def _remember(self, journal):
        """Remember what *Undo* would undo."""
        if journal:
            self.write({"journal_model": journal._name, "journal_res_id": journal.id})
