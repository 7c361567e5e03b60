"""Bulk runs (promise B11): progress, reasons, resuming, undo of the whole."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..engine.conversion import FIND_OR_CREATE, ConversionOptions
from ..exceptions import UndoRefused
from ..models.run import batch
from .test_undo_conversion import UndoConversionCase


class RunCase(UndoConversionCase):
    """Leads of a manager's channel, and runs over them."""

    def create_leads(self, count, **values):
        return self.env["crm.lead"].concat(
            *(
                self.create_lead(
                    name=f"Lead {number}",
                    contact_name=f"Contact {number}",
                    email_from=f"run{number}@example.com",
                    user_id=self.salesperson.id,
                    **values,
                )
                for number in range(count)
            )
        )

    def create_run(self, leads, user=None, deduplicate=True, **options):
        Run = self.env["crm.lead.run"].with_user(user or self.manager)
        options = {"customer": FIND_OR_CREATE, **options}
        return Run._create_conversions(
            leads.with_env(Run.env), ConversionOptions(**options), deduplicate
        )

    def run_all(self, run, limit=200):
        run.action_start()
        while run.process(limit):
            pass
        return run


@tagged("post_install", "-at_install")
class TestRun(RunCase):
    """A run over a handful of leads, in batches of a few."""

    def test_b11_in_batches(self):
        leads = self.create_leads(5)
        run = self.create_run(leads)
        self.assertEqual(run.state, "draft")
        run.action_start()
        self.assertEqual(run.process(2), 2)
        self.assertEqual((run.done_count, run.waiting_count), (2, 3))
        self.assertEqual(run.progress, 40)
        self.assertEqual(leads.mapped("type").count("opportunity"), 2)
        self.assertEqual(run.process(200), 3)
        self.assertEqual(run.process(), 0)
        self.assertEqual(run.state, "done")
        self.assertEqual(set(leads.mapped("type")), {"opportunity"})
        self.assertEqual(len(leads.partner_id), 5)

    def test_b11_skips_with_a_reason_and_goes_on(self):
        leads = self.create_leads(4, probability=20)
        leads[0].action_archive()
        run = self.create_run(leads)
        leads[1].unlink()
        leads[2].name = " "
        leads[2].write({"contact_name": False, "email_from": False})
        self.run_all(run)
        states = {line.lead_res_id: line for line in run.line_ids}
        self.assertIn("archived", states[leads[0].id].reason)
        self.assertIn("deleted", states[leads[1].id].reason)
        self.assertIn("neither a name", states[leads[2].id].reason)
        self.assertEqual(leads[3].type, "opportunity")
        self.assertEqual((run.done_count, run.skipped_count), (1, 3))

    def test_b11_what_is_proposed_can_be_changed_in_the_list(self):
        leads = self.create_leads(3)
        leads[1].email_from = leads[0].email_from
        run = self.create_run(leads)
        lines = run.line_ids.with_user(run.create_uid)
        self.assertEqual(lines.mapped("proposal"), ["merge", "merge", "convert"])
        lines[0].write({"proposal": "skip"})
        self.assertEqual(lines.mapped("proposal"), ["skip", "convert", "convert"])
        lines[2].write({"proposal": "merge", "survivor_id": leads[1].id})
        self.run_all(run)
        self.assertEqual(leads.exists(), leads[:2])
        self.assertEqual(leads[:2].mapped("type"), ["lead", "opportunity"])

    def test_b11_continue_in_the_background(self):
        run = self.create_run(self.create_leads(3))
        run.action_start()
        triggers = self.env["ir.cron.trigger"].search_count([])
        self.assertEqual(run.action_leave()["res_model"], "crm.lead.run")
        self.assertGreater(self.env["ir.cron.trigger"].search_count([]), triggers)

    def test_b11_stop_and_continue(self):
        leads = self.create_leads(3)
        run = self.create_run(leads)
        run.action_start()
        run.process(1)
        run.action_stop()
        self.assertEqual(run.process(), 0)
        self.assertEqual(run.waiting_count, 2)
        self.run_all(run)
        self.assertEqual(run.state, "done")

    def test_b11_a_lead_that_fails_does_not_stop_the_others(self):
        leads = self.create_leads(3)
        Lead = type(leads)
        original = Lead._convert_opportunity_data

        def hook(lead, *args, **kwargs):
            if lead == leads[1]:
                raise ValueError("a fault of another addon")
            return original(lead, *args, **kwargs)

        self.patch(Lead, "_convert_opportunity_data", hook)
        with self.assertLogs(batch.__name__, "ERROR") as log:
            run = self.run_all(self.create_run(leads))
        line = run.line_ids.filtered(lambda one: one.lead_res_id == leads[1].id)
        self.assertEqual(line.state, "skipped")
        self.assertIn("unexpected error", line.reason)
        self.assertNotIn("a fault of another addon", line.reason)
        self.assertEqual(len(log.output), 1)
        self.assertIn("ValueError: a fault of another addon", log.output[0])
        self.assertIn(str(leads[1].id), log.output[0])
        self.assertEqual(leads.mapped("type"), ["opportunity", "lead", "opportunity"])
        self.assertEqual(len(leads.partner_id), 2)

    def test_same_prospect_becomes_one(self):
        leads = self.create_leads(4)
        leads[2].email_from = leads[0].email_from
        run = self.run_all(self.create_run(leads))
        self.assertEqual(len(leads.exists()), 3)
        self.assertEqual(len(leads.exists().partner_id), 3)
        self.assertEqual(run.done_count, 4)

    def test_salespeople_take_turns_across_batches(self):
        leads = self.create_leads(5)
        run = self.create_run(
            leads, user_ids=(self.manager.id, self.colleague.id), force_assignment=True
        )
        self.run_all(run, limit=1)
        self.assertEqual(
            [lead.user_id.id for lead in leads],
            [(self.manager.id, self.colleague.id)[turn % 2] for turn in range(5)],
        )

    def test_one_summary_a_salesperson(self):
        leads = self.create_leads(3)
        run = self.create_run(leads, user_ids=(self.colleague.id,))
        before = self.env["mail.notification"].search(
            [("res_partner_id", "=", self.colleague.partner_id.id)]
        )
        self.run_all(run, limit=2)
        told = (
            self.env["mail.notification"].search(
                [("res_partner_id", "=", self.colleague.partner_id.id)]
            )
            - before
        )
        self.assertEqual(len(told), 1)
        self.assertIn("Lead 2", told.mail_message_id.body)

    def test_b11_undo_of_the_whole(self):
        leads = self.create_leads(6)
        leads[4].email_from = leads[0].email_from
        before = self.read_database()
        run = self.create_run(leads, user_ids=(self.colleague.id, self.salesperson.id))
        self.run_all(run, limit=4)
        run.action_undo()
        self.assertEqual(run.state, "undone")
        self.assertEqual(len(leads.exists()), 6)
        self.assertSameDatabase(before)

    def test_b11_undo_keeps_what_came_later(self):
        leads = self.create_leads(2)
        run = self.run_all(self.create_run(leads))
        leads[0].user_id = self.colleague
        run.invalidate_recordset()
        leads[0].type = "opportunity"
        self.env.flush_all()
        self.env["crm.lead"].create({"name": "x", "partner_id": leads[1].partner_id.id})
        customer = leads[1].partner_id
        question = run.action_undo()
        self.assertEqual(question["res_model"], "crm.lead.undo")
        run.action_undo(force=True)
        self.assertEqual(run.state, "undone")
        self.assertTrue(customer.exists())
        self.assertEqual(set(leads.mapped("type")), {"lead"})

    def test_a_lead_already_converted_is_skipped(self):
        leads = self.create_leads(2)
        first, second = self.create_run(leads), self.create_run(leads)
        self.run_all(first)
        self.run_all(second)
        self.assertEqual((first.done_count, second.skipped_count), (2, 2))
        self.assertIn("was converted by", second.line_ids[0].reason)

    def test_own_leads_only(self):
        mine, theirs = self.create_leads(1), self.create_lead(user_id=self.manager.id)
        run = self.create_run(mine + theirs, user=self.salesperson)
        self.run_all(run)
        self.assertEqual(mine.type, "opportunity")
        self.assertEqual(theirs.type, "lead")
        self.assertEqual(run.skipped_count, 1)
        self.assertNotIn("Office chairs", run.line_ids.mapped("name"))

    def test_a_run_is_its_starters(self):
        run = self.create_run(self.create_leads(1))
        for user in (self.colleague, self.salesperson_all):
            with self.assertRaises(AccessError):
                run.with_user(user).process()
        own = self.create_run(self.create_leads(1), user=self.salesperson)
        self.assertEqual(self.run_all(own.with_user(self.manager)).state, "done")

    def test_undo_of_a_running_run_is_refused(self):
        run = self.create_run(self.create_leads(1))
        run.action_start()
        with self.assertRaisesRegex(UndoRefused, "still running"):
            run.action_undo()

    def test_undo_of_a_run_tells_the_page_and_is_refused_twice(self):
        run = self.run_all(self.create_run(self.create_leads(1)))
        params = run.action_undo()["params"]
        self.assertEqual((params["res_model"], params["res_id"]), (run._name, run.id))
        self.assertEqual(params["next"]["res_id"], run.id)
        with self.assertRaisesRegex(UndoRefused, "has been undone already"):
            run.action_undo()

    def test_bulk_merges(self):
        leads = self.create_leads(5)
        before = self.read_database()
        Run = self.env["crm.lead.run"].with_user(self.manager)
        run = Run._create_merges([leads[:2].ids, leads[2:].ids])
        self.run_all(run, limit=1)
        self.assertEqual(leads.exists(), leads[0] + leads[2])
        self.assertEqual(run.done_count, 5)
        self.assertEqual(set(leads.exists().mapped("type")), {"lead"})
        run.action_undo()
        self.assertEqual(len(leads.exists()), 5)
        self.assertSameDatabase(before)

    def test_the_scheduled_action_goes_on(self):
        leads = self.create_leads(2)
        run = self.create_run(leads)
        run.action_start()
        self.patch(self.env.cr, "commit", lambda: None)
        self.env["crm.lead.run"]._cron_process()
        self.assertEqual(run.state, "done")
        self.assertEqual(leads[0].create_uid, leads[1].create_uid)
        self.assertEqual(run.line_ids.conversion_id.create_uid, self.manager)

    def test_b11_the_scheduled_action_stops_when_its_time_is_up(self):
        run = self.create_run(self.create_leads(3))
        run.action_start()
        Run = type(run)
        original = Run.process
        self.patch(Run, "process", lambda run: original(run, 1))
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *_, **__: 0)
        self.env["crm.lead.run"]._cron_process()
        self.assertEqual((run.done_count, run.waiting_count), (1, 2))

    def test_what_is_proposed_can_be_changed_before_it_begins(self):
        leads = self.create_leads(2)
        run = self.create_run(leads)
        lines = run.line_ids
        lines[0].proposal = "skip"
        with self.assertRaises(UserError):
            lines[1].state = "done"
        self.run_all(run)
        self.assertEqual(leads.mapped("type"), ["lead", "opportunity"])
