"""How long snapshots are kept, and what undo says afterwards."""

from unittest.mock import patch

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from ..engine.conversion import ConversionOptions
from ..engine.plan import MergeOptions
from ..exceptions import UndoRefused
from .common import LeadQualificationCase


@tagged("post_install", "-at_install")
class TestRetention(LeadQualificationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.now = fields.Datetime.now()

    def merge(self, name="Survivor", months_ago=0):
        """Merge two leads as a salesperson, some months ago; return the record."""
        leads = (
            self.env["crm.lead"]
            .union(
                *(
                    self.create_lead(name=one, user_id=self.salesperson.id)
                    for one in (name, f"{name}, again")
                )
            )
            .with_user(self.salesperson)
        )
        Merge = self.env["crm.lead.merge"].with_user(self.salesperson)
        merge = Merge._merge(leads, MergeOptions(survivor_id=leads[0].id))
        then = self.now - relativedelta(months=months_ago)
        self.date_back(merge, then)
        self.env.invalidate_all()
        return merge

    def date_back(self, undoable, then):
        """Let a merge or conversion, and what it remembers, be of an earlier time."""
        for table, column, row_id in (
            (undoable._table, "id", undoable.id),
            ("crm_lead_journal", "id", undoable.journal_id.id),
            ("crm_lead_journal_line", "journal_id", undoable.journal_id.id),
        ):
            self.env.cr.execute(
                f"UPDATE {table} SET create_date = %s WHERE {column} = %s",
                (then, row_id),
            )

    def keep_for(self, months):
        Settings = self.env["res.config.settings"].with_user(self.administrator)
        Settings.create({"snapshot_retention_months": months}).execute()

    def test_b1_snapshots_are_kept_for_ever_by_default(self):
        merge = self.merge(months_ago=500)
        self.run_cron("crm_lead_journal_line_remove_old_cron")
        merge.action_undo()
        self.assertEqual(merge.state, "undone")

    def test_b1_older_snapshots_are_removed_and_younger_ones_stay(self):
        old, young = self.merge(months_ago=13), self.merge(months_ago=11)
        self.keep_for(12)
        self.run_cron("crm_lead_journal_line_remove_old_cron")
        self.assertFalse(old.sudo().line_ids)
        self.assertFalse(old.can_undo)
        self.assertTrue(young.can_undo)
        young.action_undo()
        with self.assertRaisesRegex(
            UndoRefused, "‘Survivor’.*snapshots are removed after 12 months"
        ):
            old.action_undo()
        self.assertEqual(old.state, "done")

    def test_b5_old_ids_live_on_without_snapshots(self):
        merge = self.merge(months_ago=13)
        source_id = merge.source_ids.source_res_id
        self.keep_for(12)
        self.run_cron("crm_lead_journal_line_remove_old_cron")
        Merge = self.env["crm.lead.merge"].with_user(self.salesperson)
        self.assertEqual(Merge._resolve([source_id]), {source_id: merge.survivor_id.id})
        self.assertTrue(merge.value_ids)

    def test_b3_snapshots_of_conversions_are_removed_too(self):
        lead = self.create_lead(name="Converted", user_id=self.salesperson.id)
        Conversion = self.env["crm.lead.conversion"].with_user(self.salesperson)
        conversion = Conversion._convert_one(
            lead.with_user(self.salesperson), ConversionOptions()
        )
        then = self.now - relativedelta(months=13)
        self.date_back(conversion, then)
        self.env.invalidate_all()
        self.keep_for(12)
        self.run_cron("crm_lead_journal_line_remove_old_cron")
        with self.assertRaisesRegex(UndoRefused, "‘Converted’.*after 12 months"):
            conversion.action_undo()
        self.assertEqual(lead.type, "opportunity")

    def test_b1_snapshots_go_whole_merges_at_a_time(self):
        merge, other = self.merge(), self.merge("Other")
        self.assertGreater(len(merge.sudo().line_ids), 1)
        merge.sudo().line_ids[0].unlink()
        self.assertFalse(merge.can_undo, "a part of the lines restores nothing")
        self.assertTrue(other.can_undo)

    def test_b1_removing_stops_when_the_time_is_up_and_goes_on_later(self):
        merges = [self.merge(f"Lead {number}", months_ago=13) for number in range(3)]
        Line = self.env["crm.lead.journal.line"]
        self.keep_for(12)
        steps = []

        def commit(cron, processed=0, *, remaining=None, deactivate=False):
            steps.append(remaining)
            return 2 - len(steps)  # seconds left: none after the first batch

        with patch.object(self.registry["ir.cron"], "_commit_progress", commit):
            Line._cron_remove_old(batch_size=1)
        self.assertEqual(sum(merge.can_undo for merge in merges), 2)
        self.assertEqual(len(steps), 2)
        self.assertGreater(steps[0], steps[1])
        self.assertGreater(steps[1], 0)
        self.run_cron("crm_lead_journal_line_remove_old_cron")
        self.assertEqual(sum(merge.can_undo for merge in merges), 0)

    def test_setting_is_kept_and_refuses_nonsense(self):
        self.keep_for(24)
        Settings = self.env["res.config.settings"].with_user(self.administrator)
        self.assertEqual(Settings.create({}).snapshot_retention_months, 24)
        for months in (-1, 30_000, 2**40):
            with self.assertRaisesRegex(ValidationError, f"{months}. Enter .* 0 to"):
                Settings.create({"snapshot_retention_months": months})
        self.keep_for(0)
        self.assertEqual(self.env["crm.lead.journal"]._get_retention_months(), 0)
        parameter = "crm_lead_qualification.retention_months"
        for text in ("a while", "-7", "nan"):
            self.env["ir.config_parameter"].set_param(parameter, text)
            self.assertEqual(self.env["crm.lead.journal"]._get_retention_months(), 0)

    def test_snapshots_kept_for_thousands_of_years_stop_nothing(self):
        merge = self.merge()
        parameter = "crm_lead_qualification.retention_months"
        for text in ("30000", "1e300", "inf", str(2**70)):
            self.env["ir.config_parameter"].set_param(parameter, text)
            self.run_cron("crm_lead_journal_line_remove_old_cron")
            self.assertTrue(merge.can_undo)

    def test_salespeople_cannot_remove_snapshots(self):
        merge = self.merge()
        lines = merge.sudo().line_ids.with_user(self.salesperson_all)
        with self.assertRaises(AccessError):
            lines.unlink()
        self.assertTrue(merge.can_undo)

    def test_b1_undo_says_when_snapshots_were_removed_on_request(self):
        merge = self.merge()
        merge.sudo().line_ids.unlink()
        with self.assertRaisesRegex(UndoRefused, "protect personal data"):
            merge.action_undo()
