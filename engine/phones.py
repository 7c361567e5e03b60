"""Phone numbers as people write them, read by the rules of each country.

The rules are Google's, kept in `phonenumbers`. Around it stands what is no number: what
a spreadsheet made of one, labels, invisible characters, numbers that nobody has.
"""

import re
from functools import lru_cache

import phonenumbers

from .limits import COMPARED
from .normalize import digits, visible

#: Numbers of one lead that are compared.
MAX_VALUES = 4
#: Stands between a number and its extension.
EXTENSION = "x"
_SEPARATOR = re.compile(r"[;,|\n]|\bor\b|\bou\b|\boder\b", re.IGNORECASE)
#: What `phonenumbers` does not know as the word before an extension.
_OTHER_EXTENSION = re.compile(
    r"(?:;\s*ext=|\b(?:poste|dw|durchwahl|ramal|toestel|tst|interno)\b\.?"
    r"|内线|內線|内線|내선)\s*:?\s*(?=\d{1,6}\s*\Z)",
    re.IGNORECASE,
)
#: What a spreadsheet makes of a long number: its last digits are gone.
_SCIENTIFIC = re.compile(r"(?<![\d.,])\d(?:[.,]\d{1,20})?[eE]\+?\d{1,2}(?!\d)")
#: … or of a number that it reads as one with decimals.
_DECIMAL = re.compile(r"\A\s*\+?\d{6,20}[.,]0{1,2}\s*\Z")
_LETTERS = re.compile(r"[^\W\d_]+(?:\s*[.:])?")
_MIN_DIGITS = 6
_SEQUENCES = ("0123456789012345", "9876543210987654")


def phones(text, country=None):
    """Return the phone numbers in `text` as digits, international where that is known.

    A number that is known to be international begins with ``+``; an extension follows
    after ``x``.

    :param country: code of the country that national numbers belong to

    >>> phones("02 345 61 80 / +32 (0)475 12 34 56", "BE")
    ('+3223456180', '+32475123456')
    >>> phones("0032 2 345 61 80"), phones("02/345.61.80")
    (('+3223456180',), ('23456180',))
    >>> phones("8 (812) 330-21-47", "RU"), phones("02 4801 7733", "IT")
    (('+78123302147',), ('+390248017733',))
    >>> phones("Tel.: +1 415 555 2671 ext. 204"), phones("1-800-FLOWERS", "US")
    (('+14155552671x204',), ('+18003569377',))
    >>> phones("4.93023E+11", "DE"), phones("3223456180.0", "BE")
    ((), ('+3223456180',))
    >>> phones("0000"), phones("123456789"), phones("n/a"), phones("+33 1 11 11 11 11")
    ((), (), (), ())
    """
    return _phones(visible((text or "")[:COMPARED]), (country or "").upper() or None)


@lru_cache(maxsize=20_000)
def _phones(text, country):
    text = _OTHER_EXTENSION.sub(" ext. ", _SCIENTIFIC.sub("", text))
    parts = []
    for part in _SEPARATOR.split(text):
        pieces = part.split("/")
        # A slash may also stand behind the area code.
        whole = all(len(digits(piece)) >= _MIN_DIGITS for piece in pieces)
        parts += pieces if whole else [part]
    numbers = [_phone(part, country) for part in parts]
    if not any(numbers):  # the separators were within the number
        numbers = [_phone(text, country)]
    return tuple(dict.fromkeys(one for one in numbers if one))[:MAX_VALUES]


def _phone(text, country):
    if _DECIMAL.match(text):
        text = without_decimals(text)
    number = _read(text, country)
    if number is None:
        return _plain(text)
    national = phonenumbers.national_significant_number(number)
    if is_dummy_phone(national):
        return None
    whole = f"+{number.country_code}{national}"
    return f"{whole}{EXTENSION}{number.extension}" if number.extension else whole


def without_decimals(text):
    """Return a number without the decimals that a spreadsheet gave it.

    >>> without_decimals("3223456180.0")
    '3223456180'
    """
    return text.replace(",", ".").partition(".")[0]


def _read(text, country):
    """Return the number that the rules of a country find in `text`, if any.

    Letters are labels, unless only as digits they make a number: 1-800-FLOWERS.
    """
    plain = text.strip()
    if plain.startswith("00") and not plain.startswith("000"):
        plain = f"+{plain[2:]}"
    found = _parse(plain, country)
    if found and phonenumbers.is_valid_number(found):
        return found
    if _LETTERS.search(plain):
        bare = _parse(_LETTERS.sub(" ", plain), country)
        if bare and phonenumbers.is_valid_number(bare):
            return bare
        found = bare or found
    # numbers that are too new for the rules, or not given out yet
    return found if found and phonenumbers.is_possible_number(found) else None


def _parse(text, country):
    try:
        return phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None


def _plain(text):
    """Return the digits of what no rule reads, as where no country is known."""
    number = digits(text.replace("(0)", ""))
    international = text.strip().startswith(("+", "(+")) or number.startswith("00")
    number = number.lstrip("0") if number.startswith("00") else number
    if not international:
        number = number.removeprefix("0")
    if is_dummy_phone(number):
        return None
    return f"+{number}" if international else number


def is_dummy_phone(number):
    """Say whether nobody has this number.

    >>> [is_dummy_phone(text) for text in ("12345678", "5550123", "99999999")]
    [True, False, True]
    """
    if not _MIN_DIGITS <= len(number) <= 17 or len(set(number[-7:])) < 2:
        return True
    return any(number in sequence for sequence in _SEQUENCES)


def without_extension(number):
    """Return a number without its extension, and the extension.

    >>> without_extension("+14155552671x204"), without_extension("23456789")
    (('+14155552671', '204'), ('23456789', ''))
    """
    number, _x, extension = number.partition(EXTENSION)
    return number, extension


def phone_core(number):
    """Return the digits by which a number is found, however its country is written.

    >>> phone_core("+3223456789"), phone_core("23456789x12")
    ('23456789', '23456789')
    """
    return number.partition(EXTENSION)[0].lstrip("+")[-8:]
