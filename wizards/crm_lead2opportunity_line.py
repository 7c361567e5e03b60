from odoo import fields, models

from ..engine.conversion import ConversionOptions
from ..engine.proposals import SKIP, Proposal, choose
from ..models.common.offered import OFFERED


class CrmLead2opportunityLine(models.TransientModel):
    """What the bulk dialog proposes for one lead, and lets people change."""

    _name = "crm.lead2opportunity.line"
    _inherit = ["crm.lead.dialog"]
    _description = "Proposal for a Lead"
    _order = "sequence, id"

    dialog_id = fields.Many2one("crm.lead2opportunity.partner.mass", ondelete="cascade")
    sequence = fields.Integer()
    group_number = fields.Integer(help="Lines of the same prospect have the same.")
    is_selected = fields.Boolean(
        help="It was selected, not found as the same prospect."
    )
    lead_id = fields.Many2one(
        "crm.lead", readonly=True, ondelete="cascade", context=OFFERED
    )
    proposal = fields.Selection(
        [("convert", "Convert"), ("merge", "Merge"), ("skip", "Skip")], required=True
    )
    survivor_id = fields.Many2one(
        "crm.lead", string="Merge into", ondelete="set null", context=OFFERED
    )
    reason = fields.Char(readonly=True)
    shown = fields.Json(
        help="[proposal, id of the lead to merge into] before the last choice."
    )

    def _get_choice(self):
        """Return [proposal, id of the lead to merge into] as it is now."""
        return [self.proposal, self.survivor_id._origin.id or 0]

    def _follow_choices(self):
        """Let each prospect's other lines follow what was chosen for one of them, as
        the run will: what the dialog shows is what happens (promise B6)."""
        for line in self:
            if line.proposal and line.shown and line._get_choice() != line.shown:
                number = line.group_number
                self.filtered(lambda one, at=number: one.group_number == at)._take(line)

    def _take(self, line):
        """Change the lines of one prospect by what was chosen for `line`."""
        run_line = self.env["crm.lead.run.line"]
        lines = {one.lead_id._origin.id: one for one in self}
        what, into = line._get_choice()
        lead = line.lead_id._origin
        check = self.env["crm.lead.conversion.check"]
        options = ConversionOptions(opportunities_too=True)
        obstacle = what != SKIP and check._find_obstacles(lead, options).get(lead.id)
        changes, leaves = choose(
            {lead_id: Proposal(*one.shown) for lead_id, one in lines.items()},
            lead.id,
            Proposal(SKIP if obstacle else what, into),
            run_line._find_first,
            {lead_id for lead_id, one in lines.items() if one.is_selected},
        )
        if leaves:
            every = line.dialog_id.proposal_ids
            line.group_number = 1 + max(every.mapped("group_number"))
        # as the dialog has them, which need not be saved yet
        leads = {lead._origin.id: lead for lead in (*self.lead_id, *self.survivor_id)}
        for lead_id, change in changes.items():
            one = lines[lead_id]
            one.update(
                {
                    "proposal": change.what,
                    "survivor_id": leads.get(change.into, False),
                    "shown": [change.what, change.into],
                    **run_line._prepare_reason(change),
                }
            )
        if obstacle:
            line.reason = obstacle

    def _differs_from(self, line):
        """Return whether something else was chosen than `line` of a run proposes."""
        return self._get_choice() != [line.proposal, line.survivor_res_id]
