from odoo import api, models


class CrmLead(models.Model):
    """What a lead is called that has no name: a visitor, or SQL, can make one."""

    _inherit = "crm.lead"

    @api.depends("type")
    @api.depends_context("lang")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        nameless = self.filtered(lambda lead: not (lead.display_name or "").strip())
        if nameless:
            kinds = dict(self._fields["type"]._description_selection(self.env))
            model = self.env["ir.model"]._get(self._name).name
            for lead in nameless.filtered("id"):
                lead.display_name = f"{kinds.get(lead.type) or model} {lead.id}"
        return result

    def _get_shown_name(self):
        """Return the name; where there is none, what the lead is called instead."""
        self.ensure_one()
        return self.name if (self.name or "").strip() else self.display_name
