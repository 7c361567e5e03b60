import itertools

from odoo.tests import BaseCase, tagged

from ..engine.matching.frequency import Frequencies
from ..engine.matching.profile import build
from ..engine.matching.scoring import compare
from ..engine.matching.weights import CERTAIN, WORTH_A_LOOK

LEADS = 20_000
#: Shorthand of the tables below → what `build` calls it.
NAMES = {"person": "persons", "company": "companies", "code": "phone_country"}
LONG = "x" * 10_000

# (what it is about, one lead, other lead)
CERTAINLY_THE_SAME = (
    ("display name", {"email": '"Ann Lee" <ann@acme.com>'}, {"email": "ANN@acme.com"}),
    (
        "several addresses",
        {"email": "a.b@x.org, ann@acme.com"},
        {"email": "ann@acme.com"},
    ),
    ("tags", {"email": "ann+crm@acme.com"}, {"email": "ann@acme.com"}),
    ("dots", {"email": "a.n.n.lee@gmail.com"}, {"email": "annlee@googlemail.com"}),
    (
        "order and phone",
        {"person": "Lee, Ann", "phone": "0113 496 0990", "code": "GB"},
        {"person": "Ann Lee", "phone": "+44 113 496 0990"},
    ),
    (
        "nickname and street",
        {"person": "Bob Miller", "street": "12 Main St.", "zip": "90210"},
        {"person": "Robert Miller", "street": "12 Main Street", "zip": "90210"},
    ),
    (
        "transliteration",
        {"person": "Дмитрий Иванов", "phone": "+7 495 123 98 76"},
        {"person": "Dmitrii Ivanov", "phone": "+7 (495) 123-98-76"},
    ),
    (
        "accents and typing errors",
        {"person": "José Muñoz", "city": "Málaga", "zip": "29001"},
        {"person": "Jose Munioz", "city": "Malaga", "zip": "29001"},
    ),
    (
        "legal forms",
        {"company": "Dupont & Fils S.A.R.L.", "city": "Lyon", "zip": "69001"},
        {"company": "DUPONT ET FILS", "city": "Lyon", "zip": "69001"},
    ),
    (
        "tax number",
        {"company": "Acme Gadgets", "vat": "BE0477472701"},
        {"company": "Acme Gadget", "vat": "0477.472.701"},
    ),
    (
        "initial and company",
        {"person": "J. Doe", "company": "Zyx Robotics", "website": "zyx.com"},
        {"person": "John Doe", "company": "ZYX Robotics Ltd", "website": "www.zyx.com"},
    ),
)
WORTH_LOOKING_AT = (
    ("phone alone", {"phone": "+32 2 290 34 90"}, {"phone": "0032 22903490"}),
    ("customer alone", {"partner": 7, "entity": 7}, {"partner": 7, "entity": 7}),
    ("an office", {"email": "info@acme.com"}, {"email": "info@acme.com"}),
    (
        "acronym",
        {"company": "I.B.M.", "website": "ibm.com", "city": "Armonk"},
        {
            "company": "International Business Machines",
            "website": "ibm.com",
            "city": "Armonk",
        },
    ),
    (
        "one inbox, two persons",
        {"person": "Ann Lee", "email": "home@leefamily.org"},
        {"person": "Bob Stone", "email": "home@leefamily.org"},
    ),
)
# What certainly is not worth merging with nobody looking.
NOT_CERTAIN = (
    (
        "colleagues who say no name, at a long domain",
        {"company": "Stadtverwaltung Musterhausen", "email": "sara@stadt-muster.de"},
        {"company": "Stadtverwaltung Musterhausen", "email": "paul@stadt-muster.de"},
    ),
    (
        "colleagues whose addresses nearly are the same",
        {"company": "Zyx Robotics", "email": "mario@zyx.com"},
        {"company": "Zyx Robotics", "email": "maria@zyx.com"},
    ),
    (
        "a family firm",
        {"person": "Anna Zwicky", "email": "buying@zwicky.ch", "phone": "+41446681800"},
        {"person": "Peter Zwicky", "email": "hr@zwicky.ch", "phone": "+41446681800"},
    ),
    (
        "sisters",
        {
            "person": "Anna Zwicky",
            "email": "anna.z@gmail.com",
            "street": "7 Lake Road",
            "zip": "8002",
        },
        {
            "person": "Emma Zwicky",
            "email": "emma.zw@gmail.com",
            "street": "7 Lake Road",
            "zip": "8002",
        },
    ),
)
DIFFERENT = (
    ("domain alone", {"email": "ann@acme.com"}, {"email": "bob@acme.com"}),
    ("web site alone", {"website": "acme.com"}, {"website": "https://acme.com/x"}),
    ("free mail", {"email": "ann.lee@gmail.com"}, {"email": "bob.roy@gmail.com"}),
    ("town alone", {"city": "Lyon", "zip": "69001"}, {"city": "Lyon", "zip": "69001"}),
    ("first name alone", {"person": "Anna"}, {"person": "Anna"}),
    (
        "colleagues",
        {"person": "Ann Lee", "company": "Zyx Robotics", "email": "ann@zyx.com"},
        {"person": "Bob Roy", "company": "Zyx Robotics", "email": "bob@zyx.com"},
    ),
    (
        "couples",
        {"person": "Ann Lee", "street": "12 Main Street", "zip": "90210"},
        {"person": "Bob Roy", "street": "12 Main Street", "zip": "90210"},
    ),
    (
        "tax numbers",
        {"company": "Zyx Robotics", "website": "zyx.com", "vat": "BE0477472701"},
        {"company": "Zyx Robotics", "website": "zyx.com", "vat": "BE0403170701"},
    ),
    (
        "branches",
        {"company": "Zyx Lyon", "city": "Lyon", "zip": "69001", "website": "zyx.com"},
        {"company": "Zyx Lille", "city": "Lille", "zip": "59000", "website": "zyx.com"},
    ),
    (
        "numbers are no typing errors",
        {"person": "Customer 0001", "email": "customer_1@zyx.com", "city": "Lyon"},
        {"person": "Customer 0002", "email": "customer_2@zyx.com", "city": "Lyon"},
    ),
    (
        "numbered persons of one company",
        {"person": "Ann Q87 1", "company": "Zyx Robotics", "email": "q87_1@zyx.com"},
        {"person": "Ann Q87 3", "company": "Zyx Robotics", "email": "q87_3@zyx.com"},
    ),
    ("dummy e-mails", {"email": "none@"}, {"email": "none@"}),
    ("n/a", {"email": "n/a", "phone": "n/a"}, {"email": "n/a", "phone": "n/a"}),
    ("test@test.com", {"email": "test@test.com"}, {"email": "test@test.com"}),
    ("0000", {"phone": "0000000000"}, {"phone": "0000000000"}),
    ("Unknown", {"person": "Unknown", "company": "N/A"}, {"person": "unknown"}),
    ("nothing", {}, {}),
    ("long values", {"person": LONG, "email": LONG}, {"person": LONG, "phone": LONG}),
    (
        "scripts",
        {"person": "王芳", "city": "北京"},
        {"person": "김철수", "city": "서울"},
    ),
    ("symbols", {"person": "🙂🙂", "street": "\u202e\x00"}, {"person": "🙂🙂"}),
)


