from odoo import fields

#: What reports tell apart, and a merge may have written on the survivor.
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


class OwnValues:
    """What survivors say themselves before merges write on them, for reports (promise
    B10). What goes into them has that in `crm.lead.merge.source`.

    :param survivors: the leads that others are merged into, before they are
    """

    def __init__(self, survivors):
        self.env = survivors.env
        self.survivors = survivors
        self.own = self._read_own()

    def remember(self, merges):
        """Remember them, now that the merges have been carried out.

        :param merges: the journal records, one a survivor, as the engine has them
        """
        after = self._read_reported()
        for merge, lead_id in zip(merges, self.survivors.ids, strict=True):
            own = self.own[lead_id]
            merge.own_values = {
                name: [own[name], after[lead_id][name]]
                for name in OWN_FIELDS
                if own[name] != after[lead_id][name]
            }

    def _read_own(self):
        """Return {lead id: {field: what it says itself}}: what is there now, unless an
        earlier merge wrote that."""
        own = self._read_reported()
        # sudo: remembered whoever merges
        earlier = (
            self.env["crm.lead.merge"]
            .sudo()
            .search(
                [("survivor_res_id", "in", self.survivors.ids), ("state", "=", "done")],
                order="id",
            )
        )
        newest = {one.survivor_res_id: one for one in earlier}
        for lead_id, merge in newest.items():
            for name, (value, written) in (merge.own_values or {}).items():
                if own[lead_id].get(name) == written:
                    own[lead_id][name] = value
        return own

    def _read_reported(self):
        """Return {lead id: {field: value}} of what reports tell apart."""
        reported = {}
        # sudo: remembered whoever merges; the report shows it to who sees the result
        for survivor in self.survivors.sudo():
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
