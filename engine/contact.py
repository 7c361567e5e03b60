"""E-mail addresses, phone numbers, web sites and tax numbers in comparable form."""

import re

from .limits import ADDRESSES, COMPARED
from .matching.mail_domains import (
    DUMMY_DOMAINS,
    FREE_MAIL,
    IGNORES_DOTS,
    ROLES,
    SAME_PROVIDER,
    SECOND_LEVELS,
)
from .normalize import DUMMIES, digits, fold, storable

#: Values of one kind that a lead is compared by.
MAX_VALUES = 4
_ADDRESS = re.compile(
    r"[^\s<>()\[\]\",;:@|]{1,64}@[^\s<>()\[\]\",;:@|/?!*]{1,100}", re.UNICODE
)
#: The same in a text of any length: a run of letters is gone through once, however long
#: it is, as an address begins where one does.
_WRITTEN = re.compile(
    r"(?<![\w.+%-])[\w.+%-]+@[\w.-]+\.[a-z]{2,63}", re.ASCII | re.IGNORECASE
)
_PHONE_SEPARATOR = re.compile(r"[;,|\n]|\bor\b|\bou\b|\boder\b", re.IGNORECASE)
_EXTENSION = re.compile(r"(?:ext|extension|poste|dw|#)\.?\s*\d+\s*$", re.IGNORECASE)
_NO_LETTER = re.compile(r"[.\-_0-9]")
_SCHEME = re.compile(r"^[a-z]+:/*")
_PATH = re.compile(r"[/?#:\s]")
_HOST = re.compile(r"\A(?:[\w-]+\.)+[\w-]+\Z")
#: National prefix that is dialled before a number, and dropped after a country code.
_TRUNK = "0"
_MIN_DIGITS = 6
_SEQUENCES = ("0123456789012345", "9876543210987654")


def emails(text):
    """Return the e-mail addresses in `text`, as their provider understands them.

    >>> emails('"Ann Lee" <Ann.Lee+crm@GoogleMail.com>, sales@acme.com')
    ('annlee@gmail.com', 'sales@acme.com')
    >>> emails("none@"), emails("n/a"), emails("test@test.com"), emails("no@email.com")
    ((), (), (), ())
    """
    found = _ADDRESS.findall(storable((text or "")[:ADDRESSES]))
    canonical = (canonical_email(one) for one in found)
    return tuple(dict.fromkeys(one for one in canonical if one))[:MAX_VALUES]


def find_written(text):
    """Return each e-mail address in a text of any length, as it is written there.

    >>> find_written("Ann <ann@acme.com>, b@x.org; ann@acme.com, @, c@d")
    ['ann@acme.com', 'b@x.org']
    """
    return list(dict.fromkeys(_WRITTEN.findall(text)))


def canonical_email(address):
    """Return one address in canonical form; None if it is a dummy.

    >>> canonical_email("Bob+x@Example.COM"), canonical_email("unknown@unknown.com")
    ('bob@example.com', None)
    """
    local, _at, domain = address.strip(".'").casefold().rpartition("@")
    domain = domain.strip(".-")
    domain = SAME_PROVIDER.get(domain, domain)
    if domain.startswith("www."):
        domain = domain[4:]
    local = local.partition("+")[0] or local
    if domain in IGNORES_DOTS:
        local = local.replace(".", "")
    if not local or not domain or is_dummy_email(local, domain):
        return None
    return f"{local}@{domain}"


def is_dummy_email(local, domain):
    """Say whether an address was typed to fill the field.

    >>> is_dummy_email("none", "acme.com"), is_dummy_email("info", "acme.com")
    (True, False)
    >>> is_dummy_email("test1", "test1.com"), is_dummy_email("test1", "example.com")
    (True, False)
    """
    if domain in DUMMY_DOMAINS or "." not in domain and len(domain) < 6:
        return True
    if local.strip(".-_") in _NO_ANSWER or len(set(local)) == 1 and len(local) > 1:
        return True
    name, _dot, _suffix = domain.partition(".")
    return all(part.strip(_PADDING) in _FILLERS for part in (local, name))


