from odoo import api, models

from ...engine.conversion import (
    CREATE,
    FIND_OR_CREATE,
    KEEP,
    UNDECIDED,
    ConversionPlan,
    ConversionStep,
    share_out,
)
from ...engine.plan import MergeOptions


class CrmLeadConversionPlanner(models.AbstractModel):
    """Turns leads and what was chosen for them into a plan: who gets which, and which
    customer. A fixed number of queries, however many leads there are."""

    _name = "crm.lead.conversion.planner"
    _description = "Conversion Planner"

    @api.model
    def _plan(self, leads, options=UNDECIDED, merges=None):
        """Say what converting `leads` would do; nothing is written.

        :param leads: leads in the order in which they are shared out
        :param merges: the merges whose results are among `leads`, if any
        :rtype: ConversionPlan
        :raise ConversionRefused: if what was chosen cannot be chosen (any more)
        """
        check = self.env["crm.lead.conversion.check"]
        check._check_options(options, leads)
        skipped = check._find_obstacles(leads, options, merges)
        possible = leads.filtered(lambda lead: lead.id not in skipped)
        steps = self._plan_possible(possible, options)
        return ConversionPlan(
            tuple(
                ConversionStep(lead.id, skipped=skipped[lead.id])
                if lead.id in skipped
                else steps[lead.id]
                for lead in leads
            ),
            options,
        )

    @api.model
    def _plan_possible(self, leads, options):
        users = self._share_out(leads, options)
        customers = self._plan_customers(leads, options)
        creating = leads.filtered(
            lambda lead: not customers[lead.id] and self._makes_customer(options)
        )
        companies = self._plan_companies(creating, options)
        return {
            lead.id: self._plan_step(
                lead,
                options,
                users,
                customers[lead.id],
                lead in creating,
                companies.get(lead.id),
            )
            for lead in leads
        }

    @api.model
    def _plan_step(self, lead, options, users, customer, makes_customer, company):
        user_id = users.get(lead.id)
        team_id = self._choose_team(lead, user_id, lead.id in users, options)
        Customer = self.env["crm.lead.conversion.customer"]
        nameless = makes_customer and Customer._explain_nameless(lead)
        obstacle = nameless or self.env[
            "crm.lead.conversion.check"
        ]._find_step_obstacle(
            lead,
            # sudo: which companies the salesperson works for
            self.env["res.users"].sudo().browse(user_id or ()),
            self.env["crm.team"].browse(team_id or ()),
            customer,
        )
        if obstacle:
            return ConversionStep(lead.id, skipped=obstacle)
        return ConversionStep(
            lead.id,
            user_id=user_id,
            team_id=team_id,
            partner_id=customer.id or None,
            makes_customer=makes_customer,
            company_id=company.id if company else None,
        )

    @api.model
    def _choose_team(self, lead, user_id, is_assigned, options):
        """Return the id of the channel: the one chosen, else the lead's own, unless its
        new salesperson works in others only. Then None: core finds one of theirs."""
        if not options.user_ids and not options.assigned:  # nobody takes turns
            is_assigned = options.force_assignment or not lead.team_id
        if is_assigned and options.team_id:
            return options.team_id
        team = lead.team_id
        if not user_id or user_id == lead.user_id.id:
            return team.id or None
        # sudo: channels of a salesperson, which not everybody may read
        user = self.env["res.users"].sudo().browse(user_id)
        fits = team._has_member(user) or not user.crm_team_ids
        return team.id or None if fits else None

    @api.model
    def _propose_team(self, lead, result, user, team):
        """Return the channel that a dialog proposes for `user`: the one of the record
        that stays, or the lead's, unless they work in others only.

        :param result: what `lead` is converted to, or merged into
        :param team: the channel that the dialog says so far, if any
        """
        if result.team_id and user == result.user_id:
            return result.team_id
        team = team or lead.team_id
        is_kept = team and user == lead.user_id
        return team if is_kept else team._find_for(user)

    @api.model
    def _get_merge_options(self, leads, survivor, user, team, is_forced):
        """Return how leads are merged that are converted with it: salesperson and
        channel as chosen, for all of them or where nobody is responsible.

        :param survivor: the record to merge into, if it was chosen
        :param bool is_forced: whoever is responsible is replaced
        :rtype: MergeOptions
        """
        is_assigned = is_forced or not leads.user_id
        survivor = survivor or self.env["crm.lead.merge.planner"]._propose_survivor(
            leads
        )
        return MergeOptions(
            survivor_id=survivor.id,
            user_id=user.id if is_assigned and user else None,
            team_id=team.id if is_assigned and team else None,
            convert=True,
        )

    @api.model
    def _share_out(self, leads, options):
        """Return {lead id: id of its salesperson from now on, 0 for nobody}."""
        if options.assigned:
            return dict(options.assigned)
        takers = leads
        if not options.force_assignment:
            takers = leads.filtered(lambda lead: not lead.user_id)
        return share_out(takers.ids, [user_id or 0 for user_id in options.user_ids])

    @api.model
    def _makes_customer(self, options):
        return options.customer in (CREATE, FIND_OR_CREATE)

    @api.model
    def _plan_customers(self, leads, options):
        """Return {lead id: its customer from now on, or none}."""
        Partner = self.env["res.partner"]
        if options.customer == FIND_OR_CREATE:
            found = self.env["crm.lead.conversion.customer"]._find_best(leads)
            return {lead.id: found.get(lead.id, Partner) for lead in leads}
        chosen = Partner.browse(options.partner_id or ())
        if options.customer == KEEP:
            chosen = Partner
        return {lead.id: chosen or lead.partner_id for lead in leads}

    @api.model
    def _plan_companies(self, leads, options):
        """Return {lead id: the existing company that its new customer belongs to}."""
        if options.company_id:
            company = self.env["res.partner"].browse(options.company_id)
            return dict.fromkeys(leads.ids, company)
        return self.env["crm.lead.conversion.customer"]._find_companies(leads)
