"""E-mail addresses, phone numbers, web sites and tax numbers in comparable form."""

import re
import unicodedata
from functools import lru_cache

import idna
from publicsuffixlist import PublicSuffixList

from .limits import ADDRESSES, COMPARED
from .matching.mail_domains import (
    BRANDS,
    DUMMY_DOMAINS,
    FREE_MAIL,
    IGNORES_DOTS,
    ROLES,
    SAME_PROVIDER,
)
from .normalize import DUMMIES, fold, storable, visible

#: Values of one kind that a lead is compared by.
MAX_VALUES = 4
_ADDRESS = re.compile(
    r"[^\s<>()\[\]\",;:@|、]{1,64}@[^\s<>()\[\]\",;:@|、/?!*]{1,100}", re.UNICODE
)
#: The same in a text of any length: a run of letters is gone through once, however long
#: it is, as an address begins where one does.
_WRITTEN = re.compile(
    r"(?<![\w.+%-])[\w.+%-]+@[\w.-]+\.[a-z]{2,63}", re.ASCII | re.IGNORECASE
)
_NO_LETTER = re.compile(r"[.\-_0-9]")
_SCHEME = re.compile(r"^[a-z]+:/*")
_PATH = re.compile(r"[/?#:\s]")
_HOST = re.compile(r"\A(?:[^\W_][^\s.]*\.)+[^\s.]+\Z")
#: The public suffix list, with what providers let anybody register under.
_SUFFIXES = PublicSuffixList()


def emails(text):
    """Return the e-mail addresses in `text`, as their provider understands them.

    >>> emails('"Ann Lee" <Ann.Lee+crm@GoogleMail.com>, sales@acme.com')
    ('annlee@gmail.com', 'sales@acme.com')
    >>> emails("mailto:nora@hill.org;Nora.Hill@MÜHLE.de."), emails("a@xn--mhle-0ra.de")
    (('nora@hill.org', 'nora.hill@mühle.de'), ('a@mühle.de',))
    >>> emails("none@"), emails("n/a"), emails("test@test.com"), emails("no@email.com")
    ((), (), (), ())
    """
    found = _ADDRESS.findall(visible(storable((text or "")[:ADDRESSES])))
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
    domain = _readable(domain.strip(".-"))
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


@lru_cache(maxsize=20_000)
def registered_domain(host):
    """Return the part of a host name that somebody has registered; empty where the
    host itself is one under which anybody registers.

    >>> registered_domain("www.shop.acme.co.uk"), registered_domain("kiln.github.io")
    ('acme.co.uk', 'kiln.github.io')
    >>> registered_domain("github.io"), registered_domain("xn--mhle-0ra.example")
    ('', 'mühle.example')
    """
    return _SUFFIXES.privatesuffix(_readable(host)) or ""


@lru_cache(maxsize=20_000)
def _readable(domain):
    """Return a domain in the letters of its owner, whichever notation it is written in.

    >>> _readable("MÜHLE.example"), _readable("xn--mhle-0ra.example")
    ('mühle.example', 'mühle.example')
    """
    if domain.isascii() and "xn--" not in domain:
        return domain
    try:
        return idna.decode(domain, uts46=True)
    except (idna.IDNAError, UnicodeError):  # nobody has it
        return unicodedata.normalize("NFC", domain)


def is_free_mail(domain):
    """Say whether everybody can have an address there.

    >>> [is_free_mail(one) for one in ("gmail.com", "yahoo.com.pe", "acme.com")]
    [True, True, False]
    """
    if domain in FREE_MAIL:
        return True
    name, _dot, suffix = domain.partition(".")
    return name in BRANDS and suffix == _SUFFIXES.publicsuffix(domain)


@lru_cache(maxsize=20_000)
def business_domain(text):
    """Return the registered domain of a web site or e-mail address.

    Empty for providers at which everybody can have an address or a page.

    >>> [business_domain(text) for text in (
    ...     "https://www.shop.Acme.co.uk/x?y", "a@gmail.com", "a.tern.ltd.uk")]
    ['acme.co.uk', '', 'tern.ltd.uk']
    """
    host = visible((text or "")[:COMPARED]).casefold().strip()
    host = host.rpartition("@")[2] if "@" in host and "/" not in host else host
    host = _SCHEME.sub("", host)
    host = _readable(_PATH.split(host, maxsplit=1)[0].strip("."))
    if not _HOST.match(host):
        return ""
    domain = registered_domain(host)
    is_known = any(is_free_mail(one) or one in DUMMY_DOMAINS for one in (host, domain))
    return "" if is_known or domain.startswith("example.") else domain


def vat(text):
    """Return a tax number without what is only decoration.

    >>> vat("BE 0477.472.701"), vat("/"), vat("0000000")
    ('be0477472701', '', '')
    """
    number = fold(text).replace(" ", "")
    enough = len(number) > 5 and sum(one.isdigit() for one in number) > 4
    return number if enough and len(set(number)) > 2 else ""
