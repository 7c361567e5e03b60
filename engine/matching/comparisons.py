"""How two leads are compared, one subject after the other.

Each function takes the two profiles and the frequencies, and yields findings: the
subject, how it came out, what that counts in bits, and the two values that were
compared. What is missing on either side says nothing and yields nothing.
"""

import re
from typing import NamedTuple

from ..contact import business_domain, is_role
from ..normalize import DUMMIES, digits
from ..phones import phone_core, without_extension
from .legal_forms import LEGAL_FORMS, TRADES
from .names import acronym, is_syllabic, is_unspaced, split_generation
from .nicknames import are_man_and_woman, are_variants
from .similarity import ALIKE, same_letters, similarity, sound
from .weights import COMPANY_MOST, PERSON_MOST, WEIGHTS

_DIGIT = re.compile(r"\d")
STREET_MOST = WEIGHTS["street", "same"].most
NUMBER_MOST = WEIGHTS["number", "same"].most


class Finding(NamedTuple):
    """One thing that was compared, and how it came out.

    :param subject: what was compared, such as ``email``
    :param outcome: how it came out, such as ``same``
    :param bits: what that counts for (or against) the two being the same
    :param one: the value of the first lead
    :param other: the value of the second lead
    """

    subject: str
    outcome: str
    bits: float
    one: str
    other: str


def finding(subject, outcome, one, other, rarity=0.0):
    bits = WEIGHTS[subject, outcome].of(rarity)
    return Finding(subject, outcome, bits, one, other)


def _common(one, other):
    return next((value for value in one if value in other), None)


def compare_emails(one, other, frequencies):
    """Compare all addresses of one lead with all of the other."""
    if not one.emails or not other.emails:
        return
    shared = [value for value in one.emails if value in other.emails]
    if shared:
        value = max(shared, key=lambda each: frequencies.rarity("e", each))
        office = is_role(value.partition("@")[0])
        rarity = frequencies.rarity("e", value)
        yield finding("email", "office" if office else "same", value, value, rarity)
        return
    found = [_compare_addresses(a, b) for a in one.emails for b in other.emails]
    yield max(found, key=lambda each: each.bits)


def _compare_addresses(one, other):
    local, _at, domain = one.partition("@")
    other_local, _at, other_domain = other.partition("@")
    alike = similarity(local, other_local)
    outcome = "different"
    if _is_numbered(one, other):
        pass  # mail1@ and mail2@ are two
    elif domain == other_domain:
        # the domain is the company's, and says nothing of who writes
        if _is_misspelt(local, other_local, alike):
            outcome = "close" if business_domain(one) else "typo"
        elif not is_role(local) and not is_role(other_local):
            outcome = "colleague"
    elif _is_misspelt(one, other, alike):
        outcome = "typo"
    elif alike == 1 and len(local) > 5 and not is_role(local):
        outcome = "same_name"
    return finding("email", outcome, one, other)


def _is_misspelt(one, other, alike):
    return alike >= ALIKE and similarity(one, other) >= 0.8 or _is_jumbled(one, other)


def _is_numbered(one, other):
    """Say whether two texts differ in nothing but their numbers."""
    return one != other and _DIGIT.sub("", one) == _DIGIT.sub("", other)


def _is_jumbled(one, other):
    """Say whether two longer texts have nearly the same letters, in another order."""
    shorter, longer = sorted((len(one), len(other)))
    return shorter > 4 and shorter >= 0.85 * longer and same_letters(one, other) >= 0.85


def compare_phones(one, other, frequencies):
    """Compare all numbers of one lead with all of the other."""
    if not one.phones or not other.phones:
        return
    for value in one.phones:
        for candidate in other.phones:
            if _is_same_number(value, candidate):
                rarity = frequencies.rarity("p", phone_core(value))
                outcome = "extension" if _are_extensions(value, candidate) else "same"
                yield finding("phone", outcome, value, candidate, rarity)
                return
    for value in one.phones:
        for candidate in other.phones:
            if len(value) > 8 and similarity(value, candidate) >= 1 - 1 / len(value):
                yield finding("phone", "typo", value, candidate)
                return
    yield finding("phone", "different", one.phones[0], other.phones[0])


