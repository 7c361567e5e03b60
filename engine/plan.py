"""What a merge is going to do, as plain data: shown to the user, then carried out."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .survivorship import Decision


@dataclass(frozen=True)
class MergeOptions:
    """What the user, or the code that asks for a merge, has decided beforehand.

    :param survivor_id: the lead to merge into; None: by `crm.lead.merge.planner._sort`
    :param user_id: salesperson of the result; None: as the leads say
    :param team_id: channel of the result; None: as the leads say
    :param revenue: ``survivor``, ``highest`` or ``sum``
    :param convert: the result is an opportunity, and open, whatever the leads are
    :param choices: ((field or bundle, id of the lead whose value is taken), …)
    """

    survivor_id: int | None = None
    user_id: int | None = None
    team_id: int | None = None
    revenue: str = "survivor"
    convert: bool = False
    choices: tuple[tuple[str, int], ...] = ()

    @cached_property
    def chosen(self) -> Mapping[str, int]:
        """The choices, by field or bundle."""
        return dict(self.choices)


#: Nothing is decided beforehand: the leads say everything.
UNDECIDED = MergeOptions()


@dataclass(frozen=True)
class MergePlan:
    """Everything a merge will do.

    :param survivor_id: the lead that stays
    :param source_ids: the leads that go into it, oldest first
    :param decisions: what becomes of each field
    :param options: what was decided beforehand
    :param hidden: fields the user may not see: not part of the fingerprint, which is
        shown to the user and would let their values be guessed
    :param references: {place: number of rows that will move}; not part of the
        fingerprint, because whatever is there when it is carried out moves
    """

    survivor_id: int
    source_ids: tuple[int, ...]
    decisions: tuple[Decision, ...]
    options: MergeOptions
    hidden: frozenset[str] = frozenset()
    references: Mapping[str, int] = field(default_factory=dict, compare=False)

    @cached_property
    def fingerprint(self) -> dict[str, str]:
        """{what is decided: digest}: the fields, and ``leads`` for who survives. Equal
        for plans that do the same.

        >>> one = MergePlan(1, (2,), (Decision("city", "Lyon", 1),), MergeOptions())
        >>> two = MergePlan(1, (2,), (Decision("city", "Lyon", 2),), MergeOptions())
        >>> [name for name in one.fingerprint
        ...  if one.fingerprint[name] != two.fingerprint[name]]
        ['city']
        """
        decided = {"leads": (self.survivor_id, self.source_ids), **self.by_field}
        return {
            name: hashlib.sha256(repr(what).encode()).hexdigest()[:16]
            for name, what in decided.items()
            if name not in self.hidden
        }

    @cached_property
    def by_field(self) -> Mapping[str, Decision]:
        """The decisions, by field."""
        return {decision.field: decision for decision in self.decisions}

    def changes(self, survivor_values: Mapping[str, Any]) -> dict[str, Any]:
        """The values to write: those that differ from what the survivor has.

        :param survivor_values: {field: value} of the survivor
        """
        return {
            one.field: one.value
            for one in self.decisions
            if one.value != survivor_values.get(one.field)
        }

    def differs_in(self, shown: Mapping[str, str]) -> list[str]:
        """What this plan decides otherwise than that whose fingerprint was `shown`."""
        mine = self.fingerprint
        names = [*mine, *(name for name in shown if name not in mine)]
        return [name for name in names if mine.get(name) != shown.get(name)]
