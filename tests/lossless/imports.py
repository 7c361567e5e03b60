"""Files that are imported again, in any order with merges and undo."""

from dataclasses import dataclass

from hypothesis import strategies as st

from odoo.addons.crm_lead_qualification.engine.plan import MergeOptions

from .proof import Difference

#: {field: values a cell may have}, each of which says something else.
CELLS = {
    "name": ("Alpha", "Beta", "Gamma"),
    "email_from": ("", "ann@example.com", "bob@example.org"),
    "phone": ("", "+32 2 555 01 01", "0475 12 34 56"),
    "function": ("", "Owner", "Buyer"),
    "website": ("", "https://a.example.com", "https://b.example.com"),
    "partner_name": ("", "Deco Addict", "Azure Interior"),
    "expected_revenue": ("", "100.5", "2000"),
    "date_deadline": ("", "2026-01-31", "2026-02-28"),
}
LEADS = 4


@dataclass(frozen=True)
class Import:
    """Rows of a file.

    :param rows: ((which lead, its cells in the order of `CELLS`), …)
    """

    rows: tuple


@dataclass(frozen=True)
class Merge:
    """Two leads are merged, wherever they are by then."""

    survivor: int
    source: int


@dataclass(frozen=True)
class Undo:
    """The last merge that is not undone is."""


def stories():
    """Strategy: the first file, and what happens then."""
    cells = st.tuples(*(st.sampled_from(values) for values in CELLS.values()))
    place = st.integers(0, LEADS - 1)
    rows = st.lists(
        st.tuples(place, cells), min_size=1, max_size=4, unique_by=lambda row: row[0]
    )
    event = st.one_of(
        st.builds(Import, rows.map(tuple)),
        st.builds(Merge, place, place),
        st.just(Undo()),
    )
    first = st.tuples(*[cells] * LEADS).map(lambda all_: tuple(enumerate(all_)))
    return st.tuples(st.builds(Import, first), st.lists(event, max_size=10))


def prove_story(env, user, story):
    """Let a story happen, undo what is merged in the end, and compare.

    While leads are merged, rows take nothing away from the survivor, except its own;
    whatever they say is there or set aside. In the end each lead says what its own rows
    said, as if nobody had ever merged it; blank cells that came meanwhile may have been
    ignored. Everything is rolled back.

    :raise Difference: saying what was lost
    """
    first, events = story
    try:
        with env.cr.savepoint() as savepoint:
            told = _Story(env, user)
            for event in (first, *events):
                told.happen(event)
            while told.merges:
                told.happen(Undo())
            told.check_end()
            savepoint.rollback()
    finally:
        env.transaction.clear()


class _Story:
    """What has happened so far.

    :param ids: id of each lead
    :param merges: merges that are not undone
    :param said: for each lead {field: what it may say if it is by itself}
    :param ever: for each lead all that its rows have ever said: [{(field, cell), …}, …]
    """

    def __init__(self, env, user):
        self.env, self.user = env, user
        self.ids, self.merges = [], []
        self.said = [{name: {""} for name in CELLS} for _lead in range(LEADS)]
        self.ever = [set() for _lead in range(LEADS)]

    def happen(self, event):
        if isinstance(event, Import):
            self._import(event.rows)
        elif isinstance(event, Merge):
            self._merge(event)
        elif self.merges:
            self.merges.pop().with_user(self.user).action_undo(force=True)
        self.env.flush_all()
        self.env.invalidate_all()

    def _now(self, place):
        ids = [self.ids[place]]
        return self.env["crm.lead.merge"]._resolve(ids)[ids[0]]

    def _merge(self, event):
        survivor_id, source_id = self._now(event.survivor), self._now(event.source)
        if survivor_id != source_id:
            leads = self.env["crm.lead"].with_user(self.user)
            leads = leads.browse([survivor_id, source_id])
            merge = leads.env["crm.lead.merge"]._merge(
                leads, MergeOptions(survivor_id=survivor_id)
            )
            self.merges.append(merge.sudo())

    def _import(self, rows):
        before = [self._read(self._now(place)) for place in range(len(self.ids))]
        result = (
            self.env["crm.lead"]
            .with_user(self.user)
            .load(
                ["id", *CELLS],
                [[f"crm_story.lead_{place}", *cells] for place, cells in rows],
            )
        )
        if not result["ids"]:
            raise Difference(f"Not imported: {result['messages']}")
        if not self.ids:
            self.ids = result["ids"]
        self.env.flush_all()
        self.env.invalidate_all()
        for place, cells in rows:
            self._note(place, dict(zip(CELLS, cells, strict=True)))
        for place, cells in rows if before else ():
            self._check(place, dict(zip(CELLS, cells, strict=True)))
        if before:
            own = {self.ids[place] for place, _cells in rows}
            for place in range(LEADS):
                if self._now(place) not in own:
                    self._check_kept(place, before[place])

    def _note(self, place, cells):
        """Note what the lead may say from now on."""
        is_alone = self._is_alone(place)
        others = set().union(
            *(said for lead, said in enumerate(self.ever) if lead != place)
        )
        self.ever[place] |= set(cells.items())
        for name, cell in cells.items():
            if is_alone:
                self.said[place][name] = {cell}
            elif not cell:
                self.said[place][name].add(cell)
            elif (name, cell) in others:
                # which it may have said already by a merge, that undo takes back
                self.said[place][name].add(cell)
            else:
                self.said[place][name] = {cell}

    def _is_alone(self, place):
        merged = {
            lead_id
            for merge in self.merges
            for lead_id in (
                merge.survivor_res_id,
                *merge.source_ids.mapped("source_res_id"),
            )
        }
        return not self.ids or self.ids[place] not in merged

    def _read(self, lead_id):
        lead = self.env["crm.lead"].browse(lead_id)
        return {name: _as_cell(lead[name]) for name in CELLS}

    def _check(self, place, cells):
        """What a row says is there, set aside, or what its lead says anyhow."""
        lead = self.env["crm.lead"].browse(self._now(place))
        if lead.id == self.ids[place]:
            return
        now = self._read(lead.id)
        aside = {(row.field_name, _as_cell(row.value)) for row in lead.merged_value_ids}
        for name, cell in cells.items():
            there = cell in ("", now[name]) or (name, cell) in aside
            if not there and self.said[place][name] != {cell}:
                raise Difference(f"Lost: {name} {cell!r} of lead {place}; {now}")

    def _check_kept(self, place, before):
        """No row but its own takes anything away from a lead."""
        now = self._read(self._now(place))
        for name, cell in before.items():
            if cell and now[name] != cell:
                raise Difference(f"Overwritten: {name} {cell!r} by {now[name]!r}")

    def check_end(self):
        """Each lead says what its own rows said."""
        for place, lead_id in enumerate(self.ids):
            now = self._read(lead_id)
            for name, cells in self.said[place].items():
                if now[name] not in cells:
                    raise Difference(
                        f"{name} of lead {place} is {now[name]!r}, not {cells}"
                    )


def _as_cell(value):
    """Return a value as a cell of a file says it."""
    if isinstance(value, float):
        return f"{value:g}" if value else ""
    return str(value) if value else ""
