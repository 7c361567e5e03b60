"""Persons and companies: the words of their names that are worth comparing."""

import re

from ..limits import COMPARED
from ..normalize import DUMMIES, fold, is_dummy, words
from .legal_forms import CONNECTIVES, LEGAL_FORMS, TITLES

_DOTTED = re.compile(r"\b(?:\w\.\s?){2,}\w?\b|\b\w(?:\.\s?\w)+\.?")
_DOTS = re.compile(r"[.\s]")
_LEGAL_SLASH = re.compile(r"\b(\w)/(\w)\b")
_PARTICLES = frozenset(
    "van von der den de del della di da dos das du la le el al bin ibn ben ter ten zu "
    "zur vom y e af av".split()
)


def person(text):
    """Return the words of a person's name, given name first where that is clear.

    >>> person("Dr. John M. Smith"), person("Smith, John"), person("Unknown")
    (('john', 'm', 'smith'), ('john', 'smith'), ())
    >>> person("José  DE LA CRUZ"), person("J. Doe"), person("Mr")
    (('jose', 'cruz'), ('j', 'doe'), ())
    """
    text = (text or "")[:COMPARED]
    if is_dummy(text):
        return ()
    last, comma, first = text.partition(",")
    if comma and fold(first) and not all(one in TITLES for one in words(first)):
        text = f"{first} {last}"
    found = words(text.replace(".", " "))
    kept = tuple(one for one in found if one not in TITLES)
    plain = tuple(one for one in kept if one not in _PARTICLES)
    kept = plain or kept
    return () if all(one in DUMMIES for one in kept) else kept


def company(text):
    """Return the words of a company's name without its legal form.

    >>> company("The Acme Trading Co., Ltd."), company("S.A.R.L. Dupont & Fils")
    (('acme', 'trading'), ('dupont', 'fils'))
    >>> company("I.B.M. Deutschland GmbH"), company("Company"), company("Group Holding")
    (('ibm', 'deutschland'), (), ('group', 'holding'))
    """
    text = _DOTTED.sub(
        lambda match: _DOTS.sub("", match[0]) + " ", (text or "")[:COMPARED]
    )
    text = _LEGAL_SLASH.sub(r"\1\2", text)
    if is_dummy(text):
        return ()
    found = words(text)
    kept = tuple(
        one for one in found if one not in LEGAL_FORMS and one not in CONNECTIVES
    )
    return kept or (found if len(found) > 1 else ())


def acronym(found):
    """Return the initials of at least three words.

    >>> acronym(("international", "business", "machines")), acronym(("acme", "trading"))
    ('ibm', '')
    """
    return "".join(one[0] for one in found) if len(found) > 2 else ""
