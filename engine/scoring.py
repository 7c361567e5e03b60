"""How much speaks for two leads being one prospect, and why.

The score is the logarithm of the odds, in bits: what is known before looking (two leads
taken at random hardly ever are the same) plus the weight of every finding, plus the few
rules that no sum of weights may break. Nothing here knows where the profiles come from:
the scan of a million leads, the form of a single one and *Compare* call the same
`compare`, so that they cannot disagree.
"""

from dataclasses import dataclass
from hashlib import blake2b

from .comparisons import COMPARISONS, Finding
from .weights import CERTAIN, WORTH_A_LOOK

#: A finding that counts at least this much is a subject on which two leads agree.
AGREES = 2.0
#: Outcomes that do not bring two leads together.
AGAINST_OUTCOMES = frozenset(
    "different colleague branch different_persons single_subject".split()
)
#: Subjects one of which says who it is, all by itself.
_IDENTIFYING = frozenset({("email", "same"), ("email", "typo"), ("phone", "same")})


@dataclass(frozen=True)
class Match:
    """How two leads compare.

    :param score: bits for the two being one; above 0 it is more likely than not
    :param prior: the part of it that is known before looking
    :param findings: what was compared, and what each finding counted
    """

    score: float
    prior: float
    findings: tuple

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
        """A digest of the values in which the two agree: it changes when they do."""
        agreed = sorted(
            (each.subject, *sorted((each.one, each.other)))
            for each in self.findings
            if each.outcome not in AGAINST_OUTCOMES
        )
        return blake2b(repr(agreed).encode(), digest_size=8).hexdigest()


def compare(one, other, frequencies, without=()):
    """Compare two profiles.

    :param frequencies: how rare values are
    :param without: names of `COMPARISONS` to leave out
    :rtype: Match

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
    findings = [
        each
        for name, step in COMPARISONS.items()
        if name not in without
        for each in step(one, other, frequencies)
    ]
    score = frequencies.prior + sum(each.bits for each in findings)
    if score >= WORTH_A_LOOK:
        for rule in _broken_rules(findings, score):
            findings.append(rule)
            score += rule.bits
    return Match(score, frequencies.prior, tuple(findings))


def _broken_rules(findings, score):
    """Yield a finding for a rule that forbids this score, with what it takes off."""
    outcomes = {(each.subject, each.outcome) for each in findings}
    # Two persons of one company, or of one household, are two prospects.
    strangers = [each.outcome for each in findings if each.subject == "person"]
    if strangers and all(outcome == "different" for outcome in strangers):
        reachable = outcomes & _IDENTIFYING or ("customer", "same") in outcomes
        limit = CERTAIN if reachable else WORTH_A_LOOK
        if score >= limit:
            yield Finding("rule", "different_persons", limit - 0.5 - score, "", "")
            return
    # A name alone, or a domain alone, has namesakes.
    if score < CERTAIN or ("email", "same") in outcomes:
        return
    agreed = Match(score, 0.0, tuple(findings)).agreements
    if len(set(agreed) - {"domain", "customer"}) < 2:
        yield Finding("rule", "single_subject", CERTAIN - 0.5 - score, "", "")