@tagged("post_install", "-at_install")
class TestMatchRules(BaseCase):
    """B7: which pairs match, written as tables; the order of a pair never counts."""

    def score(self, one, other, leads=LEADS, **frequencies):
        one, other = self._build(one), self._build(other)
        frequencies = Frequencies(leads, **frequencies)
        there = compare(one, other, frequencies)
        back = compare(other, one, frequencies)
        self.assertAlmostEqual(there.score, back.score)
        told = frequencies.prior + sum(each.bits for each in there.findings)
        self.assertAlmostEqual(there.score, told, msg="The reasons add up to the score")
        return there.score

    def _build(self, values):
        return build(
            {
                NAMES.get(name, name): [value]
                if name in ("person", "company")
                else value
                for name, value in values.items()
            }
        )

    def test_b7_certainly_the_same(self):
        for about, one, other in CERTAINLY_THE_SAME:
            with self.subTest(about):
                self.assertGreaterEqual(self.score(one, other), CERTAIN)

    def test_b7_worth_looking_at_but_not_certain(self):
        for about, one, other in WORTH_LOOKING_AT:
            with self.subTest(about):
                score = self.score(one, other)
                self.assertGreaterEqual(score, WORTH_A_LOOK)
                self.assertLess(score, CERTAIN)

    def test_b7_two_persons_are_never_certainly_one(self):
        for about, one, other in NOT_CERTAIN:
            for leads in (200, LEADS):
                with self.subTest(about, leads=leads):
                    self.assertLess(self.score(one, other, leads=leads), CERTAIN)

    def test_b7_different(self):
        for about, one, other in DIFFERENT:
            with self.subTest(about):
                self.assertLess(self.score(one, other), WORTH_A_LOOK)

    def test_b7_a_switchboard_number_counts_little(self):
        one = {"phone": "+32 2 290 34 90", "company": "Zyx Robotics"}
        other = {"phone": "+32 2 290 34 90", "person": "Ann Lee"}
        self.assertGreaterEqual(self.score(one, other), WORTH_A_LOOK)
        shared = self.score(one, other, own=lambda kind, value: 300)
        self.assertLess(shared, WORTH_A_LOOK)

    def test_b7_a_frequent_name_says_less(self):
        one = {"person": "John Smith", "city": "Leeds"}
        rare = self.score(one, one)
        counts = {"n:john": 700, "n:smith": 500, "t:leeds": 900}
        self.assertLess(self.score(one, one, counts=counts), rare - 8)

    def test_b7_giving_up_early_changes_no_result(self):
        tables = CERTAINLY_THE_SAME + WORTH_LOOKING_AT + NOT_CERTAIN + DIFFERENT
        profiles = [self._build(each) for case in tables for each in case[1:]]
        frequencies = Frequencies(LEADS)
        given_up = 0
        for one, other in itertools.product(profiles, repeat=2):
            whole = compare(one, other, frequencies)
            for least in (WORTH_A_LOOK, CERTAIN):
                early = compare(one, other, frequencies, least=least)
                if early is None:
                    given_up += 1
                    self.assertLess(whole.score, least)
                else:
                    self.assertEqual(early, whole)
        self.assertTrue(given_up, "it is what makes a scan fast")
