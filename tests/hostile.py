"""Texts that a visitor may type, of any length, and what reading them may cost."""

import time

#: Name of a family → what its texts repeat.
REPEATED = {
    "one letter": "a",
    "one capital": "A",
    "spaces": " ",
    "tabs and lines": "\t\n",
    "digits": "1",
    "at signs": "@",
    "dots": ".",
    "commas": ",",
    "brackets": "(",
    "closed brackets": "()",
    "tags that never end": "<",
    "quotes": '"',
    "backslashes": "\\",
    "colons": ":",
    "dashes": "-",
    "underlines": "_",
    "hashes": "#",
    "percents": "%",
    "initials": "a.",
    "spaced initials": "a. ",
    "words": "ab ",
    "extensions": "ext 1 ",
    "addresses without an end": "a@a.",
    "addresses glued together": "a@a.a",
    "addresses": "ann@acme.com, ",
    "half addresses": "a@",
    "numbers with slashes": "02/12",
    "links": "http://a.b/",
    "hosts": "www.a.",
    "tags": "<b>",
    "line breaks": "<br ",
    "anchors": "<a href='x'>a</a>",
    "entities": "&amp;",
    "apostrophes": "o'",
    "mixed scripts": "aЖ田ش",
    "combining marks": "e\u0301\u0308",
    "ligatures": "\ufdfa",
    "wide forms": "Ａ＠",
    "emoji": "👩‍👩‍👧",
}
#: Beginnings that raise hopes, the part that is repeated, and how the text ends.
DISAPPOINTING = {
    "one letter, then an address": ("", "a", " ann@acme.com"),
    "an at sign, then one letter": ("@", "a", "!"),
    "a hash, digits, then a letter": ("#", "1", "x"),
    "a hash, spaces, then a letter": ("#", " ", "x"),
}
#: The family of texts that are made of all others.
EVERYTHING = "everything"
FAMILIES = (*REPEATED, *DISAPPOINTING, EVERYTHING)
#: Characters of the longest text of a family, and of everything.
LONG, LONGEST = 64_000, 1_000_000
#: Times that are too short to be compared, in seconds.
SHORT = 0.02


def make_text(family, length):
    """Return a text of a family that has about that length."""
    if family == EVERYTHING:
        each = length // (len(FAMILIES) - 1)
        return " ".join(make_text(one, each) for one in FAMILIES if one != EVERYTHING)
    begin, part, end = DISAPPOINTING.get(family, ("", REPEATED.get(family), ""))
    return begin + (part * (length // len(part) + 1))[:length] + end


def seconds(function, text):
    """Return how long a function works on a text, whatever else the machine does."""
    started = time.process_time()
    function(text)
    return time.process_time() - started


def find_growing(function, family, measure=seconds):
    """Return how the time of a function grows with the length of its text, where it
    grows more than the text does; None where it does not.

    The text gets four times as long at each step, so that what is quadratic is seen
    before it takes minutes. How fast the machine is decides nothing.

    :param family: one of `FAMILIES`
    :param measure: function that returns how long a function works on a text
    """
    longest = LONGEST if family == EVERYTHING else LONG
    before = None
    for length in (longest // 64, longest // 16, longest // 4, longest):
        text = make_text(family, length)
        spent = measure(function, text)
        if before is not None:
            # twice as much as four times as much: caches fill up
            allowed = 8 * max(before, SHORT)
            if spent > allowed:  # once more: something else may have come between
                spent = min(spent, measure(function, text), measure(function, text))
            if spent > allowed:
                return f"{length} characters: {before:.3f} s became {spent:.3f} s"
        before = spent
    return None
