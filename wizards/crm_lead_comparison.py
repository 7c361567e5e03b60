from odoo import api, fields, models

from ..models.common.arguments import check_one, check_records
from ..models.common.offered import OFFERED
from ..models.duplicate import labels


class CrmLeadComparison(models.TransientModel):
    """Two leads side by side: what speaks for their being one, what against (B7)."""

    _name = "crm.lead.comparison"
    _inherit = ["crm.lead.dialog"]
    _description = "Comparison of Two Leads"

    lead_id = fields.Many2one(
        "crm.lead", required=True, readonly=True, ondelete="cascade", context=OFFERED
    )
    other_lead_id = fields.Many2one(
        "crm.lead", required=True, readonly=True, ondelete="cascade", context=OFFERED
    )
    score = fields.Float(
        readonly=True,
        digits=(6, 1),
        help="The sum of what each finding counts. Each point doubles the odds that "
        "the two are the same prospect; at 0 they are even.",
    )
    certainty = fields.Selection(
        [*labels.CERTAINTIES, ("different", "Not alike")], readonly=True
    )
    is_kept_separate = fields.Boolean(readonly=True)
    line_ids = fields.One2many("crm.lead.comparison.line", "comparison_id")

    @api.constrains("lead_id", "other_lead_id")
    def _check_readable(self):
        """Refuse leads that the user may not read, whose names this would tell."""
        for comparison in self.sudo(False):  # as the user, whom the ORM leaves aside
            (comparison.lead_id + comparison.other_lead_id).check_access("read")

    @api.depends("lead_id", "other_lead_id")
    def _compute_display_name(self):
        for comparison in self:
            both = comparison.lead_id + comparison.other_lead_id
            names = [lead._name_offered() for lead in both]
            comparison.display_name = " – ".join(names)

    @api.model
    def _open(self, lead, other):
        """Return the action that compares two leads.

        :raise AccessError: if the user may not read both
        """
        pair = self.env["crm.lead.duplicate"]
        told = pair.explain(lead.id, other.id)
        Line = self.env["crm.lead.comparison.line"]
        comparison = self.create(
            {
                "lead_id": lead.id,
                "other_lead_id": other.id,
                "score": told["score"],
                "certainty": told["certainty"] or "different",
                "is_kept_separate": (lead.id, other.id) in pair._get_separate(lead.ids),
                "line_ids": [
                    fields.Command.create(Line._prepare_vals(reason))
                    for reason in told["reasons"]
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Compare"),
            "res_model": self._name,
            "res_id": comparison.id,
            "views": [(False, "form")],
            "target": "new",
        }

    # ------------------------------------------------------------
    # Decide
    # ------------------------------------------------------------

    def action_merge(self):
        """Open the dialog that merges the two."""
        check_one(self)
        check_records(self, "read")
        return (self.lead_id + self.other_lead_id)._open_merge_dialog()

    def action_keep_separate(self):
        """Remember that the two are two prospects, say so, and close."""
        check_one(self)
        check_records(self, "read")
        pair = self.env["crm.lead.duplicate"]
        return pair._keep_separate(self.lead_id, self.other_lead_id)


class CrmLeadComparisonLine(models.TransientModel):
    """One finding of a comparison: what the two say, and how much it counts."""

    _name = "crm.lead.comparison.line"
    _inherit = ["crm.lead.dialog"]
    _description = "Finding of a Comparison"

    comparison_id = fields.Many2one(
        "crm.lead.comparison", required=True, ondelete="cascade"
    )
    label = fields.Char(string="Finding", readonly=True)
    value = fields.Char(string="The first says", readonly=True)
    other_value = fields.Char(string="The other says", readonly=True)
    bits = fields.Float(string="Counts", digits=(6, 1), readonly=True)

    @api.model
    def _prepare_vals(self, reason):
        names = ("label", "value", "other_value", "bits")
        return {name: reason.get(name) for name in names}
