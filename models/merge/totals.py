from odoo import api, models, tools


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
