"""What of one lead is compared, ready to be compared and to be stored.

How to use it: `build` makes a profile of what is known of a lead, `encode` a line of
text of it, `decode` a profile again. Everything expensive happens in `build`, once for
each change of a lead; comparing reads nothing but profiles.
"""

from typing import NamedTuple

from .. import contact
from ..normalize import fold, storable
from ..phones import phones as read_phones
from . import address, names

#: Alternatives of one kind: what leads that were merged into this one said.
MAX_ALTERNATIVES = 4


class Profile(NamedTuple):
    """One lead, as it is compared.

    :param emails: canonical addresses
    :param phones: numbers, with ``+`` where they are known to be international
    :param persons: names, each a tuple of words
    :param companies: names, each a tuple of words
    :param domains: registered domains of its own, of e-mail and web site
    :param vats: tax numbers
    :param numbers: house numbers
    :param street: words of the street
    :param street2: words of the second line
    :param postcode: without spaces
    :param city: its words
    :param state: of the country
    :param country: its code
    :param partner: id of the customer
    :param entity: id of the customer's commercial entity
    """

    emails: tuple = ()
    phones: tuple = ()
    persons: tuple = ()
    companies: tuple = ()
    domains: tuple = ()
    vats: tuple = ()
    numbers: tuple = ()
    street: tuple = ()
    street2: tuple = ()
    postcode: str = ""
    city: tuple = ()
    state: str = ""
    country: str = ""
    partner: str = ""
    entity: str = ""


_NESTED = frozenset({"persons", "companies"})


def _parts(text):
    return tuple(text.split("|"))


def _names(text):
    return tuple(tuple(one.split()) for one in text.split("|"))


#: Field → its place, from 1 on, in what `encode` writes, between tabs.
PLACES = {name: place for place, name in enumerate(Profile._fields, start=1)}
#: For each field: how what `encode` wrote of it is read, and what stands for nothing.
_READERS = tuple(
    (str if nothing == "" else _names if name in _NESTED else _parts, nothing)
    for name, nothing in Profile._field_defaults.items()
)


def build(values):
    """Return the profile of a lead.

    :param values: a mapping that may have the texts ``email``, ``phone``, ``website``,
        ``vat``, ``street``, ``street2``, ``zip``, ``city``, ``state``, ``country``, the
        lists of texts ``vats``, ``persons`` and ``companies``, ``phone_country`` (code
        of the country that national phone numbers belong to, and, where ``country``
        is missing, the name of the company), ``partner`` and ``entity``

    The name that stands before an e-mail address is left out: it is whatever somebody's
    program or web form writes there.

    >>> one = build({"email": '"Front Desk" <Ann@Acme.com>', "phone": "02 345 61 80",
    ...              "companies": ["Acme Inc."], "persons": ["Ann Lee"],
    ...              "phone_country": "BE"})
    >>> one.emails, one.phones, one.persons
    (('ann@acme.com',), ('+3223456180',), (('ann', 'lee'),))
    >>> one.companies, one.domains
    ((('acme',),), ('acme.com',))
    >>> decode(encode(one)) == one
    True
    """
    values = {name: _storable(value) for name, value in values.items()}
    email = values.get("email") or ""
    emails = contact.emails(email)
    sites = [*emails, values.get("website")]
    domains = (contact.business_domain(one) for one in sites if one)
    numbers, street = address.street(values.get("street"))
    more, street2 = address.street(values.get("street2"))
    land = values.get("country") or values.get("phone_country") or ""
    vats = map(contact.vat, values.get("vats") or (values.get("vat"),))

    def company(text):
        return names.company(text, land)

    return Profile(
        emails=emails,
        phones=read_phones(values.get("phone"), values.get("phone_country")),
        persons=_alternatives(names.person, values.get("persons") or ()),
        companies=_alternatives(company, values.get("companies") or ()),
        domains=tuple(dict.fromkeys(one for one in domains if one)),
        vats=tuple(dict.fromkeys(vat for vat in vats if vat)),
        numbers=numbers,
        street=street,
        street2=street2 + more,
        postcode=address.postcode(values.get("zip")),
        city=address.city(values.get("city")),
        state=fold(values.get("state")),
        country=fold(values.get("country")),
        partner=str(values.get("partner") or ""),
        entity=str(values.get("entity") or ""),
    )


def _storable(value):
    if isinstance(value, str):
        return storable(value)
    return [storable(one) for one in value if one] if isinstance(value, list) else value


def _alternatives(parse, texts):
    found = dict.fromkeys(parse(text) for text in texts if text)
    return tuple(one for one in found if one)[:MAX_ALTERNATIVES]


def encode(profile):
    """Return `profile` as one line of text."""
    return "\t".join(map(_encode, profile))


def _encode(value):
    if isinstance(value, str):
        return value
    return "|".join(" ".join(one) if isinstance(one, tuple) else one for one in value)


def decode(text):
    """Return the profile that `encode` wrote."""
    parts = zip(_READERS, text.split("\t"), strict=True)
    return Profile(
        *[read(part) if part else nothing for (read, nothing), part in parts]
    )
