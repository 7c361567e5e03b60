"""Random cases: leads with random values, and what hangs on them."""

from dataclasses import dataclass

from hypothesis import strategies as st

from .custom import PICTURES
from .hooks import HOOKS, KNOWN_TO_DIFFER
from .later import LATER
from .later_schema import RARE
from .related import KINDS

TEXTS = ("", "Alpha", " alpha ", "Beta", "Ünïcode – 日本", "0", "a, b")
HTML = ("", "<p><br></p>", "<p>Alpha</p>", "<p>Beta <b>bold</b></p>", "<p>alpha</p>")
EMAILS = ("", "ann@example.com", "Ann <ANN@example.com>", "bob@example.org", "nonsense")
PHONES = ("", "+32 2 555 01 01", "+3225550101", "0475 12 34 56", "call me")
ADDRESSES = ("", "ann@example.com", "bob@example.org, Ann <ann@example.com>")
NUMBERS = (0, 1, -7, 1234)
AMOUNTS = (0.0, 0.1, 1234.5, 99999.99)
DATES = (False, "2025-01-31", "2026-02-28")
TIMES = (False, "2025-01-31 12:00:00", "2026-02-28 23:59:59")
FILES = (False, "SGVsbG8=", "V29ybGQ=")
BY_TYPE = {
    "char": TEXTS,
    "text": TEXTS,
    "html": HTML,
    "integer": NUMBERS,
    "float": AMOUNTS,
    "monetary": AMOUNTS,
    "boolean": (False, True),
    "date": DATES,
    "datetime": TIMES,
    "binary": FILES,
    "json": (False, True, 3.5, "Alpha", [1, None, "a"], {"a": {"b": [1]}, "": None}),
}
BY_NAME = {
    "name": TEXTS[1:],
    "email_from": EMAILS,
    "email_cc": ADDRESSES,
    "phone": PHONES,
    "probability": (0.0, 12.5, 50.0),
    "x_trial_image": (False, *PICTURES),
}
#: Decided apart (`state`), or bound to a state of the lead.
LEFT_OUT = {"id", "create_uid", "create_date", "write_uid", "write_date", "company_id",
            "active", "stage_id", "lost_reason_id", "lead_properties", "date_closed",
            # filled by a kind of their own
            "x_trial_res_model", "x_trial_code", "x_trial_number", "x_trial_serial",
            "x_trial_total"}  # fmt: skip
#: Changed by what happens later in a way of its own.
NOT_WRITTEN = {"x_trial_retyped", "x_trial_plain", "x_trial_lead", "type", "user_id",
               "team_id"}  # fmt: skip
STATES = ("open", "open", "open", "won", "lost", "archived")


@dataclass(frozen=True)
class LeadCase:
    """One lead: its values, as `world` understands them, and how it stands.

    :param values: {field: value, or the place of a record among the first of its model}
    :param state: open, won, lost or archived
    :param properties: values of the properties its channel defines
    :param has_company: False: it is of all companies
    """

    values: dict
    state: str
    properties: dict
    has_company: bool = False


@dataclass(frozen=True)
class Case:
    """Leads to be merged, and what hangs on them.

    :param leads: two or more
    :param related: (kind, place of the lead, place of another one), …
    :param company: place of the company of those leads that have one; None: of none
    :param later: what happens between merge and undo; see `later`
    :param hook: what another addon does in each merge; see `hooks`
    :param revenue: see `MergeOptions`
    :param survivor: place of the lead that was chosen to survive; None: by the rules
    :param beside: merge two such groups in one batch, and undo the one of this place
        first; None: there is one group only
    """

    leads: tuple[LeadCase, ...]
    related: tuple[tuple[str, int, int], ...]
    revenue: str
    survivor: int | None
    beside: int | None
    company: int | None = None
    later: tuple[tuple[str, int, dict], ...] = ()
    hook: str | None = None


def cases(env):
    """Return the strategy that invents cases for the fields of this database."""
    # what is unique is filled by the module that has it so
    left_out = LEFT_OUT | env["crm.lead.merge.fields"]._get_unique_fields()
    fields = {
        name: values
        for name, field in env["crm.lead"]._fields.items()
        if name not in left_out and (values := _values_of(env, name, field))
    }
    lead = st.builds(
        LeadCase,
        values=st.fixed_dictionaries(
            {"name": st.sampled_from(BY_NAME["name"])},
            optional={name: st.sampled_from(fields[name]) for name in sorted(fields)
                      if name != "name"},
        ),
        state=st.sampled_from(STATES),
        properties=st.fixed_dictionaries(
            {},
            optional={"seats": st.sampled_from(NUMBERS), "colour": st.sampled_from(TEXTS),  # noqa: E501
                      "height": st.sampled_from(NUMBERS),
                      "lead": st.booleans(), "leads": st.booleans()},
        ),
        has_company=st.booleans(),
    )  # fmt: skip
    places = st.integers(0, 4)
    written = st.lists(
        st.sampled_from(sorted(set(fields) - NOT_WRITTEN)).flatmap(
            lambda name: st.tuples(st.just(name), st.sampled_from(fields[name]))
        ),
        min_size=1, max_size=4,
    ).map(dict)  # fmt: skip
    often = sorted(set(LATER) - RARE)
    later = st.one_of(
        st.tuples(st.sampled_from(("write_survivor", "write_other_lead")), places,
                  written),
        st.tuples(st.sampled_from((*often * 5, *sorted(RARE))), places, st.just({})),
    )  # fmt: skip
    return st.builds(
        Case,
        leads=st.lists(lead, min_size=2, max_size=4).map(tuple),
        related=st.lists(
            st.tuples(st.sampled_from(sorted(KINDS)), places, places), max_size=12
        ).map(tuple),
        revenue=st.sampled_from(("survivor", "highest", "sum")),
        survivor=st.one_of(st.none(), places),
        beside=st.sampled_from((None, None, 0, 1)),
        company=st.sampled_from((None, None, 0, 1)),
        later=st.one_of(st.just(()), st.lists(later, max_size=6).map(tuple)),
        hook=st.sampled_from(
            (None, None, None, *sorted(HOOKS.keys() - KNOWN_TO_DIFFER))
        ),
    )


def _values_of(env, name, field):
    """Return the values a field may have in a case, or nothing."""
    if (
        not field.store
        or field.type == "one2many"
        or (field.compute and field.readonly)
    ):
        return ()
    if name in BY_NAME:
        return BY_NAME[name]
    if field.type == "selection":
        return (
            (False, *field.get_values(env))
            if not field.required
            else field.get_values(env)
        )
    if field.type in ("many2one", "many2many", "reference"):
        return (False, 0, 1)  # which of the records, see `World.find`
    return BY_TYPE.get(field.type, ())
