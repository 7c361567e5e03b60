"""What people write is read, in each script and country."""

from odoo.tests import BaseCase, tagged

from ..engine.matching.blocking import keys
from ..engine.matching.frequency import Frequencies
from ..engine.matching.profile import build
from ..engine.matching.scoring import compare
from ..engine.matching.weights import CERTAIN, WORTH_A_LOOK
from .match_pairs import OWN, REPORTED, TWO, WAITING

#: Databases whose frequencies the verdicts have to hold with.
SIZES = (200, 1_000)
LARGE = 100_000


@tagged("post_install", "-at_install")
class TestMatchPairs(BaseCase):
    """B7, B14: pairs of open leads, as small as they can be."""

    def test_b7_what_was_reported(self):
        for kind, right, country, one, other in REPORTED:
            self.check(kind, right, country, one, other)

    def test_b7_the_same_kinds_in_other_languages(self):
        for kind, right, country, one, other in OWN:
            self.check(kind, right, country, one, other)

    def test_b7_what_is_apart_is_so_in_a_large_database_too(self):
        for kind, right, country, one, other in (*REPORTED, *OWN):
            if right == "apart":
                self.check(kind, right, country, one, other, (LARGE,))

    def test_b14_two_persons_or_companies_are_found_and_never_certain(self):
        for kind, one, other in TWO:
            self.check(kind, "found", "", one, other)
            self.check(kind, "unsure", "", one, other, (LARGE,))

    def test_b14_what_waits_is_at_least_found(self):
        """Never certain is what has to be said of them."""
        for kind, one, other in WAITING:
            with self.subTest(kind):
                self.assertGreaterEqual(self.score("", one, other, 1_000), WORTH_A_LOOK)

    def check(self, kind, right, country, one, other, sizes=SIZES):
        for size in sizes:
            with self.subTest(kind, one=one, other=other, size=size):
                score = self.score(country, one, other, size)
                if right in ("same", "found"):
                    self.assertGreaterEqual(score, WORTH_A_LOOK)
                    self.assertTrue(self.share_key(country, one, other))
                if right == "apart":
                    self.assertLess(score, WORTH_A_LOOK)
                if right in ("found", "unsure"):
                    self.assertLess(score, CERTAIN)

    def score(self, country, one, other, size):
        profiles = [build({"phone_country": country, **each}) for each in (one, other)]
        scores = {
            round(compare(*pair, Frequencies(size)).score, 6)
            for pair in (profiles, profiles[::-1])
        }
        self.assertEqual(len(scores), 1, "the order of a pair counts nothing")
        return scores.pop()

    def share_key(self, country, one, other):
        found = [
            keys(build({"phone_country": country, **each})) for each in (one, other)
        ]
        return not {*found[0]}.isdisjoint(found[1])
