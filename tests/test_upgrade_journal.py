import importlib.util
from pathlib import Path

from odoo.tests import tagged

from ..engine.conversion import ConversionOptions
from ..engine.plan import MergeOptions
from ..exceptions import UndoRefused
from .common import LeadQualificationCase

SCRIPT = Path(__file__).parents[1] / "migrations" / "19.0.1.2.0" / "pre-journal.py"
#: Back to how the version before this one stored it.
AS_BEFORE = """
ALTER TABLE crm_lead_merge
    ADD state varchar, ADD undo_uid int, ADD undo_date timestamp;
UPDATE crm_lead_merge SET state = journal.state, undo_uid = journal.undo_uid,
       undo_date = journal.undo_date
  FROM crm_lead_journal journal WHERE journal.id = journal_id;
ALTER TABLE crm_lead_merge ALTER state SET NOT NULL;
ALTER TABLE crm_lead_conversion
    ADD state varchar, ADD undo_uid int, ADD undo_date timestamp;
UPDATE crm_lead_conversion SET state = journal.state, undo_uid = journal.undo_uid,
       undo_date = journal.undo_date
  FROM crm_lead_journal journal WHERE journal.id = journal_id;
ALTER TABLE crm_lead_conversion ALTER state SET NOT NULL;
ALTER TABLE crm_lead_journal_line ADD merge_id int, ADD conversion_id int;
UPDATE crm_lead_journal_line line SET merge_id = (
       SELECT id FROM crm_lead_merge m WHERE m.journal_id = line.journal_id),
       conversion_id = (
       SELECT id FROM crm_lead_conversion c WHERE c.journal_id = line.journal_id);
ALTER TABLE crm_lead_merge DROP journal_id CASCADE;
ALTER TABLE crm_lead_conversion DROP journal_id CASCADE;
ALTER TABLE crm_lead_journal_line DROP journal_id CASCADE;
DROP TABLE crm_lead_journal CASCADE;
"""


@tagged("post_install", "-at_install")
class TestUpgradeJournal(LeadQualificationCase):
    """B1, B3: what could be undone before an upgrade can be undone after it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leads = cls.create_leads(5)
        cls.Merge = cls.env["crm.lead.merge"].with_user(cls.salesperson)
        cls.Conversion = cls.env["crm.lead.conversion"].with_user(cls.salesperson)

    @classmethod
    def create_leads(cls, count):
        return (
            cls.env["crm.lead"]
            .create(
                [
                    {
                        "name": f"Lead {number}",
                        "phone": f"+32 2 555 01 0{number}",
                        "type": "lead",
                        "user_id": cls.salesperson.id,
                    }
                    for number in range(count)
                ]
            )
            .with_user(cls.salesperson)
        )

    def merge(self, survivor, source):
        options = MergeOptions(survivor_id=survivor.id)
        return self.Merge._merge(survivor + source, options)

    def upgrade(self):
        self.env.flush_all()
        self.env.cr.execute(AS_BEFORE)
        spec = importlib.util.spec_from_file_location("pre_journal", SCRIPT)
        script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(script)
        script.migrate(self.env.cr, "19.0.1.1.0")
        self.env.invalidate_all()

    def read_rows(self):
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT id, to_jsonb(t) - 'write_date' FROM crm_lead t WHERE id IN %s",
            (tuple(self.leads.ids),),
        )
        return dict(self.env.cr.fetchall())

    def test_b1_merges_of_merges_are_undone_in_their_order(self):
        before = self.read_rows()
        first, second, third, *_others = self.leads
        earlier, later = self.merge(second, first), self.merge(third, second)
        self.upgrade()
        self.assertTrue(earlier.can_undo)
        with self.assertRaisesRegex(UndoRefused, "merged again"):
            earlier.action_undo()
        later.action_undo()
        earlier.action_undo()
        self.assertEqual(self.read_rows(), before)
        self.assertEqual((earlier + later).mapped("state"), ["undone", "undone"])

    def test_b3_a_conversion_and_a_later_merge_are_undone_in_their_order(self):
        before = self.read_rows()
        first, second, *_others = self.leads
        conversion = self.Conversion._convert_one(first, ConversionOptions())
        merge = self.merge(first, second)
        self.upgrade()
        with self.assertRaisesRegex(UndoRefused, "merged after it was converted"):
            conversion.action_undo()
        merge.action_undo()
        conversion.action_undo()
        self.assertEqual(self.read_rows(), before)

    def test_b1_a_merge_that_was_converted_with_it_is_undone_with_it(self):
        before = self.read_rows()
        first, second, *_others = self.leads
        merge = self.merge(first, second)
        conversion = self.Conversion._convert_one(
            first, ConversionOptions(opportunities_too=True), merge
        )
        self.upgrade()
        merge.action_undo()
        self.assertEqual(conversion.state, "undone")
        self.assertEqual(self.read_rows(), before)

    def test_b11_a_run_is_undone(self):
        before = self.read_rows()
        Run = self.env["crm.lead.run"].with_user(self.salesperson)
        run = Run._create_merges([self.leads[:2].ids, self.leads[2:4].ids])
        run.action_start()
        while run.process():
            pass
        self.assertEqual(run.state, "done")
        self.upgrade()
        run.action_undo()
        self.assertEqual(self.read_rows(), before)

    def test_what_was_undone_before_stays_undone(self):
        merge = self.merge(self.leads[0], self.leads[1])
        merge.action_undo()
        self.upgrade()
        self.assertEqual(merge.state, "undone")
        self.assertEqual(merge.undo_uid, self.salesperson)
        self.assertFalse(merge.can_undo)
        with self.assertRaisesRegex(UndoRefused, "undone already"):
            merge.action_undo()

    def test_a_view_that_somebody_has_made_does_not_stop_the_upgrade(self):
        merge = self.merge(self.leads[0], self.leads[1])
        self.env.flush_all()
        self.env.cr.execute(AS_BEFORE)
        self.env.cr.execute("CREATE VIEW x_states AS SELECT state FROM crm_lead_merge")
        spec = importlib.util.spec_from_file_location("pre_journal", SCRIPT)
        script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(script)
        with self.assertLogs(level="WARNING"):
            script.migrate(self.env.cr, "19.0.1.1.0")
        self.env.invalidate_all()
        merge.action_undo()
        self.merge(self.leads[0], self.leads[1])
