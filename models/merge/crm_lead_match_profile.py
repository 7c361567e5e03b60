from odoo import api, models

from ..duplicate.crm_lead_match_profile import MERGED_FIELDS


class CrmLeadMatchProfile(models.Model):
    """What was merged into a lead is compared as if it said it itself."""

    _inherit = "crm.lead.match.profile"

    @api.model
    def _get_merged_values(self, leads):
        """Return as well what leads said that were merged into these: the next message
        from such an address finds the survivor."""
        merged = super()._get_merged_values(leads)
        if not leads.ids:
            return merged
        # sudo: as in `_build`; the rows are read by `lead_id` only
        rows = (
            self.env["crm.lead.merge.value"]
            .sudo()
            ._read_group(
                [("lead_id", "in", leads.ids), ("field_name", "in", MERGED_FIELDS)],
                ["lead_id", "field_name"],
                ["display_value:array_agg"],
            )
        )
        for lead, field_name, values in rows:
            said = merged.setdefault(lead.id, {})
            said[field_name] = [*said.get(field_name, ()), *values]
        return merged
