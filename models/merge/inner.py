from dataclasses import replace

from odoo import api, models, tools
from odoo.tools import SQL

from ...engine.survivorship import Decision, SetAside


class CrmLeadMergePlanner(models.AbstractModel):
    """References among the leads of one merge: the result would point to itself. They
    are not written but set aside, and undo brings them back."""

    _inherit = "crm.lead.merge.planner"

    @api.model
    def _take_inner(self, leads, values, moved=None):
        """Take out of the values what points from one of `leads` to another, and let
        what points to leads that are merged before point to their survivors. The
        survivor may go on pointing to itself.

        :param leads: the survivor first
        :param values: {lead id: {field: value}}, changed in place
        :param moved: {id: id of the survivor} of others that are merged before
        :return: {field: {lead id: the value, or the part of it, that is taken out}}
        """
        inner = {}
        moved = moved or {}
        to_first = _with_texts({**moved, **dict.fromkeys(leads.ids, leads[0].id)})
        moved = _with_texts(moved)
        ids = _with_texts(dict.fromkeys(leads.ids)).keys()
        properties = self._get_reference_properties(leads)
        for lead in leads:
            own = _with_texts({lead.id: None} if lead == leads[0] else {}).keys()
            said = values[lead.id]
            parts = said["lead_properties"]
            for holder, name, field in (
                *((said, name, name) for name in self._find_to_leads(said)),
                *(
                    (parts, name, f"lead_properties.{name}")
                    for name in properties & parts.keys()
                ),
            ):
                if holder is said and leads._fields[name].required:
                    # the result needs one
                    said[name], _taken = _split(said[name], to_first, ())
                    continue
                holder[name], taken = _split(holder[name], moved, ids - own)
                if taken:
                    inner.setdefault(field, {})[lead.id] = taken
            said["lead_properties"] = {name: one for name, one in parts.items() if one}
        self._take_circles(leads, values, inner)
        self._take_units(values, inner)
        self._take_links(leads, inner)
        return inner

    @api.model
    def _find_to_leads(self, said):
        """Return the names of the fields that point to leads, or may do so.

        :param said: {field: value} of a lead
        """
        pairs = (
            name
            for name, unit in self._get_reference_units().items()
            if said[unit] == "crm.lead"
        )
        names = (*self._get_reference_fields(), *pairs)
        return [name for name in names if said.get(name)]

    @api.model
    def _take_links(self, leads, inner):
        """Take out as well the links among the leads, which move by the ledger."""
        for name in self._get_self_links():
            for lead in leads.with_context(active_test=False):
                own = lead if lead == leads[0] else lead.browse()
                if taken := (lead[name] & leads) - own:
                    inner.setdefault(name, {})[lead.id] = taken.ids

    @api.model
    def _take_circles(self, leads, values, inner):
        """Take out as well what leads back to one of `leads` by several steps, of the
        fields by which leads must not go round in a circle."""
        for name in self._get_hierarchies():
            starts = {values[lead.id][name] for lead in leads} - {False, *leads.ids}
            if not starts:
                continue
            self.env["crm.lead"].flush_model([name])
            # Raw SQL: a walk of any number of steps in one query.
            rows = self.env.execute_query(
                SQL(
                    """
                    WITH RECURSIVE step(start, id) AS (
                        SELECT start, start FROM unnest(%(starts)s) AS start
                         UNION
                        SELECT step.start, t.%(column)s
                          FROM step JOIN crm_lead t ON t.id = step.id
                         WHERE t.%(column)s IS NOT NULL AND step.id != ALL(%(ids)s)
                    ) SELECT DISTINCT start FROM step WHERE id = ANY(%(ids)s)
                    """,
                    column=SQL.identifier(name),
                    starts=list(starts),
                    ids=leads.ids,
                )
            )
            circles = {start for (start,) in rows}
            for lead in leads:
                if values[lead.id][name] in circles:
                    inner.setdefault(name, {})[lead.id] = values[lead.id][name]
                    values[lead.id][name] = False

    @api.model
    def _take_units(self, values, inner):
        """Let an id take its model along: the two are one value."""
        for name, unit in self._get_reference_units().items():
            bundle = self._get_unit_bundle(name)
            for lead_id, taken in inner.pop(name, {}).items():
                said = values[lead_id]
                whole = inner.setdefault(bundle.fields[0], {}).setdefault(lead_id, {})
                whole.update({name: taken, unit: said[unit]})
                if not any(said[one] for one in bundle.fields if one != unit):
                    said[unit] = False

    @api.model
    def _set_inner_aside(self, decisions, inner):
        """Set aside what points from one of the leads to another.

        :param decisions: {field: decision}, changed in place
        :param inner: see `_take_inner`
        """
        for name, taken in inner.items():
            decision = decisions.get(name) or Decision(name, None, None)
            others = list(decision.set_aside)
            for lead_id, value in taken.items():
                if all(one.value != value for one in others):
                    others.append(SetAside(lead_id, value))
            decisions[name] = replace(decision, set_aside=tuple(others))

    # ------------------------------------------------------------
    # Which fields of a lead can point to one
    # ------------------------------------------------------------

    @api.model
    @tools.ormcache()
    def _get_reference_fields(self):
        """The fields whose value alone says to which lead it points."""
        names = (*self._get_plain_fields(), *self._get_column_fields())
        return tuple(
            name
            for name in names
            if (field := self.env["crm.lead"]._fields[name]).type == "reference"
            or (field.type == "many2one" and field.comodel_name == "crm.lead")
        )

    @api.model
    def _get_reference_units(self):
        """{field with an id: field with its model}"""
        fields = self.env["crm.lead"]._fields
        return {
            name: bundle.unit
            for bundle in self._get_bundles()
            for name in bundle.fields
            if bundle.unit and fields[name].type == "many2one_reference"
        }

    @api.model
    def _get_reference_properties(self, leads):
        """The names of the properties that point to leads."""
        # sudo: the channels of the leads, which not every salesperson may read
        definitions = leads.sudo().team_id.mapped("lead_properties_definition")
        return {
            one["name"]
            for definition in definitions
            for one in definition
            if one.get("comodel") == "crm.lead"
        }

    @api.model
    @tools.ormcache()
    def _get_hierarchies(self):
        """The fields to a lead that have a rule of their own, as those have by which
        leads are above and below each other."""
        Lead = self.env["crm.lead"]
        ruled = {name for rule in Lead._constraint_methods for name in rule._constrains}
        if Lead._parent_store:
            ruled.add(Lead._parent_name)
        return tuple(
            name
            for name in self._get_plain_fields()
            if name in ruled
            and Lead._fields[name].type == "many2one"
            and Lead._fields[name].comodel_name == "crm.lead"
        )

    @api.model
    @tools.ormcache()
    def _get_self_links(self):
        """The many2many fields between leads; of two that show one table from either
        side, the first."""
        fields = {}
        for name, field in self.env["crm.lead"]._fields.items():
            if (
                field.type == "many2many"
                and field.store
                and field.comodel_name == "crm.lead"
            ):
                fields.setdefault(field.relation, name)
        return tuple(fields.values())


def _with_texts(ids):
    """Return {id, or reference to the lead: the same of another one, or None}."""
    texts = {
        f"crm.lead,{old}": new and f"crm.lead,{new}" for old, new in ids.items() if old
    }
    return {**ids, **texts}


def _split(value, moved, inner):
    """Return the value, an id, a reference, or several, each replaced as `moved` says,
    without what is in `inner`; and what is.

    :param moved: {id or reference: another}
    :param inner: ids and references
    """
    if isinstance(value, dict):
        split = {part: _split(one, moved, inner) for part, one in value.items()}
        kept = {part: one for part, (one, _taken) in split.items() if one}
        return kept, {part: taken for part, (_one, taken) in split.items() if taken}
    if isinstance(value, list):
        replaced = list(dict.fromkeys(moved.get(one, one) for one in value))
        kept = [one for one in replaced if one not in inner]
        return kept, [one for one in replaced if one in inner]
    value = moved.get(value, value)
    return (False, value) if value in inner else (value, False)