def _is_same_number(one, other):
    """Say whether two numbers are one, where a country code may be missing, whichever
    extension they have."""
    one, other = without_extension(one)[0], without_extension(other)[0]
    if one == other:
        return True
    if one.startswith("+") and other.startswith("+"):
        return False
    return min(len(one), len(other)) >= 8 and phone_core(one) == phone_core(other)


def _are_extensions(one, other):
    """Say whether two numbers reach two desks of one company."""
    one, other = without_extension(one)[1], without_extension(other)[1]
    return bool(one and other) and one != other


def compare_words(subject, one, other, rarity):
    """Match the words of two names, each with the one most like it.

    :param rarity: function of two spellings of a word
    :return: (findings, words of the first left over, words of the second left over)
    """
    if "".join(one) == "".join(other) or set(one) == set(other):
        # written as one word or as several: the fewer of them, whichever has them
        fewer = min(set(one), set(other), key=lambda each: (len(each), sorted(each)))
        return [finding(subject, "same", w, w, rarity(w, w)) for w in fewer], (), ()
    found, left, right = [], [], list(other)
    for word in one:
        if word in right:
            right.remove(word)
            found.append(finding(subject, "same", word, word, rarity(word, word)))
        else:
            left.append(word)
    pairs = sorted(
        (
            (each, position, a, b)
            for position, a in enumerate(left)
            for b in right
            if (each := _compare_word(subject, a, b, rarity))
        ),
        key=lambda each: (-each[0].bits, each[1]),
    )
    for each, _position, a, b in pairs:
        if a in left and b in right:
            left.remove(a)
            right.remove(b)
            found.append(each)
    return found, tuple(left), tuple(right)


def _compare_word(subject, one, other, rarity):
    """Return how two different words are alike, if they are."""
    shorter, longer = (one, other) if len(one) <= len(other) else (other, one)
    if len(shorter) == 1:
        if subject == "person" and longer.startswith(shorter):
            return finding(subject, "initial", one, other)
        return None
    if subject == "person" and are_variants(one, other):
        return finding(subject, "variant", one, other, rarity(one, other))
    if subject == "person" and _are_two_names(one, other):
        return None
    if _DIGIT.search(one + other):
        return None  # a number is that number or another
    alike = similarity(one, other)
    if (
        alike >= 0.8
        or subject == "person"
        and alike >= ALIKE
        and sound(one) == sound(other)
    ):
        return finding(subject, "typo", one, other, rarity(one, other))
    if subject == "person":
        if len(shorter) > 2 and longer.startswith(shorter):
            return finding(subject, "variant", one, other, rarity(one, other))
        slip = ALIKE if len(longer) > 2 else 1
        if alike >= slip or _is_jumbled(one, other):
            return finding(subject, "close", one, other, rarity(one, other))
    return None


def _are_two_names(one, other):
    """Say whether two words are two names, however alike their letters are."""
    if are_man_and_woman(one, other):
        return True
    return is_syllabic(one) and similarity(one, other) < 0.8


def compare_persons(one, other, frequencies):
    """Compare the names of two persons, whatever the order of their words."""
    if not one.persons or not other.persons:
        return

    def rarity(word, candidate):
        known = frequencies.rarest("n", word, candidate)
        return min(known, 2.0) if word in DUMMIES else known

    best = None
    for name in one.persons:
        for candidate in other.persons:
            found = _compare_person(name, candidate, rarity)
            total = sum(each.bits for each in found)
            if best is None or total > best[0]:
                best = total, found
    yield from _limit(best[1], PERSON_MOST)


def _compare_person(one, other, rarity):
    """Compare two names: their words, then what is left of both, or their
    generations."""
    one, generation = split_generation(one)
    other, other_generation = split_generation(other)
    found, left, right = compare_words("person", one, other, rarity)
    if left and right:
        left, right = " ".join(left), " ".join(right)
        if _is_numbered(left, right):
            found.clear()  # Desk 1 and Desk 2 are two, however rare a desk is
        found.append(finding("person", "different", left, right))
        if not any(each.bits > 2.5 for each in found):
            found.append(finding("person", "different", "", ""))
    elif generation and other_generation and generation != other_generation:
        found.append(finding("person", "different", generation, other_generation))
    return found


