from odoo import fields, models


class CrmLead2opportunityCandidate(models.TransientModel):
    """One customer that a lead may be from, and why."""

    _name = "crm.lead2opportunity.candidate"
    _description = "Possible Customer of a Lead"

    dialog_id = fields.Many2one("crm.lead2opportunity.partner", ondelete="cascade")
    partner_id = fields.Many2one("res.partner", string="Customer", ondelete="cascade")
    # not as the superuser: whoever may create this record could name any customer
    email = fields.Char(related="partner_id.email", related_sudo=False)
    phone = fields.Char(related="partner_id.phone", related_sudo=False)
    reasons = fields.Char()
