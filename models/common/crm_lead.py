from odoo import api, models

from ...engine.limits import shorten
from .offered import OFFERED, SHOW_OUTCOME


class CrmLead(models.Model):
    """How a lead is called wherever it is named: by its subject, as far as anybody
    reads one; by what it is and its number where it has none, as a visitor, or SQL, can
    make one."""

    _inherit = "crm.lead"

    @api.depends("type", "won_status")
    @api.depends_context("lang", SHOW_OUTCOME)
    def _compute_display_name(self):
        result = super()._compute_display_name()
        says_outcome = self.env.context.get(SHOW_OUTCOME)
        for lead in self:
            name = shorten(lead.display_name or "")
            if not name.strip():
                name = lead._get_substitute_name() if lead.id else ""
            outcome = lead._get_outcome() if says_outcome and name else ""
            lead.display_name = f"{name} ({outcome})" if outcome else name
        return result

    def _get_substitute_name(self):
        """Return what a lead is called that has no name."""
        kinds = dict(self._fields["type"]._description_selection(self.env))
        kind = kinds.get(self.type) or self.env["ir.model"]._get(self._name).name
        return f"{kind} {self.id}"

    def _get_shown_name(self):
        """Return the name as it is shown; where there is none, what the lead is called
        instead."""
        self.ensure_one()
        name = shorten(self.name or "")
        return name if name.strip() else self._get_substitute_name()

    def _get_outcome(self):
        """Return how people call it that a record is won or lost; nothing if it is
        open."""
        outcomes = {"won": self.env._("won"), "lost": self.env._("lost")}
        return outcomes.get(self.won_status, "")

    def _name_offered(self):
        """Return how a record is called where it is offered: won or lost is said."""
        return self.with_context(**OFFERED).display_name
