import importlib.util
from pathlib import Path

from odoo.tests import tagged

from .test_duplicates import DuplicatesCase

SCRIPT = Path(__file__).parents[1] / "migrations" / "19.0.1.3.0" / "post-profiles.py"
#: Values in which two leads agree, each read otherwise before this version.
READ_OTHERWISE = (
    {"phone": "8 (812) 330-21-47", "city": "Санкт-Петербург"},
    {"contact_name": "陳麗華", "phone": "+86 21 6279 8300"},
    {"partner_name": "PT Maju Jaya Tbk", "email_from": "sales@maju-jaya.example"},
    {"partner_name": "Marsh Eng.", "street": "40 Dock Road", "city": "Leeds"},
    {"email_from": "kai@mühle.example", "contact_name": "Kai Brandt"},
    {"contact_name": "मीना जोशी", "email_from": "meena21@gmail.com"},
)


@tagged("post_install", "-at_install")
class TestUpgradeReading(DuplicatesCase):
    """B8: what people decided before what is written was read by other rules."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.couples = [
            cls.create_lead(**values) + cls.create_lead(**values)
            for values in READ_OTHERWISE
        ]
        cls.leads = cls.env["crm.lead"].union(*cls.couples)
        cls.compare()
        spec = importlib.util.spec_from_file_location("post_profiles", SCRIPT)
        cls.script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(cls.script)

    def keep_separate(self, couples):
        Pair = self.env["crm.lead.duplicate"].with_user(self.salesperson)
        for one, other in couples:
            Pair._keep_separate(*(one + other).with_user(self.salesperson))
        # as the rules before this version would have it: of what they read
        self.env.flush_all()
        self.env.cr.execute(
            """UPDATE crm_lead_duplicate SET fingerprint = 'before' || id
                WHERE state = 'separate'"""
        )
        self.env.invalidate_all()

    def upgrade(self):
        self.env.flush_all()
        self.script.migrate(self.env.cr, "19.0.1.2.0")
        self.env.invalidate_all()

    def get_states(self):
        return [self.pairs(*couple).mapped("state") for couple in self.couples]

    def test_b8_what_was_kept_separate_is_not_asked_again(self):
        self.keep_separate(self.couples)
        decided = self.pairs(*self.leads)
        dates = decided.mapped("separate_date")
        self.upgrade()
        self.assertFalse(any(self.leads.mapped("duplicate_lead_count")), "on the form")
        # what else is there then makes values more or less rare
        for number in range(30):
            self.create_lead(contact_name=f"Kai {number}", city="Leeds")
        self.env["crm.lead.scan"]._start()._run()
        self.compare()
        self.assertEqual(self.get_states(), [["separate"]] * len(self.couples))
        self.assertEqual(decided.mapped("separate_date"), dates)
        self.assertEqual(decided.separate_uid, self.salesperson)

    def test_b8_asked_again_when_a_matching_value_changes_after_it(self):
        self.keep_separate(self.couples)
        self.upgrade()
        self.compare()
        self.couples[0].phone = "8 (812) 330-21-48"
        self.couples[1][0].city = "Leeds"
        self.compare()
        self.assertEqual(self.get_states()[:2], [["open"], ["separate"]])

    def test_b8_decisions_hold_where_the_settings_leave_something_out(self):
        self.keep_separate(self.couples)
        self.env["ir.config_parameter"].set_param(
            "crm_lead_qualification.not_compared", "phone place"
        )
        self.upgrade()
        self.env["crm.lead.scan"]._start()._run()
        self.assertNotIn(["open"], self.get_states())

    def test_b7_all_leads_are_compared_again_in_the_background(self):
        cron = self.env.ref("crm_lead_qualification.crm_lead_scan_cron")
        triggers = self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        self.upgrade()
        self.assertFalse(self.env["crm.lead.match.profile"].search_count([]))
        scan = self.env["crm.lead.scan"].search([], limit=1)
        self.assertEqual(scan.state, "keys")
        self.assertGreater(
            self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)]),
            triggers,
        )
        self.run_cron("crm_lead_scan_cron")
        self.assertEqual(scan.state, "done")
        self.assertEqual(self.get_states(), [["open"]] * len(self.couples))

    def test_b7_a_scan_that_was_under_way_begins_again(self):
        scan = self.env["crm.lead.scan"]._start()
        while scan.state != "compare":
            scan._step()
        self.upgrade()
        self.assertEqual(self.env["crm.lead.scan"]._start(), scan)
        self.assertEqual(scan.state, "keys")
        scan._run()
        self.assertEqual(self.get_states(), [["open"]] * len(self.couples))

    def test_thresholds_that_were_set_stay_and_are_named(self):
        key = "crm_lead_qualification.certain"
        self.env["ir.config_parameter"].set_param(key, "12")
        with self.assertLogs(level="WARNING") as logs:
            self.upgrade()
        self.assertEqual(len(logs.output), 1)
        self.assertIn(f"{key} stays at 12", logs.output[0])
        self.assertEqual(self.env["crm.lead.matcher"]._get_thresholds()[1], 12)
