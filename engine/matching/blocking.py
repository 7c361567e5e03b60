"""Which leads are worth comparing: those that share a key.

A key is a number made of values of a lead that duplicates are likely to share even
where other values are missing or misspelt: an e-mail address, or two words that sound
alike in two fields. Most keys combine two values, because one alone, such as a town, is
shared by too many. Comparing decides; keys only say who is compared.
"""

from hashlib import blake2b
from math import log2
from string import ascii_lowercase

from ..contact import is_free_mail, is_role
from ..phones import phone_core
from .frequency import OWN, SMALLEST
from .legal_forms import TRADES
from .names import acronym, split_generation
from .similarity import sound

#: Keys of one lead, at most.
MAX_KEYS = 26
#: Leads that share a key, at most: beyond, another key has to be shared as well. The
#: more leads there are, the fewer, so that a scan takes no longer than its leads.
LARGEST_BLOCK, SMALLEST_BLOCK, COMPARED = 200, 24, 400_000


def max_block(total):
    """Return the number of leads that may share a key, of a database of `total` leads.

    >>> max_block(500), max_block(10_000), max_block(1_000_000)
    (200, 40, 24)
    """
    return int(min(LARGEST_BLOCK, max(SMALLEST_BLOCK, COMPARED / max(total, 1))))


def max_weak_block(total):
    """Return the number of leads that may share a key of a `WEAK` kind: what many share
    says little, and half of little is not worth finding out.

    >>> max_weak_block(500), max_weak_block(10_000), max_weak_block(1_000_000)
    (200, 40, 8)
    """
    return int(min(LARGEST_BLOCK, max(SMALLEST_BLOCK // 3, COMPARED / max(total, 1))))


def counted(total):
    """Return the number of leads that the telling power of a key is measured by."""
    return max(total, SMALLEST)


def enough(total):
    """Return in bits what the shared keys of two leads must say before they are
    compared.

    >>> enough(1_000), round(enough(1_000_000), 1)
    (0.0, 27.9)
    """
    everything = log2(counted(total))
    return min(1.4 * everything, 4.0 * (everything - log2(SMALLEST)))


#: Kinds of keys one of which is enough to compare two leads, unless more of them share
#: it than share any other key: a switchboard then says no more than that.
SURE = OWN | {"k"}
#: Kinds of keys that say half as much: others repeat what they say.
WEAK = frozenset("nt ct nf ni n1 c1 cd es ai".split())


def number(key):
    """Return a key as the database stores it: a signed number of 64 bits.

    The last bit is set for `SURE` kinds, the one before for `WEAK` ones, so that the
    database can tell.

    >>> number("e ann@acme.com") == number("e ann@acme.com") != number("e bob@acme.com")
    True
    >>> [number(key) % 4 for key in ("e ann@acme.com", "n1 an", "nn an l")]
    [1, 2, 0]
    """
    digest = blake2b(key.encode(), digest_size=8).digest()
    code = int.from_bytes(digest, "big", signed=True) & ~3
    kind = key.partition(" ")[0]
    return code | (1 if kind in SURE else 2 if kind in WEAK else 0)


def keys(profile):
    """Return the keys of a lead, the most telling ones first.

    >>> from .profile import build
    >>> one = build({"persons": ["Jon Smith"], "zip": "1000", "email": "jon@acme.com"})
    >>> two = build({"persons": ["Smyth, John"], "zip": "1000"})
    >>> sorted({*keys(one)} & {*keys(two)})  # doctest: +NORMALIZE_WHITESPACE
    ['n1 jn', 'n1 smt', 'ni jn s 1000', 'ni smt j 1000', 'nn jn smt', 'nz jn 1000',
     'nz smt 1000']
    """
    found = [f"{kind} {value}" for kind, value in own_values(profile)]
    found += [f"vn {one.lstrip(ascii_lowercase)}" for one in profile.vats]
    if profile.partner:
        found.append(f"k {profile.partner}")
    if profile.entity:
        found.append(f"ke {profile.entity}")
    found += _email_keys(profile)
    places = _places(profile)
    for name in profile.persons:
        name, _generation = split_generation(name)
        found += _name_keys("n", _sounds(name), places)
        found += _initial_keys(name, profile)
        found += [f"nf {word[:3]}" for word in name[:3] if len(word) > 2]
    for name in profile.companies:
        found += _company_keys(name, places, profile.domains)
    found += _address_keys(profile)
    return list(dict.fromkeys(found))[:MAX_KEYS]


def own_values(profile):
    """Yield (kind, value) of what one prospect has for itself."""
    for kind, values in (("e", profile.emails), ("v", profile.vats)):
        for value in values:
            yield kind, value
    for phone in profile.phones:
        yield "p", phone_core(phone)


def _email_keys(profile):
    for one in profile.emails:
        local, _at, domain = one.partition("@")
        letters = "".join(each for each in local if each.isalnum())
        if is_role(local):
            continue
        if len(letters) > 4:
            yield f"el {letters}"
        if not is_free_mail(domain):
            yield f"ed {letters[:2]} {domain}"
        yield f"es {letters[:4]}"


def _places(profile):
    """Return what says where a lead is, each under a name of its own."""
    city = "".join(profile.city)
    town = sound(city)[:4] if city.isascii() else city
    found = (("z", profile.postcode), ("t", town))
    return [(kind, value) for kind, value in found if value]


def _long(words):
    return [word for word in words if len(word) > 1][:4] or list(words[:1])


def _sounds(words):
    return sorted({sound(word) or word for word in _long(words)})


def _initial_keys(name, profile):
    """Yield keys of what is left of a name that is misspelt: its initials, together
    with another word and the postcode, or with the address."""
    words = _long(name)[:3]
    if profile.postcode:
        for word in words:
            for other in words:
                if other != word:
                    yield f"ni {sound(word) or word} {other[0]} {profile.postcode}"
    street = "".join(profile.street)[:4]
    for house in profile.numbers[:1] if street else ():
        for word in words[:2]:
            yield f"ai {house} {street} {word[0]}"


def _name_keys(kind, sounds, places):
    for position, one in enumerate(sounds):
        for other in sounds[position + 1 :]:
            yield f"{kind}n {one} {other}"
    for one in sounds[:3]:
        yield f"{kind}1 {one}"
        for place, value in places:
            yield f"{kind}{place} {one} {value}"


def _company_keys(name, places, domains):
    own = [word for word in name if word not in TRADES] or list(name)
    yield f"c {''.join(name)}"
    if initials := acronym(name):
        yield f"c {initials}"
    yield from _name_keys("c", _sounds(own), places)
    for domain in domains[:1]:
        yield f"cd {sound(own[0])} {domain}"
        if initials := acronym(name, 2):
            yield f"cd {sound(initials)} {domain}"


def _address_keys(profile):
    street = "".join(profile.street)
    second = "".join(profile.street2)
    for house in profile.numbers[:1]:
        if street:
            yield f"a {house} {street[:6]}"
        if profile.postcode:
            yield f"az {house} {profile.postcode}"
    if profile.postcode and street:
        yield f"as {profile.postcode} {street[:4]}"
    if street and second:
        yield f"a2 {min(street, second)[:4]} {max(street, second)[:4]}"
