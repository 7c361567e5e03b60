from dataclasses import replace

from odoo.tools import SQL

from ...engine.survivorship import Decision, SetAside


class InnerReferences:
    """References among the leads of one merge: the result would point to itself. They
    are not written but set aside, and undo brings them back.

    :param leads: the leads, the survivor first
    :param values: {lead id: {field: value}}; `take_out` changes them in place
    :param moved: {id: id of the survivor} of other leads that are merged before
    """

    def __init__(self, leads, values, moved=None):
        self.env = leads.env
        self.leads = leads
        self.values = values
        self.moved = moved or {}
        self.fields = self.env["crm.lead.merge.fields"]
        #: {field: {lead id: the value, or the part of it, that is taken out}}
        self.taken = {}

    def take_out(self):
        """Take out of the values what points from one of the leads to another, and let
        what points to leads that are merged before point to their survivors. The
        survivor may go on pointing to itself."""
        leads = self.leads
        to_first = _with_texts({**self.moved, **dict.fromkeys(leads.ids, leads[0].id)})
        moved = _with_texts(self.moved)
        ids = _with_texts(dict.fromkeys(leads.ids)).keys()
        properties = self.fields._get_reference_properties(leads)
        for lead in leads:
            own = _with_texts({lead.id: None} if lead == leads[0] else {}).keys()
            said = self.values[lead.id]
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
                    self.taken.setdefault(field, {})[lead.id] = taken
            said["lead_properties"] = {name: one for name, one in parts.items() if one}
        self._take_circles()
        self._take_units()
        self._take_links()

    def set_aside(self, decisions):
        """Set aside what was taken out.

        :param decisions: {field: decision}, changed in place
        """
        for name, taken in self.taken.items():
            decision = decisions.get(name) or Decision(name, None, None)
            others = list(decision.set_aside)
            for lead_id, value in taken.items():
                if all(one.value != value for one in others):
                    others.append(SetAside(lead_id, value))
            decisions[name] = replace(decision, set_aside=tuple(others))

    def _find_to_leads(self, said):
        """Return the names of the fields that point to leads, or may do so.

        :param said: {field: value} of a lead
        """
        pairs = (
            name
            for name, unit in self.fields._get_reference_units().items()
            if said[unit] == "crm.lead"
        )
        names = (*self.fields._get_reference_fields(), *pairs)
        return [name for name in names if said.get(name)]

    def _take_links(self):
        """Take out as well the links among the leads, which move by the ledger."""
        for name in self.fields._get_self_links():
            for lead in self.leads.with_context(active_test=False):
                own = lead if lead == self.leads[0] else lead.browse()
                if taken := (lead[name] & self.leads) - own:
                    self.taken.setdefault(name, {})[lead.id] = taken.ids

    def _take_circles(self):
        """Take out as well what leads back to one of the leads by several steps, of the
        fields by which leads must not go round in a circle."""
        leads, values = self.leads, self.values
        for name in self.fields._get_hierarchies():
            starts = {values[lead.id][name] for lead in leads} - {False, *leads.ids}
            if not starts:
                continue
            circles = self._find_circles(name, starts)
            for lead in leads:
                if values[lead.id][name] in circles:
                    self.taken.setdefault(name, {})[lead.id] = values[lead.id][name]
                    values[lead.id][name] = False

    def _find_circles(self, name, starts):
        """Return those of the lead ids from which a field leads to one of the leads."""
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
                ids=self.leads.ids,
            )
        )
        return {start for (start,) in rows}

    def _take_units(self):
        """Let an id take its model along: the two are one value."""
        for name, unit in self.fields._get_reference_units().items():
            bundle = self.fields._get_unit_bundle(name)
            for lead_id, taken in self.taken.pop(name, {}).items():
                said = self.values[lead_id]
                by_lead = self.taken.setdefault(bundle.fields[0], {})
                by_lead.setdefault(lead_id, {}).update({name: taken, unit: said[unit]})
                if not any(said[one] for one in bundle.fields if one != unit):
                    said[unit] = False


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
