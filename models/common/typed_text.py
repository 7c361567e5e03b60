"""What Odoo's own functions read in a text, of a text of any length.

They were made for what people type into a field: some take time in proportion to the
square of a length, some end in an error of Python's. Whoever needs them takes them from
here (`tests/test_hostile_text.py`), where they get no more than such a field holds, and
where a text that they cannot read is one that says nothing.
"""

from odoo.tools import mail

from ...engine.limits import ADDRESSES, TEXT


def normalize_email(text):
    """Return the one e-mail address in `text`, as Odoo compares it; False if there is
    none, or more than one."""
    return _read(mail.email_normalize, text, ADDRESSES) or False


def normalize_emails(text):
    """Return the e-mail addresses in `text`, as Odoo compares them."""
    return _read(mail.email_normalize_all, text, ADDRESSES) or []


def parse_contact(text):
    """Return the name and the e-mail address of a contact who is written as in a
    message: ``"Ann Lee" <ann@acme.com>``; both are empty where there is no address."""
    if not normalize_emails(text):
        return "", ""
    return _read(mail.parse_contact_from_email, text, ADDRESSES) or ("", "")


def split_addresses(text):
    """Return what a list of e-mail addresses holds, to be united with another one:
    nothing of it is left out.

    >>> split_addresses('Ann <Ann@Acme.com>, b@x.org'), split_addresses("ask Bob")
    (['"Ann" <ann@acme.com>', 'b@x.org'], ['ask Bob'])
    """
    if len(text) > ADDRESSES:
        return text.split(",")
    return _read(mail.email_split_and_format_normalize, text, ADDRESSES) or [text]


def to_plain_text(html):
    """Return what people read of HTML, of any length."""
    html = html or ""
    read = _read(mail.html2plaintext, html, len(html))
    return (html if read is None else read).strip()


def to_words(html):
    """Return what makes two HTML values equal: their words, or each letter if they are
    longer than anybody compares."""
    if len(html) > TEXT:
        return html
    return " ".join(to_plain_text(html).split()).casefold()


def _read(function, text, most):
    """Return what `function` reads in the beginning of `text`; None where it cannot."""
    try:
        return function((text or "")[:most])
    except (AttributeError, RecursionError, ValueError):
        return None  # brackets in brackets, a comment that does not end
