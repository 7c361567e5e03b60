from odoo import api, fields, models

from ..engine.conversion import KEEP, LINK


class CrmLead2opportunityCandidate(models.TransientModel):
    """One customer that a lead may be from, and why; ticked, it is the one to link."""

    _name = "crm.lead2opportunity.candidate"
    _inherit = ["crm.lead.dialog"]
    _description = "Possible Customer of a Lead"
    _guarded_models = ("crm.lead", "res.partner")

    dialog_id = fields.Many2one("crm.lead2opportunity.partner", ondelete="cascade")
    partner_id = fields.Many2one("res.partner", string="Customer", ondelete="cascade")
    # not as the superuser: whoever may create this record could name any customer
    email = fields.Char(related="partner_id.email", related_sudo=False)
    phone = fields.Char(related="partner_id.phone", related_sudo=False)
    reasons = fields.Char()
    is_chosen = fields.Boolean(string="Link")


class CrmLead2opportunityPartner(models.TransientModel):
    """Lists the customers that the lead may be from, to choose among them."""

    _inherit = "crm.lead2opportunity.partner"

    candidate_ids = fields.One2many(
        "crm.lead2opportunity.candidate",
        "dialog_id",
        compute="_compute_candidate_ids",
        readonly=False,
        string="Customers found",
    )

    @api.depends("lead_id")
    def _compute_candidate_ids(self):
        for dialog in self:
            found = self.env["crm.lead.conversion.candidates"]._find(dialog.lead_id)
            dialog.candidate_ids = [
                fields.Command.clear(),
                *(
                    fields.Command.create(
                        {
                            "partner_id": one.id,
                            "reasons": ", ".join(reasons),
                            "is_chosen": one == dialog._get_linked(),
                        }
                    )
                    for one, reasons in found
                ),
            ]

    def _get_linked(self):
        """Return the customer that the lead gets linked to, as things stand."""
        customer = self.partner_id._origin
        return customer if self.action == LINK else customer.browse()

    @api.onchange("candidate_ids")
    def _onchange_candidate_ids(self):
        """Link the customer that was ticked instead of the one before, or none if that
        was unticked."""
        linked, found = self._get_linked(), self.candidate_ids
        ticked = found.filtered("is_chosen").partner_id._origin
        if new := (ticked - linked)[:1]:
            self.action = LINK
            self.partner_id = new
        elif linked & found.partner_id._origin and not ticked:
            self.action = KEEP
        self._onchange_linked()

    @api.onchange("partner_id", "action")
    def _onchange_linked(self):
        """Tick the customer that is linked, however it was chosen."""
        for one in self.candidate_ids:
            one.is_chosen = one.partner_id._origin == self._get_linked()
