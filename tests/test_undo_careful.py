"""Undo does what a careful person would, and asks where there are two answers (B2)."""

from odoo.tests import tagged

from .merging import MergeCase


@tagged("post_install", "-at_install")
class TestUndoCareful(MergeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.create_customer()
        cls.won = cls.env.ref("crm.mt_lead_won")
        cls.lost = cls.env.ref("crm.mt_lead_lost")

    def follower(self, lead):
        """Return the customer's follower of a lead."""
        lead.invalidate_recordset(["message_follower_ids"])
        return lead.message_follower_ids.filtered(
            lambda follower: follower.partner_id == self.customer
        )

    def test_p10_whoever_follows_two_leads_gets_what_they_chose_for_either(self):
        leads = self.create_leads({}, {}, {})
        leads[0].message_subscribe(self.customer.ids, subtype_ids=self.won.ids)
        for lead in leads[1:]:
            lead.message_subscribe(self.customer.ids, subtype_ids=self.lost.ids)
        self.assert_undone_exactly(leads)
        merge = self.merge(leads)
        self.assertEqual(self.follower(leads[0]).subtype_ids, self.won + self.lost)
        self.undo(merge)
        self.assertEqual(self.follower(leads[0]).subtype_ids, self.won)
        self.assertEqual(self.follower(leads[1]).subtype_ids, self.lost)

    def test_b2_whoever_unsubscribed_since_stays_so_and_undo_says_it(self):
        leads = self.create_leads({}, {}, {})
        leads[1:].message_subscribe(self.customer.ids, subtype_ids=self.lost.ids)
        leads[:2].message_subscribe(self.customer.ids, subtype_ids=self.won.ids)
        merge = self.merge(leads)
        leads[0].message_unsubscribe(self.customer.ids)
        self.env.flush_all()
        asked = self.undo(merge)
        dialog = self.env["crm.lead.undo"].browse(asked["res_id"])
        self.assertEqual(
            dialog.line_ids.mapped("value_before"), [self.customer.display_name] * 2
        )
        self.undo(merge, force=True)
        self.assertEqual(leads.exists(), leads)
        for lead in leads:
            self.assertFalse(self.follower(lead))

    def test_b1_whoever_follows_again_gets_back_what_they_chose(self):
        leads = self.create_leads({}, {})
        leads.message_subscribe(self.customer.ids, subtype_ids=self.won.ids)
        merge = self.merge(leads)
        leads[0].message_unsubscribe(self.customer.ids)
        leads[0].message_subscribe(self.customer.ids)
        self.undo(merge, force=True)
        self.assertEqual(self.follower(leads[1]).subtype_ids, self.won)

    def test_b2_a_series_of_meetings_edited_since_goes_back_as_a_whole(self):
        leads = self.create_leads({}, {})
        event = self.env["calendar.event"].create(
            {"name": "Weekly", "start": "2026-03-02 10:00:00",
             "stop": "2026-03-02 11:00:00", "opportunity_id": leads[1].id,
             "res_model_id": self.env["ir.model"]._get_id("crm.lead"),
             "res_id": leads[1].id, "recurrency": True, "interval": 1,
             "rrule_type": "weekly", "mon": True, "end_type": "count", "count": 3}
        )  # fmt: skip
        recurrence = event.recurrence_id
        self.assertEqual(recurrence.calendar_event_ids.opportunity_id, leads[1])
        merge = self.merge(leads)
        names = ("Weekly", "Edited")
        recurrence.base_event_id.write(
            {"recurrence_update": "all_events", "count": 5, "name": names[1]}
        )
        asked = self.undo(merge)
        dialog = self.env["crm.lead.undo"].browse(asked["res_id"])
        said = " ".join(dialog.line_ids.mapped("label"))
        self.assertIn("meetings of the series were made since", said)
        self.undo(merge, force=True)
        events = self.env["calendar.event"].search([("name", "in", names)])
        self.assertEqual(events.mapped("name"), ["Edited"] * 5)
        self.assertEqual(events.opportunity_id, leads[1])
        self.assertEqual(events.mapped("res_id"), [leads[1].id] * 5)
