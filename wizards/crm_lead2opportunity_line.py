from odoo import fields, models


class CrmLead2opportunityLine(models.TransientModel):
    """What the bulk dialog proposes for one lead, and lets people change."""

    _name = "crm.lead2opportunity.line"
    _description = "Proposal for a Lead"
    _order = "sequence, id"

    dialog_id = fields.Many2one("crm.lead2opportunity.partner.mass", ondelete="cascade")
    sequence = fields.Integer()
    lead_id = fields.Many2one("crm.lead", readonly=True, ondelete="cascade")
    proposal = fields.Selection(
        [("convert", "Convert"), ("merge", "Merge"), ("skip", "Skip")], required=True
    )
    survivor_id = fields.Many2one("crm.lead", string="Merge into", ondelete="set null")
    reason = fields.Char(readonly=True)

    def _differs_from(self, line):
        """Return whether something else was chosen than `line` of a run proposes."""
        chosen = (self.proposal, self.survivor_id.id or 0)
        return chosen != (line.proposal, line.survivor_res_id)
