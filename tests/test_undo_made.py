"""What a merge or a conversion has made, and somebody has edited since, stays (B2)."""

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL

from .merging import MergeCase
from .test_undo_conversion import UndoConversionCase


@tagged("post_install", "-at_install")
class TestUndoMade(MergeCase):
    """A hook plans a meeting with each merge."""

    def setUp(self):
        super().setUp()
        self.leads = self.create_leads({}, {})
        self.customer = self.create_customer()
        self.meetings = self.env["calendar.event"]
        self.hook(self.plan_meeting)

    def plan_meeting(self, survivor, _sources):
        self.meetings = survivor.env["calendar.event"].create(
            [
                {
                    "name": name,
                    "start": "2026-03-01 10:00:00",
                    "stop": "2026-03-01 11:00:00",
                    "opportunity_id": survivor.id,
                    "partner_ids": [Command.set(self.customer.ids)],
                }
                for name in ("Call", "Visit")
            ]
        )

    def labels(self, action):
        """Return {name of a record: what the dialog says of it}."""
        dialog = self.env["crm.lead.undo"].browse(action["res_id"])
        return {line.record: line.label for line in dialog.line_ids}

    def test_p10_what_nobody_has_edited_goes_without_a_question(self):
        self.assert_undone_exactly(self.leads)
        merge = self.merge(self.leads)
        self.undo(merge)
        self.assertFalse(self.meetings.exists())

    def test_b1_links_go_along_where_no_foreign_key_takes_them(self):
        """As of a table that was divided into partitions once."""
        keys = self.env.execute_query(
            SQL(
                """SELECT conname FROM pg_constraint WHERE contype = 'f'
                      AND conrelid = 'calendar_event_res_partner_rel'::regclass"""
            )
        )
        for (name,) in keys:
            self.env.cr.execute(
                SQL(
                    "ALTER TABLE calendar_event_res_partner_rel DROP CONSTRAINT %s",
                    SQL.identifier(name),
                )
            )
        self.assert_undone_exactly(self.leads)

    def test_b2_what_somebody_has_edited_stays_with_what_belongs_to_it(self):
        merge = self.merge(self.leads)
        call, visit = self.meetings
        call.with_user(self.salesperson_all).name = "Call at nine"
        self.env.flush_all()
        said = self.labels(self.undo(merge))
        self.assertEqual(said["Call at nine"], "Edited since")
        self.assertNotIn("Visit", said)
        self.assertTrue(visit.exists())
        self.undo(merge, force=True)
        self.assertEqual(self.leads.exists(), self.leads)
        self.assertFalse(visit.exists())
        self.assertEqual(call.name, "Call at nine")
        self.assertEqual(call.partner_ids, self.customer)
        self.assertEqual(call.attendee_ids.partner_id, self.customer)

    def test_b2_where_a_part_was_edited_the_whole_stays(self):
        merge = self.merge(self.leads)
        call = self.meetings[0]
        call.attendee_ids.state = "accepted"
        self.env.flush_all()
        said = self.labels(self.undo(merge))
        self.assertEqual(said["Call"], "Belongs to a record that has been edited since")
        self.undo(merge, force=True)
        self.assertEqual(call.attendee_ids.state, "accepted")

    def test_b2_a_note_of_the_merge_that_was_edited_stays(self):
        merge = self.merge(self.leads)
        note = merge.note_id
        note.with_user(self.salesperson_all).body = "<p>Ann says they are one</p>"
        self.env.flush_all()
        self.assertIn("Edited since", self.labels(self.undo(merge)).values())
        self.undo(merge, force=True)
        self.assertIn("Ann says", note.body)


@tagged("post_install", "-at_install")
class TestUndoMadeByConversion(UndoConversionCase):
    def test_b2_a_message_of_a_conversion_that_was_edited_stays(self):
        known = self.lead.message_ids
        conversion = self.convert(customer="create").sudo()
        self.env.flush_all()
        message = (self.lead.message_ids - known)[:1]
        self.assertTrue(message)
        message.body = "<p>They called back</p>"
        self.env.flush_all()
        action = conversion.with_user(self.salesperson).action_undo()
        self.assertEqual(action["res_model"], "crm.lead.undo")
        conversion.with_user(self.salesperson).action_undo(force=True)
        self.assertIn("They called back", message.body)
        self.assertEqual(self.lead.type, "lead")
