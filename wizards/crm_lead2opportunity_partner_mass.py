from collections import Counter

from odoo import api, fields, models

from ..engine.conversion import LINK, ConversionOptions
from ..exceptions import ConversionRefused
from ..models.common.arguments import check_one, check_records
from ..models.common.done_action import get_done_action
from .commands import get_linked_ids
from .crm_lead2opportunity_partner import MERGED

#: How many leads the dialog lists; more are summed up.
LISTED = 200


class CrmLead2opportunityPartnerMass(models.TransientModel):
    """The dialog that converts many leads: it asks, and hands over to the engine."""

    _name = "crm.lead2opportunity.partner.mass"
    _inherit = ["crm.lead2opportunity.partner.mass", "crm.lead.dialog"]

    prospect_groups = fields.Json(
        compute="_compute_prospect_groups",
        store=True,
        readonly=False,
        help="[[lead id, …], …] of those that are the same prospect, as the dialog was "
        "opened: searched once, not with each answer.",
    )
    proposal_ids = fields.One2many(
        "crm.lead2opportunity.line",
        "dialog_id",
        compute="_compute_proposal_ids",
        store=True,
        readonly=False,
        string="Proposals",
        help="What becomes of each lead, as long as they are few enough to look at.",
    )
    summary = fields.Text(compute="_compute_summary")
    turns = fields.Json(
        readonly=True,
        help="Ids of the salespeople as they were chosen: links are read by name.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        dialogs = super().create(vals_list)
        for dialog, vals in zip(dialogs, vals_list, strict=True):
            dialog._note_turns(vals.get("user_ids") or ())
        return dialogs

    def write(self, vals):
        result = super().write(vals)
        for dialog in self if "user_ids" in vals else ():
            dialog._note_turns(vals["user_ids"] or ())
        return result

    def _note_turns(self, commands):
        """Remember the order in which salespeople were chosen."""
        self.turns = [*(self.turns or ()), *get_linked_ids(commands)]

    def _get_takers(self):
        """Return the salespeople in the order in which they take turns."""
        place = {user_id: turn for turn, user_id in enumerate(self.turns or ())}
        return self.user_ids.sorted(lambda user: place.get(user.id, len(place)))

    @api.depends("lead_tomerge_ids", "deduplicate")
    def _compute_prospect_groups(self):
        prospects = self.env["crm.lead.conversion.prospects"]
        for dialog in self:
            leads = dialog._get_leads()
            dialog.prospect_groups = (
                prospects._find(leads)
                if dialog.deduplicate
                else [[lead_id] for lead_id in leads.ids]
            )

    @api.depends("prospect_groups")
    def _compute_proposal_ids(self):
        for dialog in self:
            leads = dialog._get_leads()
            lines = dialog._propose() if len(leads) <= LISTED else []
            names = ("sequence", "group_number", "is_selected", "proposal", "reason")
            dialog.proposal_ids = [
                fields.Command.clear(),
                *(
                    fields.Command.create(
                        {
                            **{name: one[name] for name in names},
                            "lead_id": one["lead_res_id"],
                            "survivor_id": one["survivor_res_id"] or False,
                            "shown": [one["proposal"], one["survivor_res_id"]],
                        }
                    )
                    for one in lines
                ),
            ]

    @api.onchange("proposal_ids")
    def _onchange_proposal_ids(self):
        self.proposal_ids._follow_choices()

    @api.depends("proposal_ids.proposal", "prospect_groups")
    def _compute_summary(self):
        kinds = dict(
            self.proposal_ids._fields["proposal"]._description_selection(self.env)
        )
        for dialog in self:
            lines = [(one.proposal, one.reason) for one in dialog.proposal_ids]
            if not lines:
                lines = [(one["proposal"], one["reason"]) for one in dialog._propose()]
            counts = Counter(proposal for proposal, _reason in lines)
            dialog.summary = "\n".join(
                f"{kinds[proposal]}: {counts[proposal]}"
                for proposal in kinds
                if counts[proposal]
            )

    def _propose(self):
        """Return the proposals for all selected leads, as values of lines of a run."""
        selected = self._get_leads()
        named = [one for group in self.prospect_groups or [] for one in group]
        # the groups, and what was selected, a client may have made up
        leads = selected.browse(named).exists()._filtered_access("read")
        readable = set(leads.ids)
        groups = [
            [one for one in group if one in readable]
            for group in self.prospect_groups or []
        ]
        groups = [group for group in groups if group]
        lines = self.env["crm.lead.run.line"]
        return lines._propose(leads, groups, "convert", selected)

    def _get_leads(self):
        """Return the selected leads in the order in which they were selected."""
        active_ids = self.env.context.get("active_ids") or self.lead_tomerge_ids.ids
        return self.env["crm.lead"].browse(active_ids)

    @api.depends("prospect_groups")
    def _compute_duplicated_lead_ids(self):
        """Find all that are the same prospect at once, not lead by lead."""
        for dialog in self:
            leads, groups = dialog.lead_tomerge_ids, dialog.prospect_groups or []
            doubles = [one for group in groups if len(group) > 1 for one in group]
            dialog.duplicated_lead_ids = leads & leads.browse(doubles)

    @api.depends("user_ids")
    def _compute_team_id(self):
        """Offer a channel of the first salesperson; none, as long as there is none."""
        for dialog in self:
            chosen = dialog.user_id - dialog.lead_id.user_id
            user = (dialog.user_ids[:1] or chosen)._origin
            dialog.team_id = dialog.team_id._find_for(user)

    def action_mass_convert(self):
        """Merge those that are the same prospect, then convert what is left.

        :return: the action that opens the first opportunity
        """
        check_one(self)
        check_records(self, "read")
        if self.name == "convert" and not self.deduplicate:
            return self.action_apply()
        leads = self._get_selected_leads()
        prospects = self.env["crm.lead.conversion.prospects"]
        groups = prospects._find(leads)
        if self.name == "merge":
            groups, leads = self._keep_doubles(groups, leads)
        self.prospect_groups = groups  # or flushing would search for them
        leads, merges = prospects._merge(leads, groups)
        context = {"active_ids": leads.ids, MERGED: merges.ids}
        self.name = "convert"
        return self.with_context(**context).action_apply()

    @api.model
    def _keep_doubles(self, groups, leads):
        """Return the groups and leads of those prospects that are there more than once:
        what code asks for that merges with existing opportunities, and no more.

        :raise ConversionRefused: if there is none
        """
        groups = [group for group in groups if len(group) > 1]
        if not groups:
            raise ConversionRefused(
                self.env._(
                    "None of these leads is there more than once. Choose to convert "
                    "them instead."
                )
            )
        return groups, leads & leads.browse(one for group in groups for one in group)

    def _convert_and_allocate(self, leads, user_ids, team_id=False):
        """Share the leads between all salespeople that were chosen."""
        return super()._convert_and_allocate(leads, self.user_ids.ids, team_id=team_id)

    def _get_options(self, user_ids, team_id):
        """Let salespeople take turns in the order in which they were chosen."""
        turns = tuple(self._get_takers().ids) if user_ids else ()
        return super()._get_options(turns or user_ids, team_id)

    # ------------------------------------------------------------
    # Runs
    # ------------------------------------------------------------

    def action_review(self):
        """Open the proposals in a list of their own, grouped by what is proposed.

        :return: the action that shows the run, not started yet
        """
        return self._create_run().action_open()

    def action_convert_in_run(self):
        """Convert all leads in a run: a few at once, more in the background.

        :return: the client action that says so, offers to undo it once it has ended,
            and shows the run
        """
        run = self._create_run()
        run.action_start()
        run.process()
        if len(run.line_ids) <= LISTED:
            run.process()  # which ends it
        message = self.env._(
            "%(done)s done, %(skipped)s skipped, %(waiting)s to go",
            done=run.done_count,
            skipped=run.skipped_count,
            waiting=run.waiting_count,
        )
        is_ended = run.state == "done"
        return get_done_action(run, message, run.action_open(), is_ended)

    def _create_run(self):
        """Create the run, with what was changed in the proposals."""
        check_one(self)
        check_records(self, "read")
        options = ConversionOptions(
            user_ids=tuple(self._get_takers().ids),
            team_id=self.team_id.id or None,
            customer=self.action,
            partner_id=self.partner_id.id if self.action == LINK else None,
            force_assignment=self.force_assignment,
        )
        run = self.env["crm.lead.run"]._create_conversions(
            self._get_selected_leads(), options, self.deduplicate
        )
        lines = {one.lead_res_id: one for one in run.line_ids}
        changed = [
            (lines[one.lead_id.id], one)
            for one in self.proposal_ids
            if one.lead_id.id in lines and one._differs_from(lines[one.lead_id.id])
        ]
        # all differences are known by now: one choice changes the lines of others
        for line, choice in changed:
            line._choose(choice.proposal, choice.survivor_id)
        return run
