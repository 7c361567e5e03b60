from odoo import api, fields, models

from ..engine.conversion import LINK, ConversionOptions
from ..exceptions import ConversionRefused
from ..models.common.arguments import check_one, check_records
from ..models.common.done_action import get_done_action
from .commands import get_linked_ids
from .crm_lead2opportunity_partner import MERGED

#: How many leads the dialog lists; more are summed up.
LISTED = 200
#: Context key: the form is about to open, and has its proposals.
OPENING = "crm_lead_bulk_dialog_opens"


class CrmLead2opportunityPartnerMass(models.TransientModel):
    """The dialog that converts many leads: it asks, and hands over to the engine."""

    _name = "crm.lead2opportunity.partner.mass"
    _inherit = ["crm.lead2opportunity.partner.mass", "crm.lead.dialog"]
    _guarded_models = ("crm.lead", "crm.lead.run")

    run_id = fields.Many2one(
        "crm.lead.run",
        ondelete="set null",
        help="What is proposed: a run not started yet, which goes with the dialog.",
    )
    proposal_ids = fields.One2many(
        "crm.lead.run.line",
        compute="_compute_proposal_ids",
        readonly=False,
        string="Proposals",
        help="What becomes of each lead, as long as they are few enough to look at. A "
        "choice is written to the run at once.",
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

    # ------------------------------------------------------------
    # What is proposed
    # ------------------------------------------------------------

    def onchange(self, values, field_names, fields_spec):
        """Propose as the dialog opens."""
        dialog = self
        if "run_id" in fields_spec and not (field_names or values.get("run_id")):
            run = self._propose(values.get("deduplicate", True))
            values = {**values, "run_id": run.id}
            dialog = self.with_context(**{OPENING: True})
        return super(CrmLead2opportunityPartnerMass, dialog).onchange(
            values, field_names, fields_spec
        )

    @api.onchange("deduplicate")
    def _onchange_deduplicate(self):
        """Propose anew; what was proposed before goes within a day."""
        if self.run_id and not self.env.context.get(OPENING):
            self.run_id = self._propose(self.deduplicate)

    @api.model
    def _propose(self, deduplicate):
        """Return a run that proposes what becomes of the selected leads; none, if there
        are none."""
        leads = self._get_leads().exists()._filtered_access("read")
        run = self.env["crm.lead.run"]
        if leads:
            run = run._create_conversions(
                leads, deduplicate=deduplicate, is_in_dialog=True
            )
        return run

    @api.depends("run_id")
    def _compute_proposal_ids(self):
        for dialog in self:
            run = dialog.run_id._origin
            is_listed = run.line_count <= LISTED
            dialog.proposal_ids = run.line_ids if is_listed else run.line_ids.browse()

    @api.onchange("proposal_ids")
    def _onchange_proposal_ids(self):
        self.proposal_ids._follow_choices()

    @api.depends("run_id", "proposal_ids.proposal")
    def _compute_summary(self):
        lines = self.env["crm.lead.run.line"]
        kinds = lines._fields["proposal"]._description_selection(self.env)
        for dialog in self:
            counts = dict(
                lines._read_group(
                    [("run_id", "=", dialog.run_id._origin.id)],
                    ["proposal"],
                    ["__count"],
                )
            )
            dialog.summary = "\n".join(
                f"{label}: {counts[kind]}" for kind, label in kinds if kind in counts
            )

    def _get_leads(self):
        """Return the selected leads in the order in which they were selected."""
        active_ids = self.env.context.get("active_ids") or self.lead_tomerge_ids.ids
        return self.env["crm.lead"].browse(active_ids)

    @api.depends("lead_tomerge_ids", "deduplicate", "run_id")
    def _compute_duplicated_lead_ids(self):
        """Find all that are the same prospect at once: stock's asks lead by lead."""
        for dialog in self:
            leads = dialog.lead_tomerge_ids
            if run := dialog.run_id._origin:
                merging = run.line_ids.filtered(lambda line: line.proposal == "merge")
                doubles = merging.mapped("lead_res_id")
            else:
                prospects = self.env["crm.lead.conversion.prospects"]
                groups = prospects._find(leads) if dialog.deduplicate else []
                doubles = self._get_doubles(groups)
            dialog.duplicated_lead_ids = leads & leads.browse(doubles)

    @api.depends("user_ids")
    def _compute_team_id(self):
        """Offer a channel of the first salesperson; none, as long as there is none.

        Not by stock's, which takes the user for the salesperson then.
        """
        for dialog in self:
            chosen = dialog.user_id - dialog.lead_id.user_id
            user = (dialog.user_ids[:1] or chosen)._origin
            dialog.team_id = dialog.team_id._find_for(user)

    def action_mass_convert(self):
        """Merge those that are the same prospect, then convert what is left.

        Not by stock's, which searches and merges lead by lead.

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
        # as searched just now
        self.duplicated_lead_ids = leads & leads.browse(self._get_doubles(groups))
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
        return groups, leads & leads.browse(self._get_doubles(groups))

    @api.model
    def _get_doubles(self, groups):
        """Return the ids of the leads that are not alone in their group."""
        return [lead_id for group in groups if len(group) > 1 for lead_id in group]

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
        return self._get_run().action_open()

    def action_convert_in_run(self):
        """Convert all leads in a run: a few at once, more in the background.

        :return: the client action that says so, offers to undo it once it has ended,
            and shows the run
        """
        run = self._get_run()
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

    def _get_run(self):
        """Return the run that the dialog shows, or a new one, as whoever called the
        dialog has decided."""
        check_one(self)
        check_records(self, "read")
        leads = self._get_selected_leads()
        options = ConversionOptions(
            user_ids=tuple(self._get_takers().ids),
            team_id=self.team_id.id or None,
            customer=self.action,
            partner_id=self.partner_id.id if self.action == LINK else None,
            force_assignment=self.force_assignment,
        )
        if self.run_id:
            self.run_id._decide(options)
            return self.run_id
        return self.run_id._create_conversions(leads, options, self.deduplicate)
