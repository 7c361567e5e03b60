"""What works by itself goes on, whatever a single record, or the clock, is like."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import LockError, ValidationError
from odoo.tests import tagged

from ..engine.matching import profile, scoring
from ..exceptions import MergeRefused
from ..models.merge.arrivals import MERGE_ON_ARRIVAL, Arrivals
from .test_duplicates import ANN, DuplicatesCase

LOGGER = "odoo.addons.crm_lead_qualification"
TABLES = ("key", "pair", "profile", "queue", "term")


@tagged("post_install", "-at_install")
class TestBackground(DuplicatesCase):
    """Scheduled actions, and one record that spoils them."""

    def setUp(self):
        super().setUp()
        self.one, self.two, self.bad = (
            self.create_lead(**ANN, name=name) for name in ("One", "Two", "Bad")
        )
        self.bad.contact_name = "Bad Lee"
        self.env.flush_all()

    def break_for(self, owner, name, is_bad):
        """Have a function fail for what `is_bad` says of its first arguments."""
        original = getattr(owner, name)

        def broken(*args, **kwargs):
            if is_bad(*args):
                raise KeyError("something nobody has thought of")
            return original(*args, **kwargs)

        self.patch(owner, name, broken)

    def assert_others_are_compared(self, log):
        self.assertTrue(self.pairs(self.one, self.two))
        self.assertFalse(self.pairs(self.one, self.bad))
        self.assertFalse(self.env["crm.lead.match.queue"].search_count([]))
        self.assertTrue([line for line in log.output if str(self.bad.id) in line])

    def test_b7_a_lead_without_a_profile_keeps_nobody_from_being_compared(self):
        self.break_for(profile, "build", lambda said: "Bad Lee" in said["persons"])
        for cron in ("crm_lead_match_queue_cron", "crm_lead_scan_cron"):
            self.env["crm.lead.match.queue"]._append((self.one + self.bad).ids)
            self.env["crm.lead.scan"].search([]).unlink()
            self.env["crm.lead.scan"]._start_in_background()
            with self.subTest(cron), self.assertLogs(LOGGER, "ERROR") as log:
                self.run_cron(cron)
                self.assert_others_are_compared(log)

    def test_b7_a_pair_that_cannot_be_compared_keeps_nobody_from_it(self):
        self.break_for(
            scoring,
            "compare",
            lambda one, other, *_args: "bad" in str(one.persons + other.persons),
        )
        with self.assertLogs(LOGGER, "ERROR"):
            self.assertEqual(self.one.duplicate_lead_count, 1)
        with self.assertLogs(LOGGER, "ERROR") as log:
            self.run_cron("crm_lead_match_queue_cron")
        self.assert_others_are_compared(log)
        self.env["crm.lead.scan"]._start_in_background()
        with self.assertLogs(LOGGER, "ERROR") as log:
            self.run_cron("crm_lead_scan_cron")
        self.assert_others_are_compared(log)

    def test_b7_a_lead_that_cannot_be_stored_is_named_and_left_out(self):
        store = type(self.env["crm.lead.duplicate"])
        self.break_for(store, "_store", lambda _model, _found, ids: self.bad.id in ids)
        with self.assertLogs(LOGGER, "ERROR") as log:
            self.run_cron("crm_lead_match_queue_cron")
        self.assertTrue(self.pairs(self.one, self.two))
        self.assertFalse(self.env["crm.lead.match.queue"].search_count([]))
        self.assertEqual(len(log.output), 1)
        self.assertIn("‘Bad’", log.output[0])

    def test_b11_a_run_that_fails_keeps_no_other_from_going_on(self):
        runs = self.env["crm.lead.run"]
        run_of = {}
        for lead in (self.bad, self.one):
            run_of[lead] = runs.with_user(self.manager)._create_conversions(
                lead.with_user(self.manager), deduplicate=False
            )
            run_of[lead].action_start()
        bad = run_of[self.bad].id
        self.break_for(type(runs), "process", lambda run, *_args: run.id == bad)
        with self.assertLogs(LOGGER, "ERROR") as log:
            self.run_cron("crm_lead_run_process_cron")
        self.assertIn(f"Run {bad} ", log.output[0])
        self.assertEqual(run_of[self.one].state, "done")
        self.assertEqual(run_of[self.bad].state, "running")

    def test_b14_a_snapshot_that_cannot_be_removed_keeps_no_other(self):
        merges = self.env["crm.lead.merge"]
        for first, second in ((self.one, self.two), (self.bad, self.create_lead())):
            merges += merges._merge(first + second)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_lead_journal_line SET create_date = create_date - "
            "interval '1 year'"
        )
        self.env["ir.config_parameter"].set_param(
            "crm_lead_qualification.retention_months", "6"
        )
        kept = merges[0].line_ids[:1]
        journal = merges[0].journal_id
        self.break_for(type(kept), "unlink", lambda lines: journal in lines.journal_id)
        with self.assertLogs(LOGGER, "ERROR"):
            self.run_cron("crm_lead_journal_line_remove_old_cron")
        self.assertTrue(merges[0].line_ids)
        self.assertFalse(merges[1].line_ids)

    def test_b7_a_scan_that_ended_in_the_future_is_no_reason_to_wait(self):
        scans = self.env["crm.lead.scan"]
        scans.search([]).unlink()
        now = fields.Datetime.now()
        last = scans.create({"state": "done", "date_done": now + timedelta(days=365)})
        self.env["ir.config_parameter"].set_param(
            "crm_lead_qualification.scan_hour", str(now.hour)
        )
        self.run_cron("crm_lead_scan_cron")
        scan = scans.search([]) - last
        self.assertEqual(scan.state, "done")
        self.assertFalse(scans._is_due())

    def test_b7_nothing_is_numbered_that_is_there(self):
        """Comparing what has not changed uses up no numbers, however often."""
        self.compare()
        self.env["crm.lead.scan"]._start()._run()
        tables = [f"crm_lead_match_{name}" for name in TABLES if name != "queue"]
        tables += ["crm_lead_duplicate", "crm_lead_duplicate_group"]

        def count():
            self.env.cr.execute(
                "SELECT sequencename, last_value FROM pg_sequences "
                "WHERE sequencename = ANY(%s)",
                [[f"{table}_id_seq" for table in tables]],
            )
            return dict(self.env.cr.fetchall())

        before = count()
        self.assertEqual(len(before), len(tables))
        for _time in range(3):
            self.env["crm.lead.match.queue"]._append((self.one + self.two).ids)
            self.compare()
            self.env["crm.lead.scan"]._start()._run()
        self.assertEqual(count(), before)

    def test_b7_numbers_of_what_is_written_all_the_time_are_wide(self):
        self.env.cr.execute(
            """SELECT attrelid::regclass::text, s.data_type::text
                 FROM pg_attribute
                 JOIN pg_sequences s ON sequencename = attrelid::regclass || '_id_seq'
                WHERE attrelid = ANY(%s::regclass[]) AND attname = 'id'
                  AND atttypid = 'int8'::regtype AND s.data_type = 'int8'::regtype""",
            [[f"crm_lead_match_{name}" for name in TABLES]],
        )
        self.assertEqual(len(self.env.cr.fetchall()), len(TABLES))

    def test_settings_refuse_numbers_that_nothing_can_be(self):
        Settings = self.env["res.config.settings"].with_user(self.administrator)
        names = Settings._get_number_settings()
        self.assertIn("snapshot_retention_months", names)
        for name in names:
            for number in (-5, 10**6, 2**40, 10**400, float("inf"), float("nan")):
                with (
                    self.subTest(name=name, number=number),
                    self.assertRaisesRegex(ValidationError, "Enter a number from"),
                ):
                    Settings.create({name: number})

    def test_b7_parameters_that_are_no_numbers_stop_nothing(self):
        parameters = self.env["ir.config_parameter"]
        names = self.env["res.config.settings"]._get_number_settings()
        for text in ("soon", "nan", "-1", "1e999", str(2**80)):
            for number in names.values():
                parameters.set_param(number.key, text)
            with self.subTest(text):
                self.env["crm.lead.match.queue"]._append(self.one.ids)
                self.run_cron("crm_lead_match_queue_cron")
                self.run_cron("crm_lead_scan_cron")
                self.run_cron("crm_lead_journal_line_remove_old_cron")
                self.assertIsNotNone(self.one.duplicate_lead_count)

    def test_b7_an_arrival_keeps_waiting_for_a_busy_record(self):
        """It is not tried again and again by the same run."""
        self.env["ir.config_parameter"].set_param(MERGE_ON_ARRIVAL, "True")
        self.compare()
        queue = self.env["crm.lead.match.queue"]
        new = self.create_lead(**ANN)
        queue.search([]).unlink()
        queue._append(new.ids, is_arrival=True)
        tries = []

        def merge(_model, lead, _other):
            tries.append(lead)
            raise MergeRefused("Busy") from LockError("Busy")

        with patch.object(Arrivals, "_merge_and_tell", merge):
            self.run_cron("crm_lead_match_queue_cron")
            self.assertEqual(len(tries), 1)
            self.run_cron("crm_lead_match_queue_cron")
            self.assertEqual(len(tries), 2)
        self.assertTrue(queue.search([]).is_arrival)
        self.run_cron("crm_lead_match_queue_cron")
        self.assertFalse(new.exists())

    def test_b7_leads_of_merged_contacts_are_compared_again(self):
        first, second = (
            self.create_customer(name="Ann Lee", email=f"ann{n}@lee.org")
            for n in range(2)
        )
        child = self.create_customer(name="Bob", parent_id=second.id)
        leads = [
            self.create_lead(partner_id=each.id) for each in (first, second, child)
        ]
        self.compare()
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (first + second).ids, first
        )
        waiting = self.env["crm.lead.match.queue"].search([]).mapped("lead_id")
        self.assertLessEqual({lead.id for lead in leads}, set(waiting))
        self.compare()
        self.env.invalidate_all()
        self.assertEqual(leads[0].duplicate_best_id, leads[1])

    def test_b7_a_scan_finds_leads_whose_customer_was_changed_by_sql(self):
        one, two = self.create_customer(), self.create_customer()
        lead, other = (self.create_lead(partner_id=each.id) for each in (one, two))
        self.compare()
        self.env.cr.execute(
            "UPDATE crm_lead SET partner_id = %s WHERE id = %s", (one.id, other.id)
        )
        self.env.invalidate_all()
        self.env["crm.lead.scan"]._start()._run()
        self.assertTrue(self.pairs(lead, other))
