"""How much of a text is looked at, and how much of it is shown.

Visitors type what they like: a subject of a million letters comes in by any web form.
What is longer than any name, address or subject says no more than its beginning, and
costs every reader time, so that it is cut here for comparing and showing. What is kept
is never cut: the lead, the values set aside and the snapshots have every letter.

Whatever still goes through a whole text takes time in proportion to its length
(`tests/test_hostile_text.py`).
"""

#: Characters of a name, an address line, a phone number that are compared: forms and
#: databases elsewhere allow 100 to 150.
COMPARED = 200
#: Characters of a field with e-mail addresses that are looked at: as many as are
#: compared, each with a name before it.
ADDRESSES = 4 * COMPARED
#: Characters of a name, a subject, an address that are shown: mail programs write lines
#: of 78, and cut subjects well before this.
SHOWN = 250
#: Characters of a text of many lines that are compared by their words, and shown: some
#: ten pages. Two that are longer are equal if each letter is.
TEXT = 20_000


def shorten(text, most=SHOWN):
    """Return the beginning of a text that is longer than `most`, and the text of any
    other.

    >>> shorten("Office chairs"), shorten("x" * 1_000_000, 5)
    ('Office chairs', 'xxxx…')
    """
    return text if len(text) <= most else f"{text[: most - 1]}…"
