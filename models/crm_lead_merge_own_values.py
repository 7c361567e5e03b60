from odoo import fields, models

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
        help="{field: [what the survivor said itself, what the merge made of it]}, the "
        "merges before this one included.",
    )

    def _write_survivor(self, survivor, plan):
        before = self._read_reported(survivor)
        result = super()._write_survivor(survivor, plan)
        after = self._read_reported(survivor)
        own = self._get_earlier_own_values(before)
        self.own_values = {
            name: [own.get(name, before[name]), after[name]]
            for name in OWN_FIELDS
            if own.get(name, before[name]) != after[name]
        }
        return result

    def _get_earlier_own_values(self, before):
        """Return {field: own value} where an earlier merge wrote what is there now.

        :param dict before: what the survivor says before this merge
        """
        earlier = self.search(
            [
                ("survivor_res_id", "=", self.survivor_res_id),
                ("state", "=", "done"),
                ("id", "<", self.id),
            ],
            order="id desc",
            limit=1,
        )
        return {
            name: own
            for name, (own, written) in (earlier.own_values or {}).items()
            if before.get(name) == written
        }

    def _read_reported(self, survivor):
        # sudo: remembered whoever merges; the report shows it to who sees the result
        survivor = survivor.sudo()
        values = survivor._convert_to_write(
            {name: survivor[name] for name in OWN_FIELDS}
        )
        return {
            name: fields.Datetime.to_string(value) if name.startswith("date") else value
            for name, value in values.items()
        }
