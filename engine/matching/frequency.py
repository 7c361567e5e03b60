"""How rare a value is: what two leads that share it have in common by chance.

A *term* is one value of one kind, such as ``n:smith``. The counts come from the
database's own leads; what ships with the addon steps in while there are few of them.
"""

from math import log2

#: Kind of term → share of leads that have a usual value of that kind, before any are
#: counted.
USUAL = {
    "d": 1 / 20_000,
    "n": 1 / 1_500,
    "c": 1 / 3_000,
    "z": 1 / 1_500,
    "t": 1 / 300,
    "s": 1 / 2_000,
    "h": 1 / 60,
}
#: Kinds of terms that one prospect has for itself, and nobody else.
OWN = frozenset("epv")
#: Leads that one prospect may well have left behind; from there on, a value is shared.
USUAL_LEADS = 5
#: Bits that such a value loses with each doubling.
SHARED = 2.2
#: Leads for which those shares are believed to stand.
BELIEF = 1_000
#: Leads below which a database is no smaller, for the question whether two are alike.
SMALLEST = 1_000


class Frequencies:
    """The rarity of terms among the leads of one database.

    :param total: number of leads
    :param counts: {term: number of leads that have it}; 1 where it is missing
    :param own: function of a kind and a value that one prospect has for itself; it
        returns the number of leads that have it

    >>> few = Frequencies(1_000, {"n:smith": 50})
    >>> round(few.rarity("n", "smith"), 1), round(few.rarity("n", "zyx"), 1)
    (5.3, 10.2)

    What belongs to one prospect counts in full until many have it: an address of the
    reception, a switchboard.

    >>> many = Frequencies(
    ...     1_000, own=lambda _kind, value: 80 if value[-1] == "0" else 1)
    >>> round(many.rarity("p", "23456180"), 1), round(many.rarity("p", "23456181"), 1)
    (1.2, 10.0)
    """

    def __init__(self, total=0, counts=None, own=None):
        self.total = total
        self.counts = {} if counts is None else counts
        self.own = own or (lambda kind, value: 1)
        self.prior = -log2(max(total, SMALLEST))
        self._rarities = {}

    def rarity(self, kind, value):
        """Return in bits how rare a value is: 10 where one lead in a thousand has
        it."""
        term = f"{kind}:{value}"
        found = self._rarities.get(term)
        if found is None:
            if kind in OWN:
                shared = log2(max(1.0, self.own(kind, value) / USUAL_LEADS))
                found = -self.prior - SHARED * shared
            else:
                count = self.counts.get(term, 1) + BELIEF * USUAL[kind]
                found = max(0.0, -log2(count / (self.total + BELIEF)))
            if len(self._rarities) > 200_000:
                self._rarities.clear()
            self._rarities[term] = found
        return found

    def rarest(self, kind, one, other):
        """Return the rarity of two spellings of a value: that of the commoner one."""
        return min(self.rarity(kind, one), self.rarity(kind, other))


def terms(profile):
    """List the terms of a profile that are counted apart from its keys.

    >>> from .profile import build
    >>> sorted(terms(build({"persons": ["Ann Lee"], "zip": "1000"})))
    ['n:ann', 'n:lee', 'z:1000']
    """
    found = {f"n:{word}" for one in profile.persons for word in one}
    found.update(f"c:{word}" for one in profile.companies for word in one)
    found.update(f"d:{one}" for one in profile.domains)
    found.update(f"h:{one}" for one in profile.numbers)
    for kind, value in (
        ("z", profile.postcode),
        ("t", "".join(profile.city)),
        ("s", "".join(profile.street)),
        ("s", "".join(profile.street2)),
    ):
        if value:
            found.add(f"{kind}:{value}")
    return found