_PADDING = ".-_0123456789"
#: Local parts of addresses that nobody reads, at whatever domain.
_NO_ANSWER = frozenset(
    "none null nil na nn tbd tba unknown anonymous anonym nobody noname unbekannt "
    "inconnu inconnue desconocido desconocida sconosciuto onbekend ukjent okand "
    "nieznany nezname neznamy undefined asdf asdfasdf qwerty qwertz azerty xxx xx no "
    "non nein noemail nomail no-email no.email no-mail no-reply noreply donotreply "
    "do-not-reply nospam aucun keine dummy fake".split()
)
#: Words that are no answer where they stand on both sides of the @.
_FILLERS = _NO_ANSWER | (
    DUMMIES - {"contact", "demo", "client", "example", "lead", "prospect"}
)


def is_role(local):
    """Say whether an office, not a person, reads what is sent there.

    >>> is_role("info"), is_role("sales-france"), is_role("salesman.bob")
    (True, True, False)
    """
    return _NO_LETTER.split(local, maxsplit=1)[0] in ROLES


def phones(text, calling_code=None):
    """Return the phone numbers in `text` as digits, international where that is known.

    A number that is known to be international begins with ``+``.

    :param calling_code: of the country that national numbers belong to

    >>> phones("02 345 61 80 / +32 (0)475 12 34 56", 32)
    ('+3223456180', '+32475123456')
    >>> phones("0032 2 345 61 80"), phones("02/345.61.80")
    (('+3223456180',), ('23456180',))
    >>> phones("0000"), phones("123456789"), phones("n/a"), phones("+33 1 11 11 11 11")
    ((), (), (), ())
    """
    text = _EXTENSION.sub("", (text or "")[:COMPARED])
    parts = []
    for part in _PHONE_SEPARATOR.split(text):
        pieces = part.split("/")
        # A slash may also stand behind the area code.
        whole = all(len(digits(piece)) >= _MIN_DIGITS for piece in pieces)
        parts += pieces if whole else [part]
    numbers = [_phone(part, calling_code) for part in parts]
    if not any(numbers):  # the separators were within the number
        numbers = [_phone(text, calling_code)]
    return tuple(dict.fromkeys(one for one in numbers if one))[:MAX_VALUES]


def _phone(text, calling_code):
    number = digits(text.replace("(0)", ""))
    international = text.strip().startswith(("+", "(+")) or number.startswith("00")
    number = number.lstrip("0") if number.startswith("00") else number
    code = str(calling_code or "")
    if not international:
        national = number.removeprefix(_TRUNK)
        if code and code != "1" and number.startswith(code) and len(number) > 10:
            number, international = number, True
        elif code == "1" and len(national) == 11 and national.startswith("1"):
            number, international = national, True
        else:
            number, international = code + national, bool(code)
    if is_dummy_phone(number, code):
        return None
    return f"+{number}" if international else number


def is_dummy_phone(number, code=""):
    """Say whether nobody has this number.

    >>> [is_dummy_phone(text) for text in ("12345678", "5550123", "99999999")]
    [True, False, True]
    """
    national = number.removeprefix(code)
    if not _MIN_DIGITS <= len(number) <= 17 or len(set(national[-7:])) < 2:
        return True
    return any(national in sequence for sequence in _SEQUENCES)


def phone_core(number):
    """Return the digits by which a number is found, however its country is written.

    >>> phone_core("+3223456789"), phone_core("23456789")
    ('23456789', '23456789')
    """
    return number.lstrip("+")[-8:]


def business_domain(text):
    """Return the registered domain of a web site or e-mail address.

    Empty for providers at which everybody can have an address.

    >>> [business_domain(text) for text in (
    ...     "https://www.shop.Acme.co.uk/x?y", "a@gmail.com")]
    ['acme.co.uk', '']
    """
    host = (text or "")[:COMPARED].casefold().strip()
    host = host.rpartition("@")[2] if "@" in host and "/" not in host else host
    host = _SCHEME.sub("", host)
    host = _PATH.split(host, maxsplit=1)[0].strip(".")
    labels = host.split(".")
    if len(labels) < 2 or not _HOST.match(host):
        return ""
    size = 3 if len(labels) > 2 and labels[-2] in SECOND_LEVELS else 2
    domain = ".".join(labels[-size:])
    is_known = any(one in FREE_MAIL or one in DUMMY_DOMAINS for one in (host, domain))
    return "" if is_known or domain.startswith("example.") else domain


def vat(text):
    """Return a tax number without what is only decoration.

    >>> vat("BE 0477.472.701"), vat("/"), vat("0000000")
    ('be0477472701', '', '')
    """
    number = fold(text).replace(" ", "")
    enough = len(number) > 5 and sum(one.isdigit() for one in number) > 4
    return number if enough and len(set(number)) > 2 else ""
