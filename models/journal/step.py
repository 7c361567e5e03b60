#: Tables that count leads: others go on counting, so that not the value comes back, but
#: what was added is taken away.
COUNTERS = {"crm_lead_scoring_frequency": ("won_count", "lost_count")}
#: What the detector finds again by itself: the groups of pairs.
FOUND_AGAIN = frozenset({"crm_lead_duplicate"})


class Step:
    """One thing that is done to what is remembered before it comes back.

    :param Undoing undoing: which undo, or question, it is a step of
    """

    def __init__(self, undoing):
        self.undoing = undoing
        self.env = undoing.env
        self.journals = undoing.journals
        self.lines = undoing.lines
        self.columns = undoing.columns

    def get_model(self, table):
        """Return the records, none, of the model that is stored in `table`, or None."""
        return self.env["crm.lead.ledger"]._get_table_model(table)

    def get_root(self, table):
        """Return the bare name of a table: see `crm.lead.ledger._get_root`."""
        return self.env["crm.lead.ledger"]._get_root(table)

    def get_lines_of_rows(self):
        """Return [(line ids, table, [column, …]), …] of `Undoing.lines`, without those
        of links and of counters."""
        return [
            (line_ids, table, names)
            for line_ids, table, names, has_ids in self.lines
            if has_ids and table not in COUNTERS
        ]

    def get_ignored_columns(self, table):
        """The columns nobody edits: computed ones, and who wrote when."""
        root = self.get_root(table)
        return [
            "write_uid",
            "write_date",
            "parent_path",  # follows the parent
            *(
                field.name
                for model in self.env.registry.values()
                if model._table == root and not model._abstract
                for field in model._fields.values()
                if field.store and field.compute and field.readonly
            ),
        ]
