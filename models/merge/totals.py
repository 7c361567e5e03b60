class UntypedTotals:
    """The totals of leads that nobody has typed: undo computes them anew, too. The
    merges keep their names as ``untyped_totals``.

    :param merges: `crm.lead.merge`
    """

    def __init__(self, merges):
        self.env = merges.env
        self.merges = merges
        self.fields = self.env["crm.lead.merge.fields"]

    def remember(self, sources_of):
        """Remember which totals of the leads nobody has typed.

        :param sources_of: {merge: its sources}
        """
        if not self.fields._get_total_fields():
            return
        for merge, sources in sources_of.items():
            untyped = self.fields._find_untyped(merge.survivor_id | sources)
            merge.untyped_totals = {
                str(lead_id): sorted(names) for lead_id, names in untyped.items()
            }

    def leave_out(self, changes):
        """Leave out the totals that say what is computed: they will be so again.

        :param changes: see `_get_conflicts`
        """
        totals = self.fields._get_total_fields()
        changed = {
            row_id
            for table, row_id, column, *_values in changes
            if table == "crm_lead" and column in totals
        }
        if not changed:
            return changes
        leads = self.env["crm.lead"].browse(changed)
        untyped = self.fields._find_untyped(leads)
        return [
            change
            for change in changes
            if change[0] != "crm_lead" or change[2] not in untyped.get(change[1], ())
        ]

    def foretell(self, change):
        """Tell the change that undo makes which totals nobody has typed.

        :param Change change: see `telling`
        """
        names = self.fields._get_total_fields()
        if not names:
            return
        leads = self.merges._get_leads()
        present = self.fields._find_untyped(leads.exists())
        before = {}
        for merge in self.merges:
            for lead_id, untyped in (merge.untyped_totals or {}).items():
                before[int(lead_id)] = untyped
        for lead_id in leads.ids:
            for name in names:
                is_left = lead_id in change.left["crm.lead", name]
                if name in (present if is_left else before).get(lead_id, ()):
                    change.untyped["crm.lead", name].add(lead_id)
