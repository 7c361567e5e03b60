from odoo import models

from .crm_lead_merge_import import ImportedRow


class CrmLeadMerge(models.Model):
    """What files have said since about leads that were merged away: undo gives it to
    them, as if they had been there, and asks before it does (promise B2)."""

    _inherit = "crm.lead.merge"

    def _get_told_sources(self):
        """Return the leads that undo brings back, or that were merged into those, of
        which files have said something since."""
        # sudo: whatever the user may read of them
        sources = reached = self.sudo().source_ids
        while reached:
            earlier = self.sudo().search(
                [
                    ("survivor_res_id", "in", reached.mapped("source_res_id")),
                    ("state", "=", "done"),
                ]
            )
            reached = earlier.source_ids - sources
            sources |= reached
        return sources.filtered("imported_values")

    def _find_imported(self):
        """List what files have said since about the merged leads, as `_get_conflicts`
        does."""
        conflicts = []
        engine = self.env["crm.lead.merge.import"]
        sources = self._get_told_sources()
        if not sources:
            return conflicts
        none = self.env["crm.lead"]
        rows = [ImportedRow(one.id, one.source_res_id, 0, none) for one in sources]
        names = {name for one in sources for name in one.imported_values}
        said = engine._read_snapshots(rows, names)
        to_json = self.env["crm.lead.merge.value"]._to_json
        for source in sources:
            for name, value in source.imported_values.items():
                before = to_json(said[source.id].get(name))
                place = ("crm_lead", source.source_res_id, name)
                conflicts.append((*place, before or None, value))
        return conflicts

    def _undo(self):
        """Let the leads that are back, and what they were merged from, say what files
        have said about them since."""
        told = {one: one.imported_values for one in self._get_told_sources()}
        for source in told:
            source.imported_values = False
        result = super()._undo()
        if told:
            self._bring_imported(told)
        return result

    def _bring_imported(self, told):
        """Write on leads what files have said about them meanwhile.

        :param told: {source: its `imported_values`}
        """
        engine = self.env["crm.lead.merge.import"]
        leads = self.env["crm.lead"].browse(one.source_res_id for one in told)
        there = set(leads.exists().ids)
        values = {
            leads.browse(source.source_res_id): {
                name: engine._from_json(name, value) for name, value in said.items()
            }
            for source, said in told.items()
        }
        leads._write_imported(
            {lead: said for lead, said in values.items() if lead.id in there}
        )
        ways = engine._find_ways([one.id for one in told])
        engine._take_news(
            [
                ImportedRow(source.id, *ways[source.id], news=values[lead])
                for source, lead in zip(told, leads, strict=True)
                if lead.id not in there and source.id in ways
            ]
        )
        self.env.flush_all()
