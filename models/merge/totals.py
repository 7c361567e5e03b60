from odoo import api, fields, models, tools


class CrmLeadMergePlanner(models.AbstractModel):
    """Totals: fields that people may type over, and that are computed from lines
    otherwise. Nobody said what was computed; the result computes it anew."""

    _inherit = "crm.lead.merge.planner"

    @api.model
    @tools.ormcache()
    def _get_total_fields(self):
        """The editable fields that are computed from several other records, but for
        those that a rule or a bundle decides."""
        bundled = {name for bundle in self._get_bundles() for name in bundle.fields}
        decided = bundled | self._get_field_rules().keys()
        return tuple(
            name
            for name in self._get_plain_fields()
            if name not in decided and self._is_total(name)
        )

    @api.model
    def _is_total(self, name):
        field = self.env["crm.lead"]._fields[name]
        if not field.compute or field.readonly:
            return False
        for path in self.env.registry.field_depends[field]:
            model = self.env["crm.lead"]
            for step in path.split("."):
                hop = model._fields.get(step)
                if hop is None or not hop.relational:
                    break
                if hop.type in ("one2many", "many2many"):
                    return True
                model = self.env[hop.comodel_name]
        return False

    @api.model
    def _find_untyped(self, leads):
        """Return {lead id: names of the totals that say what is computed now}."""
        untyped = {lead.id: set() for lead in leads}
        names = self._get_total_fields()
        if not names:
            return untyped
        # sudo: whatever the totals are computed from, whoever may see it
        leads = leads.sudo()
        copies = {lead: lead.new(origin=lead) for lead in leads}  # nothing is written
        together = leads.browse().union(*copies.values())
        for name in names:
            field = leads._fields[name]
            field.compute_value(together)
            for lead, copy in copies.items():
                if self._is_equal(field, lead[name], copy[name]):
                    untyped[lead.id].add(name)
        return untyped

    @api.model
    def _is_equal(self, field, value, computed):
        if field.type in ("float", "monetary"):
            return tools.float_compare(value, computed, precision_digits=2) == 0
        if field.type == "many2one":
            return value == computed._origin
        return value == computed

    @api.model
    def _read_values(self, leads):
        all_values = super()._read_values(leads)
        for lead_id, names in self._find_untyped(leads).items():
            all_values[lead_id].update(dict.fromkeys(names))
        return all_values

    @api.model
    def _to_write(self, values):
        totals = self._get_total_fields()
        return {
            name: value
            for name, value in super()._to_write(values).items()
            if value is not None or name not in totals
        }


class CrmLeadMerge(models.Model):
    """Which totals nobody had typed before a merge: undo computes them anew, too."""

    _inherit = "crm.lead.merge"

    untyped_totals = fields.Json(
        readonly=True, help="{lead id: [names of fields that were computed], …}"
    )

    def _remember_totals(self, sources_of):
        """Remember which totals of the leads nobody has typed.

        :param sources_of: {merge: its sources}
        """
        planner = self.env["crm.lead.merge.planner"]
        if not planner._get_total_fields():
            return
        for merge, sources in sources_of.items():
            untyped = planner._find_untyped(merge.survivor_id | sources)
            merge.untyped_totals = {
                str(lead_id): sorted(names) for lead_id, names in untyped.items()
            }

    def _leave_out_untyped_totals(self, changes):
        """Leave out the totals that say what is computed: they will be so again.

        :param changes: see `_get_conflicts`
        """
        totals = self.env["crm.lead.merge.planner"]._get_total_fields()
        changed = {
            row_id
            for table, row_id, column, *_values in changes
            if table == "crm_lead" and column in totals
        }
        if not changed:
            return changes
        leads = self.env["crm.lead"].browse(changed)
        untyped = self.env["crm.lead.merge.planner"]._find_untyped(leads)
        return [
            change
            for change in changes
            if change[0] != "crm_lead" or change[2] not in untyped.get(change[1], ())
        ]

    def _add_untyped_totals(self, change):
        """Tell the change that undo makes which totals nobody has typed.

        :param Change change: see `telling`
        """
        planner = self.env["crm.lead.merge.planner"]
        names = planner._get_total_fields()
        if not names:
            return
        leads = self._get_leads()
        present = planner._find_untyped(leads.exists())
        before = {}
        for merge in self:
            for lead_id, untyped in (merge.untyped_totals or {}).items():
                before[int(lead_id)] = untyped
        for lead_id in leads.ids:
            for name in names:
                is_left = lead_id in change.left["crm.lead", name]
                if name in (present if is_left else before).get(lead_id, ()):
                    change.untyped["crm.lead", name].add(lead_id)
