"""What becomes of the leads of one prospect when another choice is made for one."""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, replace

CONVERT, MERGE, SKIP = "convert", "merge", "skip"
#: Why a lead does something else than was proposed, without anybody having said so.
NOT_SELECTED, NOTHING_LEFT = "not_selected", "nothing_left"


@dataclass(frozen=True)
class Proposal:
    """What is proposed for one lead.

    :param what: ``convert``, ``merge`` or ``skip``
    :param into: the lead to merge into; 0: the one created first
    :param why: why, if that has changed; empty: because it was chosen
    """

    what: str
    into: int = 0
    why: str | None = None


def choose(
    group: Mapping[int, Proposal],
    lead_id: int,
    chosen: Proposal,
    first: Callable[[Iterable[int]], int],
    selected: Container[int],
    converts: bool = True,
) -> tuple[dict[int, Proposal], bool]:
    """Say what changes once something else is chosen for one lead.

    Leads of one group go into one record, whichever of them says so. A lead that leaves
    its group stands for itself from then on; what was to go into it goes into the first
    of those that stay, and one that stays alone has nothing to be merged with.

    :param group: {lead id: what is proposed}, of the leads of its group
    :param chosen: what is chosen for the lead
    :param first: which of several leads was created first
    :param selected: the leads that were selected, not found as the same prospect
    :param converts: what is not merged is converted
    :return: {lead id: what is proposed now} of those for which that changes, and
        whether the lead leaves its group

    >>> pair = {1: Proposal(MERGE, 1), 2: Proposal(MERGE, 1)}
    >>> choose(pair, 2, Proposal(MERGE, 2), min, pair)[0][1].into
    2
    >>> changes, leaves = choose(pair, 1, Proposal(SKIP), min, pair)
    >>> leaves, changes[1].what, changes[2].what
    (True, 'skip', 'convert')
    >>> changes, _leaves = choose(
    ...     {**pair, 3: Proposal(MERGE, 1)}, 1, Proposal(CONVERT), min, pair)
    >>> changes[2].into, changes[3].into
    (2, 2)
    """
    if chosen.what == MERGE and (chosen.into or lead_id) in group:
        return dict.fromkeys(group, replace(chosen, why="")), False
    into = chosen.into if chosen.what == MERGE else 0
    changes = {lead_id: Proposal(chosen.what, into, "")}
    others = {one: group[one] for one in group if one != lead_id}
    if len(others) == 1:
        [(other, proposal)] = others.items()
        if proposal.what == MERGE:
            changes[other] = _alone(other in selected, converts)
    elif others and group[lead_id].into == lead_id:
        into = first(others)
        changes.update((one, replace(others[one], into=into)) for one in others)
    return changes, True


def _alone(is_selected: bool, converts: bool) -> Proposal:
    """Say what is left to do with a lead whose group has gone."""
    if not converts:
        return Proposal(SKIP, why=NOTHING_LEFT)
    return (
        Proposal(CONVERT, why="") if is_selected else Proposal(SKIP, why=NOT_SELECTED)
    )
