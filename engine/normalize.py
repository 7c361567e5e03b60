"""From what people type to what can be compared: letters, words, dummies.

Every value goes through `fold` first, which cuts it off at a length no honest value
has (`limits`).
"""

import re
import unicodedata
from functools import lru_cache

from .limits import COMPARED
from .transliteration import CHARACTERS

#: Words of a value that are compared.
MAX_WORDS = 8

_NO_WORD = re.compile(r"[\W_]+")
#: Within a word: an apostrophe, a full stop, the quotes of Hebrew abbreviations.
_APOSTROPHE = re.compile(r"(?<=\w)['’`´.](?=\w)|(?<=[א-ת])[\"״](?=[א-ת])")

#: What people type where they have nothing to say.
DUMMIES = frozenset(
    "unknown none null nil na n a nn tbd tba test tests testing tester dummy fake foo "
    "bar baz asdf asdfasdf qwerty qwertz azerty xxx xx x xyz abc anonymous anonym "
    "nobody noname noreply unbekannt inconnu inconnue desconocido desconocida "
    "sconosciuto onbekend ukjent okand nieznany nezname neznamy undefined empty blank "
    "void default sample example demo temp guest visitor contact customer client lead "
    "prospect user admin name firstname lastname surname company".split()
)


def fold(text):
    """Return `text` in plain small letters, digits and single spaces.

    Accents and case go, other alphabets that have a usual Latin spelling get it, every
    other script stays as it is.

    >>> fold("  Škoda-Auto, a.s. "), fold("Müller"), fold("Ærøskøbing"), fold(None)
    ('skoda auto as', 'muller', 'aeroskobing', '')
    >>> fold("Дмитрий Иванов"), fold("Χρήστος")
    ('dmitrii ivanov', 'christos')
    >>> fold("田中さん"), fold("Ｏｆｆｉｃｅ"), fold("１२ ٣٤")
    ('田中さん', 'office', '12 34')

    Marks that make another letter are kept, traditional characters simplified.

    >>> fold("バス") == fold("パス"), fold("मीना") == fold("मोना"), fold("陳麗華")
    (False, False, '陈丽华')
    >>> len(fold("x" * 10_000))
    200
    """
    if not text or not isinstance(text, str):
        return ""
    return _fold(text[:COMPARED])


@lru_cache(maxsize=20_000)
def _fold(text):
    text = _APOSTROPHE.sub("", text.casefold())
    if text.isascii():
        text = _NO_WORD.sub(" ", text)
    else:
        text = unicodedata.normalize("NFKD", text).casefold().translate(CHARACTERS)
        text = unicodedata.normalize("NFC", text)
    return " ".join(text[:COMPARED].split())


def storable(text):
    """Return `text` without what no database keeps, and so no lead says.

    >>> storable("ann\\0@acme.com")
    'ann@acme.com'
    """
    return text.replace("\0", "")


def visible(text):
    """Return `text` without characters that nobody sees, wide ones made narrow.

    >>> visible("\u202aann＠acme.com\u202c")
    'ann@acme.com'
    """
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKC", text)
    return "".join(one for one in text if unicodedata.category(one) != "Cf")


def words(text):
    """Return the words of `text`, folded, each once, in their order.

    >>> words("O'Neill & Sons & Sons")
    ('oneill', 'sons')
    """
    return tuple(dict.fromkeys(fold(text).split()))[:MAX_WORDS]


def is_dummy(text):
    """Say whether `text` only fills a field that had to be filled.

    >>> [is_dummy(one) for one in ("N/A", "Unknown", "xxxx", "-", "0000", "Ann", "王")]
    [True, True, True, True, True, False, False]
    """
    folded = fold(text).split()
    return all(one in DUMMIES or _is_repeated(one) for one in folded)


def _is_repeated(word):
    """Say whether `word` is one character over and over, or a single Latin letter."""
    return len(set(word)) == 1 and (
        len(word) > 2 or word.isascii() and not word.isalpha()
    )


def digits(text):
    """Return the decimal digits of `text`, whatever script they are written in.

    >>> digits("+32 (0)2-٣٤٥")
    '3202345'
    """
    return "".join(
        str(unicodedata.digit(one))
        for one in (text or "")[:COMPARED]
        if one.isdecimal()
    )
