"""Where hundreds of leads are one prospect, each of them says so."""

from unittest.mock import patch

from odoo.tests import tagged

from ..engine.matching import blocking
from ..models.duplicate import crm_lead
from .test_duplicates import ANN, DuplicatesCase

PHONE = {"phone": "+32 2 290 34 90"}


@tagged("post_install", "-at_install")
class TestManyDuplicates(DuplicatesCase):
    """B7: the banner says how many look the same, before and after they are compared
    in the background, and opens them all."""

    def create_equal(self, count, **vals):
        return self.env["crm.lead"].create(
            [
                {
                    **ANN,
                    **PHONE,
                    "name": f"Lead {number}",
                    "user_id": self.salesperson.id,
                    **vals,
                }
                for number in range(count)
            ]
        )

    def each_state(self):
        for state in ("new", "compared", "scanned"):
            if state == "compared":
                self.compare()
            elif state == "scanned":
                self.env["crm.lead.scan"]._start()._run()
            self.env.flush_all()
            self.env.invalidate_all()
            yield state

    def test_b7_300_equal_leads_are_counted_and_opened(self):
        leads = self.create_equal(300).with_user(self.salesperson)
        for state in self.each_state():
            for lead in (leads[0], leads[150], leads[-1]):
                with self.subTest(state=state, lead=lead.name):
                    self.assertEqual(lead.duplicate_lead_count, 299)
                    self.assertTrue(lead.duplicate_best_id)
                    self.assertEqual(lead.duplicate_others_text, "and 298 others")
                    action = lead.action_show_potential_duplicates()
                    shown = self.env["crm.lead"].search(action["domain"])
                    self.assertEqual(set(shown.ids), set(leads.ids))

    def test_b7_a_page_of_equal_leads_takes_no_more_queries_than_one(self):
        leads = self.create_equal(60).with_user(self.salesperson)
        self.compare()
        counts = []
        for page in (leads[0], leads[:40]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            texts = page.mapped("duplicate_others_text")
            counts.append(self.env.cr.sql_log_count - before)
            self.assertTrue(all(texts))
        self.assertLessEqual(counts[1], counts[0] + 1)

    def test_b7_few_others_are_named_as_what_they_are(self):
        leads = self.create_equal(3).with_user(self.salesperson)
        self.assertEqual(leads[0].duplicate_others_text, "and 1 other")
        leads[2].sudo().unlink()
        self.env.invalidate_all()
        self.assertFalse(leads[0].duplicate_others_text)

    def test_b7_more_than_are_looked_for_are_not_told_as_all(self):
        leads = self.create_equal(30).with_user(self.salesperson)
        with patch.object(crm_lead, "LIKELY_THOROUGH", 40):
            self.assertEqual(leads[0].duplicate_others_text, "and at least 28 others")

    def test_b7_as_many_as_may_share_a_key_are_found_in_a_larger_database(self):
        """An address that more have than an ordinary key, but not too many, is none
        that says nothing."""
        leads = self.create_equal(30)
        self.compare()
        with (
            patch.object(blocking, "max_block", lambda _total: 10),
            patch.object(blocking, "enough", lambda _total: 10_000.0),
        ):
            self.assertTrue(leads[0]._find_duplicates()[leads[0]])

    def test_b9_others_that_one_may_not_read_are_told_apart(self):
        own = self.create_equal(3).with_user(self.salesperson)
        self.create_equal(2, user_id=self.manager.id)
        self.assertEqual(own[0].duplicate_others_text, "and 1 other")
        self.assertEqual(own[0].duplicate_hidden_count, 2)
