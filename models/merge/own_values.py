from odoo import api, fields, models

# What reports tell apart, and a merge may have written on the survivor.
OWN_FIELDS = (
    "type",
    "user_id",
    "team_id",
    "source_id",
    "medium_id",
    "campaign_id",
    "expected_revenue",
    "date_conversion",
)


class CrmLeadMerge(models.Model):
    """What the survivor said itself before merges wrote on it, for reports (promise
    B10). What went into it has that in `crm.lead.merge.source`."""

    _inherit = "crm.lead.merge"

    own_values = fields.Json(
        readonly=True,
        groups=fields.NO_ACCESS,  # the report reads it by SQL, and shows each by rights
        help="{field: [what the survivor said itself, what the merge made of it]}, the "
        "merges before this one included.",
    )

    @api.model
    def _apply_together(self, plans, auto_unlink):
        survivors = self.env["crm.lead"].browse(plan.survivor_id for plan in plans)
        own = self._read_own(survivors)
        merges = super()._apply_together(plans, auto_unlink)
        after = self._read_reported(survivors)
        # sudo: nobody may write the journal but the engine
        for merge, lead_id in zip(merges.sudo(), survivors.ids, strict=True):
            merge.own_values = {
                name: [own[lead_id][name], after[lead_id][name]]
                for name in OWN_FIELDS
                if own[lead_id][name] != after[lead_id][name]
            }
        return merges

    @api.model
    def _read_own(self, survivors):
        """Return {lead id: {field: what it says itself}}: what is there now, unless an
        earlier merge wrote that."""
        own = self._read_reported(survivors)
        # sudo: remembered whoever merges
        earlier = self.sudo().search(
            [("survivor_res_id", "in", survivors.ids), ("state", "=", "done")],
            order="id",
        )
        newest = {one.survivor_res_id: one for one in earlier}
        for lead_id, merge in newest.items():
            for name, (value, written) in (merge.own_values or {}).items():
                if own[lead_id].get(name) == written:
                    own[lead_id][name] = value
        return own

    @api.model
    def _read_reported(self, survivors):
        """Return {lead id: {field: value}} of what reports tell apart."""
        reported = {}
        # sudo: remembered whoever merges; the report shows it to who sees the result
        for survivor in survivors.sudo():
            values = survivor._convert_to_write(
                {name: survivor[name] for name in OWN_FIELDS}
            )
            reported[survivor.id] = {
                name: fields.Datetime.to_string(value)
                if name.startswith("date")
                else value
                for name, value in values.items()
            }
        return reported
