from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..models.duplicate.crm_lead_matcher import LEFT_OUT
from .test_duplicates import ANN, DuplicatesCase


@tagged("post_install", "-at_install")
class TestScheduled(DuplicatesCase):
    """B7: what the scheduler does by itself, carried out as it does it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scans = cls.env["crm.lead.scan"]
        cls.scans.search([]).unlink()
        # a scan that ended a moment ago: none is due
        cls.last = cls.scans.create(
            {"state": "done", "date_done": fields.Datetime.now()}
        )

    def set_hour(self, hours_from_now):
        """Let the nightly scan be due at an hour that is so far away today.

        :return: False if that is another day
        """
        now = fields.Datetime.now()
        then = now + timedelta(hours=hours_from_now)
        self.env["ir.config_parameter"].set_param(
            "crm_lead_qualification.scan_hour", str(then.hour)
        )
        return then.date() == now.date()

    def test_b7_new_leads_are_compared(self):
        one, two = self.create_lead(**ANN), self.create_lead(**ANN)
        self.run_cron("crm_lead_match_queue_cron")
        self.assertTrue(self.pairs(one, two))
        self.assertFalse(self.env["crm.lead.match.queue"].search_count([]))

    def test_b7_a_changed_lead_is_compared_again(self):
        one, two = self.create_lead(**ANN), self.create_lead(**ANN)
        self.run_cron("crm_lead_match_queue_cron")
        two.write({"email_from": "bob@example.org", "contact_name": "Bob Roy"})
        self.run_cron("crm_lead_match_queue_cron")
        self.assertFalse(self.pairs(one, two))

    def test_b7_no_scan_starts_twice_a_day(self):
        self.set_hour(0)
        self.run_cron("crm_lead_scan_cron")
        self.assertEqual(self.scans.search([]), self.last)

    def test_b7_midnight_and_zero_are_answers(self):
        Settings = self.env["res.config.settings"].with_user(self.administrator)
        zeros = {"duplicate_scan_hour": 0, "duplicate_worth_a_look": 0}
        Settings.create(zeros).execute()
        kept = Settings.create({})
        self.assertEqual({name: kept[name] for name in zeros}, zeros)
        self.assertEqual(self.env["crm.lead.matcher"]._get_thresholds()[0], 0)
        self.last.date_done = fields.Datetime.now() - timedelta(days=1)
        self.assertTrue(self.scans._is_due())

    def test_settings_saved_as_they_are_write_nothing(self):
        Settings = self.env["res.config.settings"].with_user(self.administrator)
        Settings.create({}).execute()
        parameters = self.env["ir.config_parameter"]
        domain = [("key", "=like", "crm_lead_qualification.%")]
        before = parameters.search(domain).read()
        self.assertNotIn(LEFT_OUT, [one["key"] for one in before])
        Settings.create({}).execute()
        self.assertEqual(parameters.search(domain).read(), before)

    def test_b7_the_nightly_scan_starts_at_its_hour(self):
        one, two = self.create_lead(**ANN), self.create_lead(**ANN)
        self.last.date_done = fields.Datetime.now() - timedelta(days=1)
        if self.set_hour(1):  # not before midnight
            self.run_cron("crm_lead_scan_cron")
            self.assertEqual(self.scans.search([]), self.last)
        self.set_hour(0)
        self.run_cron("crm_lead_scan_cron")
        self.assertEqual(len(self.scans.search([("state", "=", "done")])), 2)
        self.assertTrue(self.pairs(one, two))

    def test_b7_a_scan_that_was_interrupted_goes_on(self):
        one, two = self.create_lead(**ANN), self.create_lead(**ANN)
        scan = self.scans._start()
        while scan.state != "compare":
            scan._step()
        self.set_hour(0)
        self.run_cron("crm_lead_scan_cron")
        self.assertEqual(scan.state, "done")
        self.assertEqual(self.scans.search([]), scan + self.last)
        self.assertTrue(self.pairs(one, two))

    def test_b7_a_manager_starts_a_scan(self):
        self.scans.with_user(self.manager).action_start()
        self.assertEqual(self.scans.search([], limit=1).state, "keys")
        self.run_cron("crm_lead_scan_cron")
        self.assertEqual(self.scans.search([], limit=1).state, "done")
