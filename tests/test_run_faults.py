"""What else can happen to a bulk run does not spoil it (promise B11)."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields, models
from odoo.exceptions import LockError
from odoo.tests import tagged

from ..exceptions import ConversionRefused
from ..models.run import batch
from ..models.run.batch import Batch
from ..wizards import crm_lead_undo as undo
from .test_run import RunCase


@tagged("post_install", "-at_install")
class TestRunFaults(RunCase):
    """Runs amid faults of other addons, other workers, and too much of everything."""

    def test_b11_an_undo_that_fails_says_why_in_the_log(self):
        leads = self.create_leads(2)
        run = self.run_all(self.create_run(leads))
        Conversion = type(self.env["crm.lead.conversion"])
        original = Conversion._undo

        def hook(conversions):
            if leads[0].id in conversions.mapped("lead_res_id"):
                raise KeyError("a fault of another addon")
            return original(conversions)

        self.patch(Conversion, "_undo", hook)
        with self.assertLogs(batch.__name__, "ERROR") as log:
            run.action_undo()
        self.assertEqual(run.line_ids.mapped("state"), ["kept", "undone"])
        self.assertIn("unexpected error", run.line_ids[0].reason)
        self.assertEqual(len(log.output), 1)

    def keep_busy(self, lead):
        """Let somebody else be at a lead for as long as a batch takes.

        :return: the names of the leads of each batch
        """
        batches = []
        original = Batch.carry_out_together

        def hook(batch):
            if lead.id in batch.engine.mapped("lead_res_id"):
                raise ConversionRefused("Busy") from LockError("Busy")
            return original(batch)

        def note(batch):
            batches.append(batch.engine.mapped("name"))
            return carry_out(batch)

        carry_out = Batch.carry_out
        self.patch(Batch, "carry_out_together", hook)
        self.patch(Batch, "carry_out", note)
        return batches

    def test_b11_what_is_busy_comes_again_after_all_others(self):
        leads = self.create_leads(5)
        batches = self.keep_busy(leads[0])
        run = self.run_all(self.create_run(leads), limit=2)
        self.assertEqual(
            batches,
            [
                ["Lead 0", "Lead 1"],
                ["Lead 2", "Lead 3"],
                ["Lead 4", "Lead 0"],
                ["Lead 0"],
            ],
        )
        line = run.line_ids[0]
        self.assertEqual((line.state, line.attempts), ("skipped", batch.ATTEMPTS))
        self.assertEqual((run.done_count, run.skipped_count), (4, 1))

    def test_b11_the_question_before_undo_is_of_bounded_length(self):
        self.patch(undo, "LISTED_CONFLICTS", 3)
        for count, is_shortened in ((3, False), (5, True)):
            leads = self.create_leads(count)
            run = self.run_all(self.create_run(leads, deduplicate=False))
            leads.partner_id = self.create_customer()
            question = run.action_undo()
            dialog = self.env[question["res_model"]].browse(question["res_id"])
            self.assertEqual(len(dialog.line_ids), 3)
            self.assertEqual(dialog.is_shortened, is_shortened)

    def test_b11_salespeople_are_told_without_comparing_each_with_all(self):
        """The more leads, the more leads to tell of; no more sets to put together."""
        Conversion = type(self.env["crm.lead.conversion"])
        original = Conversion.union
        unions = []

        def union(conversions, *others):
            unions.append(conversions)
            return original(conversions, *others)

        self.patch(Conversion, "union", union)
        leads = self.create_leads(4)
        run = self.create_run(leads, user_ids=(self.colleague.id,))
        self.run_all(run)
        unions.clear()
        run.sudo()._notify_salespeople()
        self.assertLess(len(unions), len(leads))
        self.assertTrue(run.line_ids.conversion_id.notification_id)

    def test_b11_undo_is_offered_once_the_run_has_ended(self):
        Dialog = self.env["crm.lead2opportunity.partner.mass"].with_user(self.manager)
        Run = type(self.env["crm.lead.run"])
        original = Run.process
        for limit, is_offered in ((200, True), (1, False)):
            leads = self.create_leads(3)
            self.patch(Run, "process", lambda run, limit=limit: original(run, limit))
            context = {"active_model": "crm.lead", "active_ids": leads.ids}
            dialog = Dialog.with_context(**context).create({"name": "convert"})
            params = dialog.action_convert_in_run()["params"]
            self.assertEqual("res_id" in params, is_offered)
            self.assertEqual(params["next"]["res_model"], "crm.lead.run")
            self.assertNotIn("colleague", params["message"])

    def test_b11_an_undo_that_another_worker_is_at_goes_on_in_the_background(self):
        run = self.run_all(self.create_run(self.create_leads(2)))
        Line = type(self.env["crm.lead.run.line"])
        Trigger = self.env["ir.cron.trigger"]
        triggers = Trigger.search_count([])
        with patch.object(Line, "_take", lambda lines, *args: lines.browse()):
            run.action_undo()
        self.assertEqual(run.state, "undoing")
        self.assertGreater(Trigger.search_count([]), triggers)

    def test_b11_choosing_writes_what_was_chosen_only(self):
        run = self.create_run(self.create_leads(2))
        written = []
        original = models.BaseModel.write

        def write(records, vals):
            if records._name == "crm.lead.run.line":
                written.append(vals)
            return original(records, vals)

        self.patch(models.BaseModel, "write", write)
        run.line_ids[0].proposal = "skip"
        self.assertTrue(written)
        self.assertNotIn({}, written)

    def test_b11_what_was_never_started_is_deleted_after_a_week(self):
        old, changed, started = (
            self.create_run(self.create_leads(1)).sudo() for _number in range(3)
        )
        started.action_start()
        started.action_stop()
        runs = old + changed + started
        last_week = fields.Datetime.now() - timedelta(days=8)
        self.env.flush_all()
        for table, ids in (
            ("crm_lead_run", runs.ids),
            ("crm_lead_run_line", runs.line_ids.ids),
        ):
            self.env.cr.execute(
                f"UPDATE {table} SET write_date = %s WHERE id = ANY(%s)",
                (last_week, ids),
            )
        self.env.invalidate_all()
        changed.line_ids.with_user(self.manager).proposal = "skip"
        self.env["crm.lead.run"]._gc_proposals()
        self.assertEqual(runs.exists(), changed + started)
