from odoo import api, models
from odoo.exceptions import LockError
from odoo.tools import format_datetime

from ...exceptions import ConversionRefused


class CrmLeadConversionCheck(models.AbstractModel):
    """What must hold before leads are converted; each obstacle names what to do.

    What concerns all leads is an error; what concerns one is the reason to skip it.
    """

    _name = "crm.lead.conversion.check"
    _inherit = ["crm.lead.check"]
    _description = "Conversion Check"
    _refused = ConversionRefused

    @api.model
    def _lock(self, leads):
        """Keep others from changing the leads meanwhile.

        :raise ConversionRefused: if someone else is changing one at this moment
        """
        try:
            leads.exists().lock_for_update(allow_referencing=True)
        except LockError as error:
            raise ConversionRefused(self._explain_busy(leads)) from error
        # what was read before the rows were locked may not be true any more
        leads.invalidate_recordset()

    # ------------------------------------------------------------
    # What concerns all leads
    # ------------------------------------------------------------

    @api.model
    def _check_options(self, options, leads):
        """Refuse a salesperson, channel or customer that cannot be chosen (any more).
        Whose `leads` they are already is nothing new, archived or not.

        :raise ConversionRefused: naming it
        """
        # sudo: only whose they are; who may not read a lead is told so later
        own = leads.sudo().exists()
        user_ids = {
            *options.user_ids,
            *(user_id for _lead, user_id in options.assigned),
        }
        # sudo: whether a user is archived is no secret of the settings
        users = self.env["res.users"].sudo().browse(filter(None, user_ids))
        self._check_users(users - own.user_id if len(own.user_id) == 1 else users)
        if own.team_id.ids != [options.team_id]:
            self._check_chosen("crm.team", options.team_id)
        if own.partner_id.ids != [options.partner_id]:
            self._check_chosen("res.partner", options.partner_id)
        self._check_chosen("res.partner", options.company_id)

    # ------------------------------------------------------------
    # What concerns one lead
    # ------------------------------------------------------------

    @api.model
    def _find_obstacles(self, leads, options, merges=None):
        """Return {lead id: why it cannot be converted}, whatever is planned for it."""
        existing = leads.exists()
        gone = leads - existing
        obstacles = {lead.id: self._explain_gone(lead.id) for lead in gone}
        allowed = existing._filtered_access("write")
        for lead in existing - allowed:
            obstacles[lead.id] = self._explain_forbidden(lead)
        if not options.opportunities_too:
            results = set(merges.mapped("survivor_res_id")) if merges else ()
            obstacles.update(
                self._explain_converted(
                    allowed.filtered(
                        lambda lead: (
                            lead.type == "opportunity" and lead.id not in results
                        )
                    )
                )
            )
        for lead in allowed:
            if reason := self._explain_state(lead):
                obstacles[lead.id] = reason
        return obstacles

    @api.model
    def _explain_forbidden(self, lead):
        if not lead._filtered_access("read"):
            return self.env._("You may not read or change this record.")
        return self.env._(
            "You may not change ‘%s’. Ask its salesperson or a sales manager to "
            "convert it.",
            lead.display_name,
        )

    @api.model
    def _explain_state(self, lead):
        """Say why a lead in this state is not converted, if it is not."""
        if lead.won_status == "won":
            return self.env._("‘%s’ is won already.", lead.display_name)
        if lead.active:
            return ""
        if lead.won_status == "lost":
            return self.env._("‘%s’ is lost. Restore it first.", lead.display_name)
        return self.env._("‘%s’ is archived. Unarchive it first.", lead.display_name)

    @api.model
    def _explain_converted(self, opportunities):
        """Say who converted each of `opportunities` when, in one query."""
        # sudo: that it was converted, by whom and when, is no secret of the lead
        conversions = (
            self.env["crm.lead.conversion"]
            .sudo()
            .search([("lead_id", "in", opportunities.ids), ("state", "=", "done")])
        )
        latest = {one.lead_id.id: one for one in reversed(conversions)}
        reasons = {}
        for lead in opportunities:
            conversion = latest.get(lead.id)
            if conversion:
                reasons[lead.id] = self.env._(
                    "‘%(lead)s’ was converted by %(user)s on %(date)s.",
                    lead=lead.display_name,
                    user=conversion.create_uid.name,
                    date=format_datetime(self.env, conversion.create_date),
                )
            else:
                reasons[lead.id] = self.env._(
                    "‘%s’ is an opportunity already.", lead.display_name
                )
        return reasons

    @api.model
    def _find_step_obstacle(self, lead, user, team, partner):
        """Say why `lead` cannot be given to `user` and `team` with `partner`."""
        company = team.company_id or lead.company_id
        if user and company and company not in user.company_ids:
            return self.env._(
                "‘%(user)s’ does not work for %(company)s, to which ‘%(lead)s’ "
                "belongs. Choose another salesperson.",
                user=user.name,
                company=company.name,
                lead=lead.display_name,
            )
        if company and partner.company_id and partner.company_id != company:
            return self.env._(
                "The customer ‘%(customer)s’ belongs to %(other)s, ‘%(lead)s’ to "
                "%(company)s. Choose another customer.",
                customer=partner.display_name,
                other=partner.company_id.name,
                lead=lead.display_name,
                company=company.name,
            )
        if not lead.stage_id and not self._has_stage(team or lead.team_id):
            return self.env._(
                "The sales team ‘%s’ has no stage. Add one to its pipeline first.",
                (team or lead.team_id).name or self.env._("None"),
            )
        return ""

    @api.model
    def _has_stage(self, team):
        return bool(self.env["crm.lead"]._stage_find(team_id=team.id))
