"""The weights of evidence: the one place where they are written down.

A weight is log2(m / u) bits: how much more often a comparison comes out like this
between two records of one prospect (m) than between two records of different ones (u).
One bit doubles the odds, ten make a thousand to one. Where a value agrees, u is how
rare that very value is among the database's leads (`frequency`), which is written here
as the bits that are taken off it, and the most it may count. The weights are the same
for every database; what is learnt there are frequencies, never weights.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Weight:
    """What one outcome of a comparison counts.

    :param bits: counted whatever the value is
    :param share: how much of the value's rarity is added to that
    :param most: never more than this
    """

    bits: float = 0.0
    share: float = 0.0
    most: float = 99.0

    def of(self, rarity=0.0):
        """Return the bits for a value that is that rare.

        >>> Weight(-2, 1.0, 9).of(10), Weight(-2, 1.0, 9).of(20), Weight(-4).of(10)
        (8.0, 9, -4.0)
        """
        return min(self.most, self.bits + self.share * rarity)


#: (comparison, outcome) → what it counts.
WEIGHTS = {
    # E-mail address
    ("email", "same"): Weight(10, 1.0),
    ("email", "office"): Weight(3, 1.0),
    ("email", "typo"): Weight(14),
    # … of one company: it has an Anna and an Anne more often than a typing error
    ("email", "close"): Weight(1.5),
    ("email", "same_name"): Weight(8),
    ("email", "colleague"): Weight(-4),
    ("email", "different"): Weight(-3),
    # Phone number
    ("phone", "same"): Weight(5, 1.0),
    # … of one switchboard: another desk, mostly another person
    ("phone", "extension"): Weight(3),
    ("phone", "typo"): Weight(3),
    ("phone", "different"): Weight(-1.5),
    # Person: for each word of the name
    ("person", "same"): Weight(0, 1.0, 11),
    ("person", "variant"): Weight(-1.5, 1.0, 8),
    ("person", "typo"): Weight(-1.5, 1.0, 8.5),
    ("person", "close"): Weight(-4, 1.0, 4.5),
    ("person", "initial"): Weight(2),
    ("person", "different"): Weight(-4.5),
    # Company: for each word of the name
    ("company", "same"): Weight(0, 1.0, 11),
    # … of a script without spaces: the whole name is one word
    ("company", "whole"): Weight(3, 1.0, 13),
    ("company", "typo"): Weight(-1.5, 1.0, 8),
    ("company", "acronym"): Weight(6),
    ("company", "branch"): Weight(-6),
    ("company", "different"): Weight(-11),
    # Web site, or domain of the e-mail addresses
    ("domain", "same"): Weight(-3, 0.7, 7),
    ("domain", "different"): Weight(-1),
    # Tax number
    ("vat", "same"): Weight(4, 1.0),
    ("vat", "different"): Weight(-14),
    # Address
    ("street", "same"): Weight(0, 1.0, 10.5),
    ("street", "typo"): Weight(-1, 1.0, 9),
    ("street", "close"): Weight(-4, 1.0, 5),
    ("street", "different"): Weight(-2.5),
    ("number", "same"): Weight(0, 1.0, 7),
    ("number", "different"): Weight(-2.5),
    ("postcode", "same"): Weight(0, 1.0, 9.5),
    ("postcode", "typo"): Weight(5),
    ("postcode", "different"): Weight(-3.5),
    ("city", "same"): Weight(0, 1.0, 8.5),
    ("city", "typo"): Weight(-1.5, 1.0, 7),
    ("city", "different"): Weight(-3.5),
    # Where the postcode is the same, so is the town, mostly.
    ("city", "same_too"): Weight(0, 0.3, 3),
    ("state", "different"): Weight(-2),
    ("country", "different"): Weight(-3),
    # Customer
    ("customer", "same"): Weight(4, 1.0),
    ("customer", "entity"): Weight(5),
    ("customer", "different"): Weight(-4),
}
#: What a name can say at most, however many words it has.
PERSON_MOST = 20.0
COMPANY_MOST = 13.0
#: Score from which two leads are shown to somebody, in bits.
WORTH_A_LOOK = 1.0
#: Score from which two leads are the same without anybody looking.
CERTAIN = 8.0
#: Evidence (the score without what is known beforehand) below which two leads are kept
#: out of one group, whatever links them.
AGAINST = -6.0
#: Score that the pairs between two groups must reach on average to become one.
ON_AVERAGE = -2.0
