from ...engine.survivorship import (
    decide_bundle,
    decide_field,
    decide_parts,
    is_blank,
    parts_key,
)
from .import_cells import Cells
from .import_filling import Filling
from .import_said import Said
from .import_telling import Telling
from .imported_row import UNKNOWN

#: The bundle of which news fills one blank at a time: that its leads are one person was
#: decided by the merge.
PERSON = "person"


class News:
    """What becomes of the news about leads that were merged away: it fills blanks of
    the survivor or is set aside, and takes nothing away.

    :param env: of who loads the file
    """

    def __init__(self, env):
        self.env = env
        self.cells = Cells(env)
        self.said = Said(env)
        self.fields = env["crm.lead.merge.fields"]

    def take(self, rows):
        """Take what rows say about leads that were merged away.

        :param rows: `ImportedRow`s
        :raise AccessError: if the user may not write the survivor or one of the fields,
            whether or not there is news
        """
        if not rows:
            return
        survivors = self.env["crm.lead"].union(*(row.survivor for row in rows))
        survivors.check_access("write")
        for name in sorted({name for row in rows for name in row.values}):
            if name not in survivors._fields:
                raise ValueError(f"Invalid field {name!r} in 'crm.lead'")
            survivors._check_field_access(survivors._fields[name], "write")
        for row in rows:
            row.news = self.cells.read_row(row.survivor, row.values)
        self.take_news(rows)

    def take_news(self, rows):
        """Take what `ImportedRow`s have in `news`, as far as it is any."""
        rows = self._find_news([row for row in rows if row.news])
        if not rows:
            return
        self._remember(rows)
        present = self._read_present(rows)
        fills, aside = {}, []
        for row in rows:
            lead = row.survivor
            decided = self._decide(row, present[lead.id])
            for name, (value, others) in decided.items():
                if value is not UNKNOWN:
                    filled = fills.setdefault((row.merge_id, lead.id), {})
                    filled[name] = self.cells.add(name, filled.get(name), value)
                    said = present[lead.id].get(name)
                    present[lead.id][name] = self.cells.add(name, said, value)
                aside += [(row, name, other) for other in others]
        Filling(self.env).fill(fills)
        telling = Telling(self.env)
        kept = telling.set_aside(aside)
        telling.tell(rows, fills, kept)

    def _find_news(self, rows):
        """Return the rows that say something else than their lead did, each with
        nothing but its news; of two rows about one lead the later one speaks last."""
        names = {name for row in rows for name in row.news}
        for bundle in self.env["crm.lead.merge.planner"]._get_bundles():
            if not names.isdisjoint(bundle.fields):
                names.update(bundle.fields)
        said = self.said.read_said(rows, names) if rows else {}
        for row in rows:
            known = said[row.source_id]
            # sudo: to compare; the user may write what is written
            lead = row.survivor.sudo()
            row.news = {
                name: value
                for name, value in row.news.items()
                if not self.cells.is_said(lead, name, value, known.get(name, UNKNOWN))
                and not self._is_itself(lead, name, value)
            }
            row.said = dict(known)
            for name, value in row.news.items():
                known[name] = self.cells.add(name, known.get(name), value)
        return [row for row in rows if row.news]

    def _is_itself(self, lead, name, value):
        """Return whether a lead would point to itself: two of the merged leads did to
        each other."""
        known = lead._fields.get(name)
        return bool(
            known and known.comodel_name == "crm.lead" and value in (lead.id, [lead.id])
        )

    def _remember(self, rows):
        """Remember what files have said since, as long as the merge can be undone."""
        # sudo: nobody may write these rows but the engine
        sources = self.env["crm.lead.merge.source"].sudo()
        sources = sources.browse(list({row.source_id for row in rows}))
        undoable = set(sources.merge_id.filtered("can_undo").source_ids.ids)
        told = {one.id: dict(one.imported_values or {}) for one in sources}
        to_json = self.env["crm.lead.merge.value"]._to_json
        for row in rows:
            known = told[row.source_id]
            for name, value in row.news.items():
                if name in self.env["crm.lead"]._fields and (
                    self.env["crm.lead"]._fields[name].type == "one2many"
                ):
                    continue  # records of their own, which were made already
                known[name] = self.cells.add(name, known.get(name), to_json(value))
        for source in sources:
            if source.id in undoable and told[source.id]:
                source.imported_values = told[source.id]

    def _read_present(self, rows):
        """Return {lead id: {field: value}} of what the survivors say by now."""
        survivors = self.env["crm.lead"].union(*(row.survivor for row in rows))
        present = self.fields._read_values(survivors)
        names = {name for row in rows for name in row.news}
        # sudo: what the user may not see is decided about all the same
        for lead in survivors.sudo():
            present[lead.id] = self.cells.split_properties(present[lead.id])
            for name in names:
                if self.cells.is_links(name):
                    present[lead.id][name] = lead[name].ids
                elif self.cells.is_file(name):
                    present[lead.id][name] = (lead[name] or b"").decode() or False
        return present

    def _decide(self, row, present):
        """Say what becomes of the news of one row.

        :param present: {field: value} of the survivor
        :return: {field: (value that fills it, or `UNKNOWN`: it stays; values to set
            aside)}
        """
        planner = self.env["crm.lead.merge.planner"]
        # sudo: to compare, as above
        lead, decided = row.survivor.sudo(), {}
        for bundle in planner._get_bundles():
            if bundle.name != PERSON and row.news.keys() & set(bundle.fields):
                decided.update(self._decide_bundle(bundle, lead, row, present))
        for name, value in row.news.items():
            if name not in decided:
                decided[name] = self._decide_cell(lead, row, name, value, present)
        return decided

    def _decide_bundle(self, bundle, lead, row, present):
        """Decide the fields that are filled together or not at all."""
        key = self.fields._get_key
        own = {name: present.get(name) for name in bundle.fields}
        told = {name: row.said.get(name) for name in bundle.fields}
        decisions = decide_bundle(
            bundle,
            [(lead.id, own), (row.lead_id, {**told, **row.news})],
            {name: key(name, lead) for name in bundle.fields},
        )
        return {
            one.field: self._get_outcome(row, one, own[one.field])
            for one in decisions
            if one.field in row.news
        }

    def _get_outcome(self, row, decision, present):
        """Return what a decision does: see `_decide`."""
        is_filled = decision.value != present and not is_blank(decision.value)
        others = [one.value for one in decision.set_aside if one.lead_id == row.lead_id]
        return (decision.value if is_filled else UNKNOWN, others)

    def _decide_cell(self, lead, row, name, value, present):
        """Decide a field by itself."""
        known = lead._fields.get(name)
        if known is None and not self._has_property(lead, name):
            return UNKNOWN, [value]
        if known is not None and known.type == "one2many":
            return value, ()
        if self.cells.is_links(name):
            added = [one for one in value if one not in present[name]]
            return (added or UNKNOWN), ()
        if known is not None and name not in present:
            # neither stored nor a file: nothing that can be set aside
            is_open = not known.readonly and is_blank(lead[name])
            return (value if is_open else UNKNOWN), ()
        own = present.get(name)
        if name in self.fields._get_unique_fields():
            return UNKNOWN, [] if own == value else [value]
        values = {lead.id: own, row.lead_id: value}
        if name == "email_cc":
            rule = self.env["crm.lead.merge.planner"]._decide_addresses
            leads = lead + lead.browse(row.lead_id)
            said = {lead_id: {name: one} for lead_id, one in values.items()}
            return self._get_outcome(row, rule(name, leads, said, None), own)
        if known is None or known.type == "binary":
            return self._get_outcome(row, decide_field(name, values, str), own)
        key = self.fields._get_key(name, lead)
        if known.company_dependent:
            decision = decide_parts(name, values, key)
        elif isinstance(value, dict):
            values[row.lead_id] = self._complete_texts(row, name, value)
            decision = decide_field(name, values, parts_key(key))
        else:
            decision = decide_field(name, values, key)
        return self._get_outcome(row, decision, own)

    def _complete_texts(self, row, name, value):
        """Return a text in all languages in which its lead said it; one is English."""
        said = row.said.get(name) or {}
        return {"en_US": next(iter(value.values())), **said, **value}

    def _has_property(self, lead, name):
        # sudo: which properties the team of the lead has
        definitions = lead.sudo().team_id.lead_properties_definition or ()
        return any(name == f"lead_properties.{one['name']}" for one in definitions)
