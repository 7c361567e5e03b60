"""What a conversion is going to do, as plain data: decided first, then carried out."""

from collections.abc import Container, Hashable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from types import MappingProxyType

#: Ways to settle the customer of a lead that has none yet.
KEEP = "none"
GIVEN = "given"
LINK = "exist"
CREATE = "create"
FIND_OR_CREATE = "each_exist_or_create"


@dataclass(frozen=True)
class ConversionOptions:
    """What the user, or the code that asks for a conversion, has decided beforehand.

    :param user_ids: salespeople to share the leads between, in turn; None among them
        means nobody. Empty: each lead keeps its own
    :param assigned: ((lead id, id of its salesperson), …) where turns were taken;
        others keep theirs
    :param team_id: channel of the results; None: their own, or one of the salesperson's
    :param customer: ``none`` (leave it as it is), ``exist`` (link `partner_id`),
        ``create``, ``each_exist_or_create``, or ``given`` (`partner_id`, as code says
        that has settled it before)
    :param partner_id: the customer to link
    :param company_id: the company that new customers belong to; None: the one they name
    :param force_assignment: leads that have a salesperson get another one, too
    :param opportunities_too: what is an opportunity already is not skipped, but gets
        its salesperson and customer as well
    :param notify: tell the salespeople what was assigned to them
    """

    user_ids: tuple[int | None, ...] = ()
    assigned: tuple[tuple[int, int | None], ...] = ()
    team_id: int | None = None
    customer: str = KEEP
    partner_id: int | None = None
    company_id: int | None = None
    force_assignment: bool = True
    opportunities_too: bool = False
    notify: bool = True

    def to_json(self) -> dict:
        """Return what is decided, as JSON keeps it: what is as by default is left out.

        >>> ConversionOptions(user_ids=(7, 8), team_id=2).to_json()
        {'user_ids': [7, 8], 'team_id': 2}
        """
        return {
            field.name: list(value) if isinstance(value, tuple) else value
            for field in fields(self)
            if (value := getattr(self, field.name)) != field.default
        }

    @classmethod
    def from_json(cls, values: dict) -> "ConversionOptions":
        """Return what `to_json` has kept, maybe by another version: a name that is not
        known by now says nothing.

        >>> ConversionOptions.from_json({"user_ids": [7, 8], "old": 1}).user_ids
        (7, 8)
        """
        known = {field.name for field in fields(cls)} & values.keys()
        return cls(
            **{
                name: tuple(value) if isinstance(value := values[name], list) else value
                for name in known
            }
        )


#: Nothing is decided beforehand: the lead says everything.
UNDECIDED = ConversionOptions()


@dataclass(frozen=True)
class ConversionStep:
    """What becomes of one lead.

    :param lead_id: the lead
    :param user_id: its salesperson from now on; 0: nobody, None: as it is
    :param team_id: its channel from now on; None: as it is
    :param partner_id: the customer to link; None: none, or one is created
    :param makes_customer: a customer is created from the lead
    :param company_id: the existing company that the new customer belongs to
    :param skipped: why nothing happens; empty: it is converted
    """

    lead_id: int
    user_id: int | None = None
    team_id: int | None = None
    partner_id: int | None = None
    makes_customer: bool = False
    company_id: int | None = None
    skipped: str = ""


@dataclass(frozen=True)
class ConversionPlan:
    """Everything a conversion of one or many leads will do.

    :param steps: one a lead, in the order in which they are shared out
    :param options: what was decided beforehand
    """

    steps: tuple[ConversionStep, ...]
    options: ConversionOptions

    @cached_property
    def by_lead(self) -> Mapping[int, ConversionStep]:
        """The steps of the leads that are converted."""
        return {step.lead_id: step for step in self.steps if not step.skipped}

    @cached_property
    def skipped(self) -> Mapping[int, str]:
        """{lead id: why it is skipped}."""
        return {step.lead_id: step.skipped for step in self.steps if step.skipped}


def share_out(items: Sequence[int], takers: Sequence) -> dict[int, Hashable]:
    """Share `items` between `takers` in turn; who is named twice gets twice as many.

    >>> share_out([11, 12, 13, 14], ["Ann", "Bo"])
    {11: 'Ann', 12: 'Bo', 13: 'Ann', 14: 'Bo'}
    >>> share_out([11, 12, 13], ["Ann", "Ann", "Bo"])
    {11: 'Ann', 12: 'Ann', 13: 'Bo'}
    >>> share_out([11], [])
    {}
    """
    if not takers:
        return {}
    return {item: takers[turn % len(takers)] for turn, item in enumerate(items)}


def same_prospects(
    asked: Mapping[int, Sequence[Hashable]],
    held: Mapping[int, Sequence[Hashable]],
    separate: Container[tuple[int, int]] = (),
    companies: Mapping[int, int] = MappingProxyType({}),
) -> list[list[int]]:
    """Group items that are asked about with those that hold one of their keys.

    A group holds what shares a key with its first item, and no two that are kept apart.
    Each item is in one group at most; the order is that of `asked`.

    :param asked: {item: keys to look for}
    :param held: {item: keys it has}
    :param separate: pairs, both ways round, that are not the same, whatever they have
        in common
    :param companies: {item: its company, if it has one}; a group is of one at most

    >>> same_prospects({1: ["a"], 2: ["b"]}, {1: ["a"], 2: ["b"], 3: ["a"], 4: ["b"]})
    [[1, 3], [2, 4]]
    >>> same_prospects({1: ["a"], 2: ["b"]}, {1: ["a"], 2: ["a", "b"]})
    [[1, 2]]
    >>> same_prospects({1: ["a"], 2: ["a"]}, {1: ["a"], 2: ["a"]}, {(1, 2)})
    [[1], [2]]
    >>> same_prospects({1: ["a"]}, {2: ["a"], 3: ["a"]}, {(2, 3), (3, 2)})
    [[1, 2]]
    >>> same_prospects({1: ["a"]}, {2: ["a"], 3: ["a"], 4: ["a"]}, (), {2: 7, 3: 8})
    [[1, 2, 4]]
    """
    by_key: dict[Hashable, list[int]] = {}
    for item, keys in held.items():
        for key in keys:
            by_key.setdefault(key, []).append(item)
    groups, done = [], set()
    for item, keys in asked.items():
        if item in done:
            continue
        others = dict.fromkeys(one for key in keys for one in by_key.get(key, ()))
        free = (one for one in others if one != item and one not in done)
        group, company = [item], companies.get(item)
        for one in free:
            its = companies.get(one)
            is_apart = any((member, one) in separate for member in group)
            if not is_apart and (not company or its in (None, company)):
                group.append(one)
                company = company or its
        done.update(group)
        groups.append(group)
    return groups
