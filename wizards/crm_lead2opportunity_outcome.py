from odoo import api, fields, models

from ..engine.conversion import CREATE, LINK


class CrmLead2opportunityPartner(models.TransientModel):
    """What the dialog says before anything is done: what will happen, and where lead
    and customer differ."""

    _inherit = "crm.lead2opportunity.partner"

    difference = fields.Text(
        compute="_compute_difference",
        help="What the lead and the customer say differently: each keeps its own.",
    )
    outcome = fields.Text(compute="_compute_outcome", string="What will happen")

    @api.depends("lead_id", "partner_id", "action")
    def _compute_difference(self):
        candidates = self.env["crm.lead.conversion.candidates"]
        for dialog in self:
            customer = dialog.partner_id if dialog.action == LINK else False
            dialog.difference = "\n".join(
                self.env._(
                    "%(field)s: the lead says ‘%(lead)s’, the customer ‘%(customer)s’",
                    field=label,
                    lead=said,
                    customer=other,
                )
                for label, said, other in candidates._compare(dialog.lead_id, customer)
            )

    @api.depends("name", "action", "partner_id", "user_id", "team_id", "survivor_id")
    def _compute_outcome(self):
        for dialog in self:
            sentences = [dialog._describe_result(), dialog._describe_customer()]
            if dialog._has_nothing_to_merge():
                sentences = [self.env._("Add an opportunity to merge with.")]
            dialog.outcome = " ".join(filter(None, sentences))

    def _has_nothing_to_merge(self):
        return self.name == "merge" and len(self._get_merging()) < 2

    def _describe_result(self):
        if self.name == "merge":
            leads = self._get_merging()
            survivor = self._get_result()
            chosen = self._get_merge_options(leads)
            user = self.user_id if chosen.user_id else survivor.user_id
            team = self.team_id if chosen.team_id else survivor.team_id
            return self.env._(
                "%(count)s records become one: ‘%(survivor)s’. Salesperson: %(user)s. "
                "Sales team: %(team)s.",
                count=len(leads),
                survivor=survivor._name_offered(),
                user=self._describe_change(survivor.user_id, user),
                team=self._describe_change(survivor.team_id, team),
            )
        return self.env._(
            "‘%(lead)s’ becomes an opportunity. Salesperson: %(user)s. Sales team: "
            "%(team)s.",
            lead=self.lead_id.display_name or "",
            user=self.user_id.name or "–",
            team=self.team_id.name or "–",
        )

    @api.model
    def _describe_change(self, before, after):
        """Name whose the result of a merge will be, and whose it was."""
        name = after.name or "–"
        if after == before or not before:
            return name
        return self.env._("%(new)s (now %(old)s)", new=name, old=before.name)

    def _describe_customer(self):
        if self.action == LINK and self.partner_id:
            return self.env._("Its customer is %s.", self.partner_id.display_name)
        if self.action == CREATE and not self.lead_id.partner_id:
            company = self.commercial_partner_id
            if company:
                return self.env._("A customer is created in %s.", company.display_name)
            return self.env._("A customer is created.")
        return ""
