"""How much speaks for two leads being one prospect, and why.

The score is the logarithm of the odds, in bits: what is known before looking (two leads
taken at random hardly ever are the same) plus the weight of every finding, plus the few
rules that no sum of weights may break. Nothing here knows where the profiles come from:
the scan of a million leads, the form of a single one and *Compare* call the same
`compare`, so that they cannot disagree.
"""

from dataclasses import dataclass, field
from hashlib import blake2b

from .comparisons import COMPARISONS, MOST, Finding
from .frequency import Frequencies
from .nicknames import is_known_name
from .weights import CERTAIN, WORTH_A_LOOK

#: A finding that counts at least this much is a subject on which two leads agree.
AGREES = 2.0
#: Outcomes that do not bring two leads together.
AGAINST_OUTCOMES = frozenset(
    "different colleague branch extension different_persons evidence_of_two "
    "single_subject".split()
)
#: Subjects one of which says who it is, all by itself.
_IDENTIFYING = frozenset({("email", "same"), ("email", "typo"), ("phone", "same")})
#: Outcomes that are each of two, by themselves.
_APART = frozenset({("phone", "extension"), ("vat", "different")})
#: What a household or a company shares, or tells apart.
_SHARED = frozenset(
    {
        ("email", "same"),
        ("email", "office"),
        ("email", "different"),
        ("email", "colleague"),
        ("email", "close"),
        ("phone", "same"),
    }
)
#: Each of two has a mailbox of its own.
_OWN_MAILBOXES = frozenset({("email", "colleague"), ("email", "close")})
#: Who differs in these is reached elsewhere, and otherwise.
_ELSEWHERE = (frozenset({"phone", "city"}), frozenset({"phone", "street", "number"}))
#: A database of which nothing is known.
_NOTHING_KNOWN = Frequencies()
#: Name of a comparison → how much it and those after it can count, at most.
_MOST_FROM = {name: tuple(MOST.values())[place:] for place, name in enumerate(MOST)}


@dataclass(frozen=True)
class Match:
    """How two leads compare.

    :param score: bits for the two being one; above 0 it is more likely than not
    :param prior: the part of it that is known before looking
    :param findings: what was compared, and what each finding counted
    :param profiles: the two profiles
    :param without: names of `COMPARISONS` that were left out
    """

    score: float
    prior: float
    findings: tuple
    profiles: tuple = field(default=(), repr=False, compare=False)
    without: frozenset = field(default=frozenset(), repr=False, compare=False)

    @property
    def agreements(self):
        """The subjects on which the two agree, the most telling first."""
        found = {}
        for each in self.findings:
            found[each.subject] = found.get(each.subject, 0.0) + each.bits
        agreed = [subject for subject in found if found[subject] >= AGREES]
        return sorted(agreed, key=lambda subject: -found[subject])

    @property
    def fingerprint(self):
        """A digest of the values in which the two agree: it changes when they do.

        How rare values are has no part in it: what was decided about two leads holds
        however many others come or go.
        """
        agreed = sorted(
            (each.subject, *sorted((each.one, each.other)))
            for name, step in COMPARISONS.items()
            if name not in self.without
            for each in step(*self.profiles, _NOTHING_KNOWN)
            if each.outcome not in AGAINST_OUTCOMES
        )
        return blake2b(repr(agreed).encode(), digest_size=8).hexdigest()


def compare(one, other, frequencies, without=frozenset(), least=float("-inf")):
    """Compare two profiles.

    :param frequencies: how rare values are
    :param without: names of `COMPARISONS` to leave out
    :param least: give up as soon as the score cannot become that much
    :rtype: Match; None where it was given up

    >>> from .frequency import Frequencies
    >>> from .profile import build
    >>> ann = build(
    ...     {"persons": ["Ann Lee"], "city": "Leeds", "phone": "+44 113 496 0990"})
    >>> lee = build(
    ...     {"persons": ["Lee, Anna"], "city": "Leeds", "phone": "+441134960990"})
    >>> match = compare(ann, lee, Frequencies(5_000))
    >>> match.agreements, match.score > CERTAIN
    (['person', 'phone', 'city'], True)
    >>> bob = build({"persons": ["Bob Roy"], "city": "Leeds"})
    >>> compare(ann, bob, Frequencies(5_000)).score < WORTH_A_LOOK
    True
    """
    findings, score = [], frequencies.prior
    for name, step in COMPARISONS.items():
        if name in without:
            continue
        if name in MOST and score + _most(name, one, other) < least:
            return None
        for each in step(one, other, frequencies):
            findings.append(each)
            score += each.bits
        # the rule about strangers would bring it below that
        if name == "person" and least >= WORTH_A_LOOK:
            if _are_strangers(findings) and not _are_reachable(findings):
                return None
    if score >= WORTH_A_LOOK:
        for rule in _broken_rules(findings, score):
            findings.append(rule)
            score += rule.bits
    return Match(score, frequencies.prior, tuple(findings), (one, other), without)


def _most(name, one, other):
    """Return the most that the comparison `name` and those after it can count."""
    return sum(most(one, other) for most in _MOST_FROM[name])


def _are_strangers(findings):
    """Say whether these are two persons: of one company, or of one household."""
    outcomes = [each.outcome for each in findings if each.subject == "person"]
    return bool(outcomes) and all(outcome == "different" for outcome in outcomes)


def _are_reachable(findings):
    """Say whether the two are reached by one address or number, or are one customer."""
    outcomes = {(each.subject, each.outcome) for each in findings}
    return bool(outcomes & _IDENTIFYING or ("customer", "same") in outcomes)


def _has_two_names(findings):
    """Say whether the names of two persons differ in words that are names for sure,
    rather than in one that is misspelt beyond recognition."""
    return any(
        all(map(is_known_name, (each.one, each.other)))
        for each in findings
        if each[:2] == ("person", "different")
    )


def _may_be_two(findings, outcomes):
    """Say whether something speaks of two persons or two companies, whatever agrees: a
    household and a company have one mailbox, one telephone, one address.

    :param outcomes: {(subject, outcome), …} of the findings
    """
    different = {subject for subject, outcome in outcomes if outcome == "different"}
    if "company" in different or _APART & outcomes:
        return True
    if "person" in different and (_SHARED & outcomes or _has_two_names(findings)):
        return True
    if any(ways <= different for ways in _ELSEWHERE):
        return True
    # two who gave no name write from one company
    is_named = any(subject == "person" for subject, _outcome in outcomes)
    return not is_named and bool(outcomes & _OWN_MAILBOXES)


def _broken_rules(findings, score):
    """Yield a finding for a rule that forbids this score, with what it takes off."""
    if _are_strangers(findings):
        limit = CERTAIN if _are_reachable(findings) else WORTH_A_LOOK
        if score >= limit:
            yield Finding("rule", "different_persons", limit - 0.5 - score, "", "")
            return
    if score < CERTAIN:
        return
    outcomes = {each[:2] for each in findings}
    if _may_be_two(findings, outcomes):
        yield Finding("rule", "evidence_of_two", CERTAIN - 0.5 - score, "", "")
        return
    if ("email", "same") in outcomes:
        return
    # A name alone, or a domain alone, has namesakes.
    agreed = Match(score, 0.0, tuple(findings)).agreements
    if len(set(agreed) - {"domain", "customer"}) < 2:
        yield Finding("rule", "single_subject", CERTAIN - 0.5 - score, "", "")
