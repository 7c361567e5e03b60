from .import_cells import Cells
from .import_news import News
from .import_said import Said
from .imported_row import ImportedRow


class ImportedSince:
    """What files have said since about leads that were merged away: undo gives it to
    them, as if they had been there, and asks before it does (promise B2).

    :param merges: `crm.lead.merge`
    """

    def __init__(self, merges):
        self.env = merges.env
        self.sources = self._find_sources(merges)

    def _find_sources(self, merges):
        """Return the leads that undo brings back, or that were merged into those, of
        which files have said something since."""
        # sudo: whatever the user may read of them
        merges = merges.sudo()
        sources = reached = merges.source_ids
        while reached:
            earlier = merges.search(
                [
                    ("survivor_res_id", "in", reached.mapped("source_res_id")),
                    ("state", "=", "done"),
                ]
            )
            reached = earlier.source_ids - sources
            sources |= reached
        return sources.filtered("imported_values")

    def find_changed(self):
        """List what files have said since about the merged leads, as `_get_conflicts`
        does."""
        conflicts = []
        sources = self.sources
        if not sources:
            return conflicts
        none = self.env["crm.lead"]
        rows = [ImportedRow(one.id, one.source_res_id, 0, none) for one in sources]
        names = {name for one in sources for name in one.imported_values}
        said = Said(self.env).read_snapshots(rows, names)
        to_json = self.env["crm.lead.merge.value"]._to_json
        for source in sources:
            for name, value in source.imported_values.items():
                before = to_json(said[source.id].get(name))
                place = ("crm_lead", source.source_res_id, name)
                conflicts.append((*place, before or None, value))
        return conflicts

    def take(self):
        """Return what files have said, {source: {field: value}}, and forget it."""
        told = {source: source.imported_values for source in self.sources}
        self.sources.imported_values = False
        return told

    def bring_back(self, told):
        """Write on leads what files have said about them meanwhile.

        :param told: see `take`
        """
        if not told:
            return
        cells = Cells(self.env)
        leads = self.env["crm.lead"].browse(one.source_res_id for one in told)
        there = set(leads.exists().ids)
        values = {
            leads.browse(source.source_res_id): {
                name: cells.from_json(name, value) for name, value in said.items()
            }
            for source, said in told.items()
        }
        leads._write_imported(
            {lead: said for lead, said in values.items() if lead.id in there}
        )
        ways = self.env["crm.lead.merge.import"]._find_ways([one.id for one in told])
        News(self.env).take_news(
            [
                ImportedRow(source.id, *ways[source.id], news=values[lead])
                for source, lead in zip(told, leads, strict=True)
                if lead.id not in there and source.id in ways
            ]
        )
        self.env.flush_all()
