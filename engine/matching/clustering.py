"""From pairs to groups, guarded against chains.

A resembles B and B resembles C does not make A and C the same (promise B12). Pairs are
taken best first; two groups become one only if, over all pairs between them, enough
speaks for it on average, and no pair speaks clearly against it.
"""

from .weights import ON_AVERAGE

#: Leads in one group, at most: whoever has more needs a rule, not a merge.
MAX_GROUP = 100


def cluster(pairs, score, threshold, against, on_average=ON_AVERAGE):
    """Put leads into groups.

    :param pairs: {(lead, other lead): score}, both in ascending order
    :param score: function that compares two leads that are not among the pairs
    :param threshold: score from which a pair counts
    :param against: a pair below it keeps two groups apart
    :param on_average: what the pairs between two groups must reach on average
    :return: list of groups, each a list of leads in ascending order

    >>> alike = {(1, 2): 9.0, (2, 3): 8.0, (4, 5): 7.0}
    >>> cluster(alike, lambda one, other: 0.0, 2, -16)
    [[1, 2, 3], [4, 5]]
    >>> cluster(alike, lambda one, other: -20.0, 2, -16)
    [[1, 2], [4, 5]]
    """
    known = dict(pairs)

    def between(one, other):
        pair = (one, other) if one < other else (other, one)
        if pair not in known:
            known[pair] = score(*pair)
        return known[pair]

    group_of = {}
    for (one, other), value in sorted(pairs.items(), key=lambda each: -each[1]):
        if value < threshold:
            break
        first = group_of.setdefault(one, [one])
        second = group_of.setdefault(other, [other])
        if first is second or len(first) + len(second) > MAX_GROUP:
            continue
        if _may_join(first, second, between, against, on_average):
            first.extend(second)
            for lead in second:
                group_of[lead] = first
    groups = {id(group): group for group in group_of.values() if len(group) > 1}
    return sorted(sorted(group) for group in groups.values())


def connected(pairs, size):
    """Split pairs into parts that have nothing to do with each other.

    :param pairs: {(lead, other lead): score}
    :param size: leads in one part, at least; a part is never cut through a connection
    :return: iterator of parts of `pairs`

    >>> list(connected({(1, 2): 9.0, (2, 3): 8.0, (4, 5): 7.0}, 2))
    [{(1, 2): 9.0, (2, 3): 8.0}, {(4, 5): 7.0}]
    """
    parent = {}

    def find(lead):
        while (above := parent.setdefault(lead, lead)) != lead:
            parent[lead] = lead = parent[above]
        return lead

    for one, other in pairs:
        parent[find(other)] = find(one)
    parts = {}
    for pair in pairs:
        parts.setdefault(find(pair[0]), []).append(pair)
    found = {}
    for members in parts.values():
        found.update((pair, pairs[pair]) for pair in members)
        if len(found) >= size:
            yield found
            found = {}
    if found:
        yield found


def _may_join(first, second, between, against, on_average):
    total = 0.0
    for one in first:
        for other in second:
            value = between(one, other)
            if value < against:
                return False
            total += value
    return total >= on_average * len(first) * len(second)
