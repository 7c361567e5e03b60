"""Persons and companies: the words of their names that are worth comparing."""

import re
import unicodedata

from ..limits import COMPARED
from ..normalize import DUMMIES, MAX_WORDS, fold, is_dummy, words
from .legal_forms import (
    ABBREVIATED,
    CONNECTIVES,
    FRONT_SCRIPTS,
    GENERATIONS,
    GLUED,
    IN_FRONT,
    LEGAL_FORMS,
    MOST_WORDS,
    OWN_SCRIPT,
    TITLES,
)

_DOTTED = re.compile(r"\b(?:\w\.\s?){2,}\w?\b|\b\w(?:\.\s?\w\b)+\.?")
_DOTS = re.compile(r"[.\s]")
_LEGAL_SLASH = re.compile(r"\b(\w)/(\w)\b")
#: Letters that an ampersand makes one name: H&M, 1&1, AT&T.
_AMPERSAND = re.compile(
    r"(?<![\w&])(?:\w{1,2}&\w{1,2}|\w\s?&\s?\w)(?![\w&])", re.UNICODE
)
_AND = re.compile(r"[\s&]")
#: How Unicode begins the names of letters of scripts without spaces.
_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR")
#: … and of those in which a single character is a syllable or a word.
_SYLLABIC = ("CJK", "HANGUL")
_SHORT = re.compile(r"\A\w\Z")
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

    Generations stand behind a name, and come last.

    >>> person("Finch Jr., Walter"), person("Walter Finch, Senior"), person("Sr. Gil")
    (('walter', 'finch', 'jr'), ('walter', 'finch', 'sr'), ('gil',))
    """
    text = (text or "")[:COMPARED]
    if is_dummy(text):
        return ()
    last, comma, first = text.partition(",")
    behind = TITLES.union(GENERATIONS)
    if comma and fold(first) and not all(one in behind for one in words(first)):
        text = f"{first} {last}"
    found = words(text.replace(".", " "))
    generations = [GENERATIONS[one] for one in found[1:] if one in GENERATIONS]
    kept = tuple(
        one
        for place, one in enumerate(found)
        if one not in TITLES and not (place and one in GENERATIONS)
    )
    plain = tuple(one for one in kept if one not in _PARTICLES)
    kept = plain or kept
    if all(one in DUMMIES for one in kept):
        return ()
    return (*kept, *generations[-1:])


def split_generation(name):
    """Return the words of a person's name, and the generation behind it.

    >>> split_generation(("walter", "finch", "jr")), split_generation(("gil",))
    ((('walter', 'finch'), 'jr'), (('gil',), ''))
    """
    if name[1:] and name[-1] in GENERATIONS:
        return name[:-1], name[-1]
    return name, ""


def company(text, country=""):
    """Return the words of a company's name without its legal form.

    A legal form is taken off behind the name, and in front of it only where its script
    or the country writes it there: NV Energy is no *naamloze vennootschap*.

    :param country: code of the country of the lead

    >>> company("The Acme Trading Co., Ltd."), company("S.A.R.L. Dupont & Fils", "FR")
    (('acme', 'trading'), ('dupont', 'fils'))
    >>> company("I.B.M. Deutschland GmbH"), company("Company"), company("Group Holding")
    (('ibm', 'deutschland'), (), ('group', 'holding'))
    >>> company("PC World"), company("NV Energy"), company("株式会社青空書房")
    (('pc', 'world'), ('nv', 'energy'), ('青空书房',))
    >>> company("1&1 AG"), company("E.ON SE"), company("X"), company("Marsh Eng.")
    (('11',), ('eon',), ('x',), ('marsh', 'engineering'))
    """
    text = (text or "")[:COMPARED]
    if _SHORT.match(text.strip()) and not text.strip().isdigit():
        return (fold(text),) if fold(text) else ()
    short = _AMPERSAND.sub(lambda match: _AND.sub("", match[0]), text)
    if short == text and is_dummy(text):
        return ()
    text = _DOTTED.sub(lambda match: _DOTS.sub("", match[0]) + " ", short)
    text = _LEGAL_SLASH.sub(r"\1\2", text)
    whole = fold(text).split()
    rest = _without_form(whole, country or _country_of(text))
    named = [word for word in rest if word not in CONNECTIVES]
    # the first word is a name, whatever it is short for elsewhere
    named[1:] = [ABBREVIATED.get(word, word) for word in named[1:]]
    kept = tuple(dict.fromkeys(named))[:MAX_WORDS]
    if kept and not all(_is_form(word) for word in rest):
        return kept
    found = tuple(dict.fromkeys(whole))[:MAX_WORDS]
    return found if len(found) > 1 else ()


def _is_form(word):
    return word in LEGAL_FORMS or word in OWN_SCRIPT


def _country_of(text):
    """Return the country whose legal forms stand before a name in that script."""
    name = unicodedata.name(text.lstrip()[:1] or " ", "")
    return next((land for script, land in FRONT_SCRIPTS if name.startswith(script)), "")


def _without_form(whole, country):
    """Return the words of a name without the legal forms at its ends."""
    country, left = country.lower(), list(whole)
    while left:
        size = next(
            (
                size
                for size in range(min(MOST_WORDS, len(left) - 1), 0, -1)
                if " ".join(left[-size:]) in LEGAL_FORMS
                or size == 1
                and (left[-1] in OWN_SCRIPT or left[-1] in CONNECTIVES)
            ),
            0,
        )
        if not size:
            break
        del left[-size:]
    for size in range(min(MOST_WORDS, len(left) - 1), 0, -1):
        form = " ".join(left[:size])
        if country in IN_FRONT.get(form, ()) or form in OWN_SCRIPT:
            del left[:size]
            break
    return [part for word in left if (part := _unglued(word, len(left)))]


def _unglued(word, size):
    """Return a word without the legal form that is written together with it."""
    if word.isascii():
        return word
    rest = GLUED.sub("", word, count=1)
    rest = GLUED.sub("", rest, count=1)
    return rest or ("" if size > 1 else word)


def is_unspaced(word):
    """Say whether a word is several, of a script that puts no spaces between them.

    >>> is_unspaced("青空书房"), is_unspaced("abcd"), is_unspaced("山田")
    (True, False, False)
    """
    if word.isascii() or len(word) < 4:
        return False
    return unicodedata.name(word[0], "").startswith(_UNSPACED)


def is_syllabic(word):
    """Say whether each character of a word is a syllable or a word itself, so that
    another one hardly is a slip.

    >>> is_syllabic("박지훈"), is_syllabic("ann"), is_syllabic("バス")
    (True, False, False)
    """
    return not word.isascii() and unicodedata.name(word[0], "").startswith(_SYLLABIC)


def acronym(found, least=3):
    """Return the initials of at least three words.

    :param least: … or of at least that many

    >>> acronym(("international", "business", "machines")), acronym(("acme", "trading"))
    ('ibm', '')
    """
    return "".join(one[0] for one in found) if len(found) >= least else ""
