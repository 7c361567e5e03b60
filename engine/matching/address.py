"""Addresses: house numbers, streets, postcodes and towns in comparable form."""

import re

from ..normalize import MAX_WORDS, fold, is_dummy

_NUMBER = re.compile(r"^\d+[a-z]?$")
_GLUED = re.compile(
    r"(strasse|str|straat|weg|laan|platz|plein|gasse|gata|gatan|vej|vagen)$"
)
#: How the same kind of street is written.
_KINDS = {
    one: line.split()[0]
    for line in """
    street st str strasse straat
    avenue ave av aven avda avenida
    road rd
    boulevard blvd bd bld boul
    lane ln
    drive dr drv
    court ct crt
    place pl plaza
    square sq
    crescent cres cr crsnt
    circuit cct circ
    close cl
    terrace tce terr
    parade pde
    highway hwy
    grove gr grv
    parkway pkwy
    rue r
    calle c
    chemin ch
    route rte
    north n nord norte
    south s sud sur
    east e est este
    west w ouest oeste
    saint sankt sint
    building bldg bld
    apartment apt appartement
    suite ste
    floor fl
    mount mt
    """.strip().splitlines()
    for one in line.split()
}


def street(text):
    """Return the house numbers and the words of a street.

    >>> street("12 Main St."), street("Hauptstraße 5a"), street("PO Box")
    ((('12',), ('main', 'street')), (('5a',), ('haupt', 'street')), ((), ('po', 'box')))
    """
    if is_dummy(text):
        return (), ()
    numbers, others = [], []
    for word in fold(text).split():
        if _NUMBER.match(word):
            numbers.append(word.lstrip("0") or "0")
        elif len(word) > 6 and (glued := _GLUED.search(word)):
            others += [word[: glued.start()], _KINDS.get(glued[0], glued[0])]
        else:
            others.append(_KINDS.get(word, word))
    return tuple(numbers[:3]), tuple(dict.fromkeys(others))[:MAX_WORDS]


def postcode(text):
    """Return a postcode without spaces.

    >>> postcode("SW1A 1AA"), postcode("B-1000"), postcode("00000")
    ('sw1a1aa', '1000', '')
    """
    code = fold(text)
    head, space, tail = code.partition(" ")
    if space and head.isalpha() and len(head) <= 2 and tail.isdigit() and len(tail) > 3:
        code = tail
    code = code.replace(" ", "")[:12]
    return "" if len(set(code)) < 2 and code in ("", "0" * len(code)) else code


def city(text):
    """Return the words of a town.

    >>> city("Saint-Étienne CEDEX 2"), city("n/a")
    (('saint', 'etienne'), ())
    """
    if is_dummy(text):
        return ()
    found = (_KINDS.get(one, one) for one in fold(text).split())
    return tuple(one for one in found if one != "cedex" and not one.isdigit())[:5]
