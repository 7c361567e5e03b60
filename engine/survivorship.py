"""Which lead survives a merge, and which value wins, field by field.

How to use it: describe the leads (`Candidate`), order them (`order_candidates`), then
ask for a decision on every field (`decide_field`) and on every bundle of fields that
only make sense together (`decide_bundle`). A decision names the value that is kept, the
lead it comes from, and every other value that was said: the values set aside.

How it works: the survivor speaks first and has priority; its blanks are filled from the
others, oldest first (promise P9). Values are compared by a *key* of the field, so that
``Bob@Example.com`` and ``bob@example.com`` are one value, not two.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

Value = Any
Key = Callable[[Value], Hashable]


@dataclass(frozen=True)
class Candidate:
    """One lead or opportunity that takes part in a merge.

    :param id: database id of the lead
    :param created: when it was created; None where nobody knows, which counts as later
        than any date, as in the order of a database
    :param is_opportunity: False for a lead that is still to be qualified
    :param is_lost: whether it was given up
    """

    id: int
    created: datetime | None
    is_opportunity: bool = False
    is_lost: bool = False


@dataclass(frozen=True)
class Bundle:
    """Fields that are kept or replaced together, never half from one lead each.

    :param name: technical name of the bundle
    :param fields: names of its fields
    :param identifying: fields of which a single equal value already says that two
        bundles speak of the same thing (an e-mail address does, a country does not)
    :param own: fields that are never filled from another bundle, as a blank says
        something too
    :param unit: the field that the others mean nothing without, such as the currency of
        amounts: what is set aside is then the whole bundle, as one value
    """

    name: str
    fields: tuple[str, ...]
    identifying: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    unit: str | None = None


@dataclass(frozen=True)
class SetAside:
    """A value that lost: what it is and which lead said it."""

    lead_id: int
    value: Value


@dataclass(frozen=True)
class Decision:
    """What a merge does about one field.

    :param field: name of the field
    :param value: the value kept
    :param origin_id: the lead the kept value comes from; None where it was computed
        from several (united, summed up)
    :param set_aside: the other values, in the order of their leads, each value once
    """

    field: str
    value: Value
    origin_id: int | None
    set_aside: tuple[SetAside, ...] = ()


def get_age(created: datetime | None, number: int) -> tuple:
    """Return what records are sorted by, the one created first being the first; a date
    that nobody knows is later than any.

    :param created: when the record was created
    :param number: its id
    """
    return (created is None, created or datetime.min, number)


def order_candidates(
    candidates: Iterable[Candidate], survivor_id: int | None = None
) -> list[Candidate]:
    """Return the survivor first, then all others from the oldest to the newest.

    The survivor is `survivor_id` if given, otherwise the opportunity created first,
    else the lead created first; whatever is open comes before what is lost.

    >>> from datetime import datetime as d
    >>> lead = Candidate(1, d(2026, 1, 1))
    >>> lost = Candidate(2, d(2026, 1, 2), is_opportunity=True, is_lost=True)
    >>> late = Candidate(4, d(2026, 1, 4), is_opportunity=True)
    >>> early = Candidate(3, d(2026, 1, 3), is_opportunity=True)
    >>> [one.id for one in order_candidates([lead, lost, late, early])]
    [3, 1, 2, 4]
    >>> [one.id for one in order_candidates([lead, lost])]
    [1, 2]
    >>> [one.id for one in order_candidates([lead, lost, late], survivor_id=4)]
    [4, 1, 2]
    >>> [one.id for one in order_candidates([Candidate(0, None), lead])]
    [1, 0]
    """

    def age(one: Candidate) -> tuple:
        return get_age(one.created, one.id)

    def seniority(one: Candidate) -> tuple:
        return (one.is_lost, not one.is_opportunity, age(one))

    oldest_first = sorted(candidates, key=age)
    if survivor_id is None:
        survivor_id = min(oldest_first, key=seniority).id
    return sorted(oldest_first, key=lambda one: one.id != survivor_id)


def is_blank(value: Value) -> bool:
    """Say whether `value` says nothing: None, False, zero, an empty or white text.

    >>> [is_blank(value) for value in (None, False, 0, "", "  ", "0", [], "no")]
    [True, True, True, True, True, False, True, False]
    """
    return not (value.strip() if isinstance(value, str) else value)


def decide_field(
    field: str,
    values: Mapping[int, Value],
    key: Key = lambda value: value,
    chosen_id: int | None = None,
) -> Decision:
    """Keep the first value that says something; set aside each other value once.

    :param field: name of the field
    :param values: {lead id: value}, the survivor first, then the others by age
    :param key: what makes two values equal
    :param chosen_id: the lead whose value was chosen by hand, blank or not

    >>> decide_field("city", {1: "", 2: "Lyon", 3: "LYON", 4: "Paris"}, str.lower)
    ... # doctest: +NORMALIZE_WHITESPACE
    Decision(field='city', value='Lyon', origin_id=2,
             set_aside=(SetAside(lead_id=4, value='Paris'),))
    >>> decide_field("city", {1: "Lyon", 2: "Paris"}, chosen_id=2).value
    'Paris'
    """
    first = next(iter(values))
    origin_id = chosen_id or next(
        (lead_id for lead_id, value in values.items() if not is_blank(value)), first
    )
    kept = values[origin_id]
    return Decision(field, kept, origin_id, other_values(values, kept, key))


def other_values(
    values: Mapping[int, Value], kept: Value, key: Key = lambda value: value
) -> tuple[SetAside, ...]:
    """List the values that differ from `kept`, each once, blanks left out.

    >>> other_values({1: "a", 2: "b", 3: "B", 4: ""}, "a", str.lower)
    (SetAside(lead_id=2, value='b'),)
    """
    seen = set() if is_blank(kept) else {key(kept)}
    others = []
    for lead_id, value in values.items():
        if is_blank(value) or key(value) in seen:
            continue
        seen.add(key(value))
        others.append(SetAside(lead_id, value))
    return tuple(others)


def decide_parts(
    field: str,
    values: Mapping[int, Mapping[str, Value]],
    key: Key = lambda value: value,
    chosen_id: int | None = None,
) -> Decision:
    """Decide a field that holds several independent values, each of them by itself.

    :param values: {lead id: {part: value}}, the survivor first, then the others by age
    :param chosen_id: the lead whose values were chosen by hand

    >>> decision = decide_parts("code", {1: {"a": 1}, 2: {"a": 2, "b": 3}})
    >>> decision.value, decision.set_aside
    ({'a': 1, 'b': 3}, (SetAside(lead_id=2, value={'a': 2}),))
    """
    first = chosen_id or next(iter(values))
    order = sorted(values, key=lambda lead_id: lead_id != first)
    kept = {}
    for lead_id in order:
        for part, value in (values[lead_id] or {}).items():
            if is_blank(kept.get(part)) and not is_blank(value):
                kept[part] = value
    others = {
        lead_id: {
            part: value
            for part, value in (said or {}).items()
            if not is_blank(value) and key(value) != key(kept[part])
        }
        for lead_id, said in values.items()
    }
    return Decision(
        field, kept or False, first, other_values(others, False, parts_key(key))
    )


def parts_key(key: Key) -> Key:
    """Return the key of {part: value} where `key` is the one of a value."""
    return lambda parts: tuple(sorted((part, key(one)) for part, one in parts.items()))


def decide_bundle(
    bundle: Bundle,
    leads: Sequence[tuple[int, Mapping[str, Value]]],
    keys: Mapping[str, Key] | None = None,
    chosen_id: int | None = None,
) -> list[Decision]:
    """Decide the fields of a bundle together.

    The survivor's bundle stands. Blank, it is taken whole from the oldest other that
    has one. Otherwise an other may complete it only where it speaks of the same thing
    and contradicts nothing (`_completes`), so that no bundle is ever put together from
    two addresses or two persons.

    :param bundle: its name, fields and identifying fields
    :param leads: (lead id, {field: value}), the survivor first, then the others by age
    :param keys: what makes two values of a field equal, by field
    :param chosen_id: the lead whose bundle was chosen by hand
    :return: one decision for each field of the bundle

    >>> address = Bundle("address", ("street", "city"), frozenset({"street"}))
    >>> leads = [(1, {"street": "", "city": "Lyon"}),
    ...          (2, {"street": "Rue A", "city": "Paris"}),
    ...          (3, {"street": "Rue B", "city": "Lyon"})]
    >>> [(one.value, one.origin_id) for one in decide_bundle(address, leads)]
    [('Rue B', 3), ('Lyon', 1)]
    """
    keys = keys or {}
    if bundle.unit:
        return _decide_unit(bundle, leads, keys, chosen_id)
    kept, origins = _keep_bundle(bundle, leads, keys, chosen_id)
    return [
        Decision(
            name,
            kept[name],
            origins[name],
            other_values(
                {lead_id: values.get(name) for lead_id, values in leads},
                kept[name],
                keys.get(name, _itself),
            ),
        )
        for name in bundle.fields
    ]


def _keep_bundle(
    bundle: Bundle,
    leads: Sequence[tuple[int, Mapping[str, Value]]],
    keys: Mapping[str, Key],
    chosen_id: int | None,
) -> tuple[dict[str, Value], dict[str, int]]:
    """Return {field: the value that is kept} and {field: the lead it comes from}."""
    by_id = dict(leads)
    survivor_id = chosen_id or leads[0][0]
    kept = {name: by_id[survivor_id].get(name) for name in bundle.fields}
    origins = dict.fromkeys(bundle.fields, survivor_id)
    for lead_id, values in leads:
        if chosen_id or lead_id == survivor_id:
            continue
        if _completes(bundle, kept, values, keys):
            for name in set(bundle.fields) - bundle.own:
                if is_blank(kept[name]) and not is_blank(values.get(name)):
                    kept[name], origins[name] = values[name], lead_id
    return kept, origins


def _decide_unit(
    bundle: Bundle,
    leads: Sequence[tuple[int, Mapping[str, Value]]],
    keys: Mapping[str, Key],
    chosen_id: int | None,
) -> list[Decision]:
    """Decide a bundle whose fields mean nothing without one of them, its unit.

    A unit alone is no value: the first lead that says more speaks first. What another
    one says otherwise is set aside whole, with its unit, under the first field.

    >>> money = Bundle("money", ("amount", "currency"), unit="currency")
    >>> leads = [(1, {"amount": 0, "currency": "EUR"}),
    ...          (2, {"amount": 10, "currency": "USD"}),
    ...          (3, {"amount": 10, "currency": "EUR"})]
    >>> amount, currency = decide_bundle(money, leads)
    >>> amount.value, currency.value, currency.origin_id
    (10, 'USD', 2)
    >>> [(one.lead_id, one.value) for one in amount.set_aside]
    [(1, {'currency': 'EUR'}), (3, {'amount': 10, 'currency': 'EUR'})]
    """
    said = {
        lead_id: {
            name: values[name]
            for name in bundle.fields
            if not is_blank(values.get(name))
        }
        for lead_id, values in leads
    }
    speaking = [lead_id for lead_id in said if said[lead_id].keys() - {bundle.unit}]
    silent = [lead_id for lead_id in said if lead_id not in speaking]
    ordered = [(lead_id, said[lead_id]) for lead_id in (*speaking, *silent)]
    unit = replace(bundle, identifying=frozenset({bundle.unit}))
    kept, origins = _keep_bundle(unit, ordered, keys, chosen_id)

    def key_of(values):
        return frozenset(
            (name, keys.get(name, _itself)(value)) for name, value in values.items()
        )

    known = key_of({name: one for name, one in kept.items() if not is_blank(one)})
    others = other_values(
        {
            lead_id: False if key_of(values) <= known else values
            for lead_id, values in said.items()
        },
        False,
        key_of,
    )
    by_id = dict(leads)
    return [
        Decision(
            name,
            kept[name] if kept[name] is not None else by_id[origins[name]].get(name),
            origins[name],
            others if name == bundle.fields[0] else (),
        )
        for name in bundle.fields
    ]


def _completes(
    bundle: Bundle,
    kept: Mapping[str, Value],
    other: Mapping[str, Value],
    keys: Mapping[str, Key],
) -> bool:
    """Say whether `other` may fill the blanks of `kept`.

    It may when nothing it says contradicts `kept`, and when it either says all that
    `kept` says or agrees with it on an identifying field. A blank `kept` says nothing,
    so any bundle completes it.

    >>> person = Bundle("person", ("name", "email"), frozenset({"email"}))
    >>> _completes(person, {"name": "", "email": "a@b.c"}, {"name": "Al"}, {})
    False
    >>> _completes(
    ...     person, {"name": "", "email": "a@b.c"}, {"name": "Al", "email": "a@b.c"}, {}
    ... )
    True
    """
    says = [name for name in bundle.fields if not is_blank(kept[name])]
    answered = [name for name in says if not is_blank(other.get(name))]
    agreeing = [
        name
        for name in answered
        if keys.get(name, _itself)(kept[name]) == keys.get(name, _itself)(other[name])
    ]
    if agreeing != answered:
        return False
    return agreeing == says or any(name in bundle.identifying for name in agreeing)


def _itself(value: Value) -> Hashable:
    return value


def unite_texts(
    values: Mapping[int, str], split: Callable[[str], Iterable[str]], separator: str
) -> str:
    """Unite lists written as text: each item once, in the order they are met.

    >>> unite_texts({1: "a@x.y, b@x.y", 2: "", 3: "B@x.y,c@x.y"},
    ...             lambda text: text.split(","), ", ")
    'a@x.y, b@x.y, c@x.y'
    """
    items = {}
    for text in values.values():
        for item in split(text or ""):
            if item.strip():
                items.setdefault(item.strip().lower(), item.strip())
    return separator.join(items.values())


def decide_revenue(
    field: str, values: Mapping[int, float], policy: str = "survivor"
) -> Decision:
    """Keep the survivor's amount, the highest, or the sum of all.

    :param values: {lead id: amount in the currency of the lead}, the survivor first
    :param policy: ``survivor`` (a blank one is filled), ``highest`` or ``sum``

    >>> decide_revenue("expected_revenue", {1: 10, 2: 30, 3: 0}, "sum").value
    40
    >>> decide_revenue("expected_revenue", {1: 10, 2: 30, 3: 0}, "highest").origin_id
    2
    """
    if policy == "highest":
        highest = max(values, key=lambda lead_id: values[lead_id] or 0)
        return decide_field(field, values, chosen_id=highest)
    if policy == "sum":
        total = sum(value or 0 for value in values.values())
        contributing = [value for value in values.values() if value]
        set_aside = other_values(values, total) if len(contributing) > 1 else ()
        return Decision(field, total, None, set_aside)
    return decide_field(field, values)