def compare_companies(one, other, frequencies):
    """Compare the names of two companies: words, acronyms, branches."""
    best = None
    places = {*one.city, *other.city}
    # two letters are the initials of many a name, but not at this very place
    letters = 2 if _share_place(one, other) else 3
    for name in one.companies:
        for candidate in other.companies:
            found = _compare_company(name, candidate, places, letters, frequencies)
            total = sum(each.bits for each in found)
            if best is None or total > best[0]:
                best = total, found
    if best:
        yield from best[1]


def _share_place(one, other):
    """Say whether two leads have one web site, tax number or house."""
    if _common(one.domains, other.domains) or _common(one.vats, other.vats):
        return True
    return bool(
        _common(one.numbers, other.numbers)
        and one.street
        and one.street == other.street
        and (one.postcode == other.postcode or one.city == other.city)
    )


def _compare_company(one, other, places, letters, frequencies):
    """Compare two names: the findings about their words, then about what is left."""

    def rarity(word, candidate):
        known = frequencies.rarest("c", word, candidate)
        return min(known, 4.0) if word in TRADES or candidate in TRADES else known

    if _is_acronym(one, other, letters) or _is_acronym(other, one, letters):
        return [finding("company", "acronym", " ".join(one), " ".join(other))]
    if one == other and len(one) == 1 and is_unspaced(one[0]):
        word = one[0]
        return [finding("company", "whole", word, word, rarity(word, word))]
    found, left, right = compare_words("company", one, other, rarity)
    # A town says where the company is, not which one it is.
    names = [each for each in found if each.one not in places] or found[:1]
    left, right = (_without(words, TRADES) for words in (left, right))
    said = sum(each.bits for each in names)
    if _has_form_in_front(one, left) or _has_form_in_front(other, right):
        # NV Energy, PC World: nothing says that it is no part of the name
        different = finding("company", "different", " ".join(one), " ".join(other))
        return [*_limit(names, COMPANY_MOST), different]
    if not left or not right:
        return _limit(names, COMPANY_MOST)
    missing = min(_sum(rarity, left), _sum(rarity, right))
    different = finding("company", "different", " ".join(left), " ".join(right))
    if said < 1.5 * missing:
        return [different]
    branch = finding("company", "branch", " ".join(left), " ".join(right))
    return [*_limit(names, COMPANY_MOST), branch]


def _has_form_in_front(words, left):
    """Say whether what is left over of a name begins it, and may be a legal form."""
    return bool(left) and left[0] == words[0] and left[0] in LEGAL_FORMS


def _is_acronym(one, other, letters):
    return len(one) == 1 and len(other) > 1 and one[0] == acronym(other, letters)


def _without(words, common):
    return tuple(word for word in words if word not in common)


def _sum(rarity, words):
    return sum(rarity(word, word) for word in words)


def _limit(found, most):
    """Scale findings down that together count more than one name can say."""
    total = sum(each.bits for each in found)
    if total <= most:
        return found
    return [each._replace(bits=each.bits * most / total) for each in found]


def compare_domains(one, other, frequencies):
    """Compare web sites and the domains of e-mail addresses."""
    if not one.domains or not other.domains:
        return
    shared = _common(one.domains, other.domains)
    if shared:
        yield finding("domain", "same", shared, shared, frequencies.rarity("d", shared))
    else:
        yield finding("domain", "different", one.domains[0], other.domains[0])


def compare_vats(one, other, frequencies):
    """Compare tax numbers: a company has one."""
    if not one.vats or not other.vats:
        return
    for value in one.vats:
        for candidate in other.vats:
            if value == candidate or value[2:] == candidate or value == candidate[2:]:
                rarity = frequencies.rarity("v", value)
                yield finding("vat", "same", value, candidate, rarity)
                return
    yield finding("vat", "different", one.vats[0], other.vats[0])


