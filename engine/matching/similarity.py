"""How alike two words are: edit distance, and how they sound."""

import re
from functools import lru_cache
from unicodedata import category

#: Words are cached: names repeat, and most pairs are compared more than once.
CACHE = 60_000


def distance(one, other, most=None):
    """Count the letters to insert, delete, replace or swap with their neighbour.

    The columns of the usual table are the bits of integers (Hyyrö 2003), which makes it
    one step for each letter of `other`.

    :param most: give up, and return more than that, as soon as there will be more

    >>> distance("smith", "smiht"), distance("jones", "johnson"), distance("", "ab")
    (1, 4, 2)
    >>> distance("jones", "johnson", most=2) > 2
    True
    """
    if not one or not other:
        return len(one) + len(other)
    places = _places(one)
    mask, last = (1 << len(one)) - 1, 1 << len(one) - 1
    up, down, zero, before, steps = mask, 0, 0, 0, len(one)
    most = len(one) + len(other) if most is None else most
    left = len(other)
    for letter in other:
        here = places.get(letter, 0)
        swapped = ((~zero & here) << 1) & before
        zero = ((((here & up) + up) ^ up) | here | down | swapped) & mask
        right, down = (down | ~(zero | up)) & mask, zero & up
        left -= 1
        if right & last:
            steps += 1
        elif down & last:
            steps -= 1
        if steps - left > most:  # each letter left makes it one step less at best
            return steps - left
        right = (right << 1 | 1) & mask
        up, down = (down << 1 | ~(zero | right)) & mask, right & zero
        before = here
    return steps


@lru_cache(maxsize=CACHE)
def _places(text):
    """Return {letter: bits of the places where it stands}."""
    places = {}
    for position, letter in enumerate(text):
        places[letter] = places.get(letter, 0) | 1 << position
    return places


#: Texts less alike than this are not alike at all.
ALIKE = 0.6


def similarity(one, other):
    """Return how alike two texts are, from 0 to 1; 0 where it is less than `ALIKE`.

    >>> similarity("smith", "smith"), similarity("smith", "smyth"), similarity("a", "b")
    (1.0, 0.8, 0.0)

    A vowel sign is part of its letter.

    >>> similarity("मीना", "मोना")
    0.0
    """
    if one == other:
        return 1.0
    if not (one.isascii() and other.isascii()):
        one, other = letters(one), letters(other)
    return _similarity(one, other) if one < other else _similarity(other, one)


@lru_cache(maxsize=CACHE)
def letters(text):
    """Return a tuple of the letters of a text, each with the marks that belong to it.

    >>> letters("मीना") == ("मी", "ना")
    True
    """
    found = []
    for one in text:
        if found and category(one)[0] == "M":
            found[-1] += one
        else:
            found.append(one)
    return tuple(found)


@lru_cache(maxsize=CACHE)
def _similarity(one, other):
    longest = max(len(one), len(other))
    most = (1 - ALIKE) * longest + 1e-9
    # Each letter that only one of them has takes a step at least.
    if abs(len(one) - len(other)) > most or longest - _shared(one, other) > most:
        return 0.0
    steps = distance(one, other, most)
    return 0.0 if steps > most else 1 - steps / longest


def _shared(one, other):
    """Return how many letters two texts share, wherever they are."""
    shared = 0
    for letter in _letters(one):
        found = other.count(letter)
        if found:
            shared += min(found, one.count(letter)) if found > 1 else 1
    return shared


@lru_cache(maxsize=CACHE)
def _letters(text):
    return frozenset(text)


@lru_cache(maxsize=CACHE)
def same_letters(one, other):
    """Return how many letters two texts share, wherever they are, from 0 to 1.

    >>> same_letters("ferguson", "sergufon"), same_letters("swansea", "snawea") > 0.8
    (1.0, True)
    """
    longest = max(len(one), len(other))
    if not longest:
        return 1.0
    if 2 * abs(len(one) - len(other)) > longest:
        return 0.0
    return _shared(one, other) / longest


_SOUNDS = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"^(?:kn|gn|pn)", "n"),
        (r"^wr", "r"),
        (r"^ps", "s"),
        (r"sch|tsch|tch|sh|sz|cz|zh|ch", "x"),
        (r"ph|pf", "f"),
        (r"gh(?=t|$)", ""),
        (r"ck|qu|c(?=[^eiy]|$)|q|kh", "k"),
        (r"dg|gi|ge(?=.)", "j"),
        (r"th|dt|d", "t"),
        (r"c|z|ts", "s"),
        (r"w", "v"),
        (r"(?<=.)[aeiouyhj]+", ""),
        (r"^[aeiouy]+", "a"),
        (r"(.)\1+", r"\1"),
    )
]


@lru_cache(maxsize=CACHE)
def sound(word):
    """Return how a word sounds, roughly, in most European languages.

    >>> sound("philip") == sound("filipp"), sound("catherine") == sound("kathryn")
    (True, True)
    >>> sound("schmidt") == sound("schmitt"), sound("smith") == sound("jones")
    (True, False)
    >>> sound("田中"), sound("")
    ('田中', '')
    """
    if not word.isascii() or word.isdigit():
        return word
    for pattern, replacement in _SOUNDS:
        word = pattern.sub(replacement, word)
    return word[:6]
