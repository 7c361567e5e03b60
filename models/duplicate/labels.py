"""What the findings of a comparison are called, in the language of whoever reads
them."""

import json

from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)

#: Reasons that are named where there is room for a line.
NAMED = 3

CERTAINTIES = [("likely", "Worth a look"), ("certain", "Certain")]

#: (subject, outcome) → what it is called. Values never appear here: who may not read a
#: lead may still be told that something about it is alike.
LABELS = {
    ("customer", "same"): _lt("Same customer"),
    ("customer", "entity"): _lt("Customers of the same company"),
    ("customer", "different"): _lt("Different customers"),
    ("email", "same"): _lt("Same e-mail address"),
    ("email", "office"): _lt("Same e-mail address, of an office"),
    ("email", "typo"): _lt("E-mail addresses that differ by a typing error"),
    ("email", "close"): _lt("Similar e-mail addresses of one organisation"),
    ("email", "same_name"): _lt("Same name before the @"),
    ("email", "colleague"): _lt("Different e-mail addresses of one organisation"),
    ("email", "different"): _lt("Different e-mail addresses"),
    ("phone", "same"): _lt("Same phone number"),
    ("phone", "extension"): _lt("Two extensions of one phone number"),
    ("phone", "typo"): _lt("Phone numbers that differ by one digit"),
    ("phone", "different"): _lt("Different phone numbers"),
    ("vat", "same"): _lt("Same tax number"),
    ("vat", "different"): _lt("Different tax numbers"),
    ("person", "same"): _lt("Same word in the contact's name"),
    ("person", "variant"): _lt("Short form of the contact's name"),
    ("person", "typo"): _lt("Contact's name spelt differently"),
    ("person", "close"): _lt("Contact's name resembles the other"),
    ("person", "initial"): _lt("Initial of the contact's name"),
    ("person", "different"): _lt("Different contact"),
    ("company", "same"): _lt("Same word in the company's name"),
    ("company", "whole"): _lt("Same word in the company's name"),
    ("company", "typo"): _lt("Company's name spelt differently"),
    ("company", "acronym"): _lt("Initials of the company's name"),
    ("company", "branch"): _lt("Another branch of the company"),
    ("company", "different"): _lt("Different company"),
    ("domain", "same"): _lt("Same web site or e-mail domain"),
    ("domain", "different"): _lt("Different web site or e-mail domain"),
    ("street", "same"): _lt("Same street"),
    ("street", "typo"): _lt("Street spelt differently"),
    ("street", "close"): _lt("Street resembles the other"),
    ("street", "different"): _lt("Different street"),
    ("number", "same"): _lt("Same house number"),
    ("number", "different"): _lt("Different house number"),
    ("postcode", "same"): _lt("Same postcode"),
    ("postcode", "typo"): _lt("Postcodes that differ by one digit"),
    ("postcode", "different"): _lt("Different postcode"),
    ("city", "same"): _lt("Same city"),
    ("city", "same_too"): _lt("Same city, as the postcode says"),
    ("city", "typo"): _lt("City spelt differently"),
    ("city", "different"): _lt("Different city"),
    ("state", "different"): _lt("Different state"),
    ("country", "different"): _lt("Different country"),
    ("rule", "different_persons"): _lt("Two persons are two prospects"),
    ("rule", "evidence_of_two"): _lt("Something speaks of two, whatever else agrees"),
    ("rule", "single_subject"): _lt("One thing in common is not enough to be certain"),
}


#: Subject → the fields of a lead that it is about.
FIELDS = {
    "customer": ("partner_id",),
    "email": ("email_from",),
    "phone": ("phone",),
    "vat": ("partner_id",),
    "person": ("contact_name",),
    "company": ("partner_name",),
    "domain": ("email_from", "website"),
    "street": ("street", "street2"),
    "number": ("street", "street2"),
    "postcode": ("zip",),
    "city": ("city",),
    "state": ("state_id",),
    "country": ("country_id",),
}
#: The fields of a pair, and of a group, that name subjects as they are stored.
STORED = frozenset({"reasons", "shared"})


def get_hidden_subjects(env):
    """Return the subjects about fields of leads that the user may not see."""
    if env.su:
        return frozenset()
    see = env["crm.lead.bound"]._may_see
    return frozenset(
        subject for subject, names in FIELDS.items() if not all(map(see, names))
    )


def describe(env, reasons):
    """Return [(label, bits), …] of the reasons of a pair, alike ones added up, without
    those about fields that the user may not see.

    :param reasons: [[subject, outcome, bits], …]
    """
    hidden = get_hidden_subjects(env(su=False))  # fields are computed as superuser
    total = {}
    for subject, outcome, bits in reasons or ():
        if subject in hidden:
            continue
        total[subject, outcome] = total.get((subject, outcome), 0.0) + bits
    return [(env._(LABELS[each]), bits) for each, bits in total.items()]


def name_best(env, reasons):
    """Return in words the reasons that count most."""
    best = sorted(describe(env, reasons), key=lambda reason: -reason[1])[:NAMED]
    return ", ".join(label for label, bits in best if bits > 0)


def to_json(reasons):
    """Return reasons as the database stores them."""
    return json.dumps([[*names, round(bits, 2)] for *names, bits in reasons])