def compare_streets(one, other, frequencies):
    """Compare house numbers, and streets, whichever line they are on."""
    if one.numbers and other.numbers:
        shared = _common(one.numbers, other.numbers)
        if shared:
            rarity = frequencies.rarity("h", shared)
            yield finding("number", "same", shared, shared, rarity)
        else:
            yield finding("number", "different", one.numbers[0], other.numbers[0])
    lines = ["".join(one.street), "".join(one.street2)]
    others = ["".join(other.street), "".join(other.street2)]
    found = _compare_lines(lines, others, frequencies)
    if lines[1] or others[1]:
        found = _better(found, _compare_lines(lines, others[::-1], frequencies))
    yield from found


def _compare_lines(lines, others, frequencies):
    found = [
        _compare_street(*both, frequencies) for both in zip(lines, others, strict=True)
    ]
    return [each for each in found if each]


def _better(straight, crossed):
    """Return the findings of the two lines as they are, unless they were exchanged."""
    gain = sum(each.bits for each in crossed) - sum(each.bits for each in straight)
    exchanged = gain > 0 and any(each.bits > 0 for each in crossed)
    return crossed if exchanged else straight


def _compare_street(one, other, frequencies):
    if not one or not other:
        return None
    alike = similarity(one, other)
    if alike == 1:
        outcome = "same"
    elif alike < ALIKE or digits(one) != digits(other):
        outcome = "different"
    else:
        outcome = "typo" if alike >= 0.75 else "close"
    return finding("street", outcome, one, other, frequencies.rarest("s", one, other))


def compare_places(one, other, frequencies):
    """Compare postcode, town, state and country."""
    same = False
    if one.postcode and other.postcode:
        same = one.postcode == other.postcode
        if same:
            rarity = frequencies.rarity("z", one.postcode)
            yield finding("postcode", "same", one.postcode, other.postcode, rarity)
        else:
            alike = similarity(one.postcode, other.postcode)
            outcome = "typo" if alike >= 0.7 else "different"
            yield finding("postcode", outcome, one.postcode, other.postcode)
    if one.city and other.city:
        yield _compare_cities("".join(one.city), "".join(other.city), same, frequencies)
    for subject in ("state", "country"):
        value, candidate = getattr(one, subject), getattr(other, subject)
        if value and candidate and value != candidate:
            yield finding(subject, "different", value, candidate)


def _compare_cities(one, other, same_postcode, frequencies):
    rarity = frequencies.rarest("t", one, other)
    alike = similarity(one, other)
    if alike < ALIKE and not _is_jumbled(one, other):
        return finding("city", "different", one, other)
    if same_postcode:
        return finding("city", "same_too", one, other, rarity)
    return finding("city", "same" if alike == 1 else "typo", one, other, rarity)


def compare_customers(one, other, frequencies):
    """Compare the customers that the leads are linked to."""
    if one.partner and other.partner:
        if one.partner == other.partner:
            outcome = "same"
        else:
            outcome = "entity" if one.entity == other.entity else "different"
        # A customer is one prospect's own, however many leads there are.
        rarity = -frequencies.prior
        yield finding("customer", outcome, one.partner, other.partner, rarity)


def most_of_companies(one, other):
    """Return the most that `compare_companies` can count."""
    return COMPANY_MOST if one.companies and other.companies else 0.0


def most_of_streets(one, other):
    """Return the most that `compare_streets` can count."""
    lines = min(
        bool(one.street) + bool(one.street2), bool(other.street) + bool(other.street2)
    )
    number = NUMBER_MOST if _common(one.numbers, other.numbers) else 0.0
    return lines * STREET_MOST + number


#: Name under which it can be left out (see the settings) → how it is compared; what
#: takes longest comes last.
COMPARISONS = {
    "customer": compare_customers,
    "email": compare_emails,
    "phone": compare_phones,
    "vat": compare_vats,
    "person": compare_persons,
    "domain": compare_domains,
    "place": compare_places,
    "company": compare_companies,
    "street": compare_streets,
}
#: The last of them → the most it counts, where that is known without comparing.
MOST = {"company": most_of_companies, "street": most_of_streets}
