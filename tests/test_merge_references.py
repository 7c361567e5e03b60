from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..exceptions import MergeRefused
from ..models.merge.moving import Moving
from .lossless.custom import add_custom_fields, take_attributes_back
from .lossless.related import KINDS
from .lossless.world import World
from .merging import MergeCase


@tagged("post_install", "-at_install")
class TestMergeReferences(MergeCase):
    """P10, B4: whatever hangs on a lead hangs on the survivor, and comes back by
    undo."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(take_attributes_back, cls.env)
        add_custom_fields(cls.env)
        cls.world = World(cls.env, cls.salesperson_all)

    def test_b4_each_kind_moves_and_comes_back(self):
        for name, kind in sorted(KINDS.items()):
            with self.subTest(kind=name):
                leads = self.create_leads({}, {}, {})
                kind(self.world, leads[1], leads[2])
                kind(self.world, leads[0], leads[1])
                self.env.flush_all()
                self.assert_undone_exactly(leads)
                self.merge(leads)
                left = self.env["crm.lead.ledger"]._count(leads[1:].ids)
                self.assertFalse(left)

    def test_b4_nothing_is_counted_twice_or_dropped(self):
        leads = self.create_leads({}, {}, {})
        kinds = (
            "message",
            "attachment",
            "activity",
            "done_activity",
            "meeting",
            "order",
        )
        for name in kinds:
            for lead in leads:
                KINDS[name](self.world, lead, lead)
        self.env.flush_all()
        count = self.env["crm.lead.ledger"]._count
        before = {one.name: number for one, number in count(leads.ids).items()}
        merge = self.merge(leads)
        after = {one.name: number for one, number in count(leads[0].ids).items()}
        after["mail_message.res_id"] -= 1  # the note
        for place in ("crm_lead_merge.survivor_id", "crm_lead_merge_value.lead_id"):
            after.pop(place, None)
        # who follows several of the leads follows the survivor once
        self.assertLess(
            after.pop("mail_followers.res_id"), before.pop("mail_followers.res_id")
        )
        self.assertEqual(after, before)
        self.assertEqual(merge.state, "done")

    def test_p10_messages_keep_subject_author_and_date(self):
        leads = self.create_leads({}, {})
        posted = leads[1].message_post(
            body="Hello", subject="Offer", author_id=self.salesperson.partner_id.id
        )
        said = ("subject", "author_id", "date", "email_from", "message_id")
        before = posted.read(said)
        self.merge(leads)
        self.assertEqual(posted.read(said), before)
        self.assertEqual(posted.res_id, leads[0].id)

    def test_p10_attachments_keep_their_names(self):
        leads = self.create_leads({}, {})
        files = self.env["ir.attachment"].create(
            [
                {"name": "Offer.pdf", "raw": b"1", "res_model": "crm.lead",
                 "res_id": lead.id}
                for lead in leads
            ]
        )  # fmt: skip
        self.merge(leads)
        self.assertEqual(files.mapped("name"), ["Offer.pdf"] * 2)
        self.assertEqual(files.mapped("res_id"), leads[0].ids * 2)

    def test_p10_done_activities_are_kept(self):
        leads = self.create_leads({}, {})
        activity = leads[1].activity_schedule(
            "mail.mail_activity_data_call", user_id=self.salesperson.id
        )
        activity.action_done()
        self.assertFalse(activity.active)
        self.merge(leads)
        self.assertTrue(activity.exists())
        self.assertEqual(activity.res_id, leads[0].id)
        self.assertEqual(activity.res_name, leads[0].name)

    def test_p10_quiet_followers_are_kept_quiet(self):
        leads = self.create_leads({}, {})
        customer = self.create_customer()
        won = self.env.ref("crm.mt_lead_won")
        leads[1].message_subscribe(customer.ids, subtype_ids=won.ids)
        self.merge(leads)
        follower = leads[0].message_follower_ids.filtered(
            lambda one: one.partner_id == customer
        )
        self.assertEqual(follower.subtype_ids, won)

    def test_p10_meetings_move_without_a_word(self):
        leads = self.create_leads({}, {})
        KINDS["meeting"](self.world, leads[1], leads[1])
        meeting = leads[1].calendar_event_ids
        mails = self.env["mail.mail"].search_count([])
        written = meeting.write_date
        self.merge(leads)
        self.assertEqual(meeting.opportunity_id, leads[0])
        self.assertEqual(meeting.write_date, written)
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)

    def test_p10_notifications_and_stars_go_with_the_message(self):
        leads = self.create_leads({}, {})
        KINDS["message"](self.world, leads[1], leads[1])
        posted = leads[1].message_ids[:1]
        notified, starred = posted.notification_ids, posted.starred_partner_ids
        self.merge(leads)
        self.assertEqual(posted.notification_ids, notified)
        self.assertEqual(posted.starred_partner_ids, starred)

    def test_b5_reimport_finds_the_survivor(self):
        leads = self.create_leads({}, {})
        self.env["ir.model.data"].create(
            {"module": "__import__", "name": "lead_2", "model": "crm.lead",
             "res_id": leads[1].id}
        )  # fmt: skip
        self.merge(leads)
        self.assertEqual(self.env.ref("__import__.lead_2"), leads[0])

    def test_b10_time_in_stage_is_the_survivors_own(self):
        leads = self.create_leads({}, {})
        KINDS["tracked_stage"](self.world, leads[1], leads[1])
        before = leads[0].duration_tracking
        self.merge(leads)
        self.assertEqual(leads[0].duration_tracking.keys(), before.keys())

    def test_b10_each_original_can_be_told_apart(self):
        source = self.env["utm.source"].create({"name": "Fair"})
        leads = self.create_leads(
            {"expected_revenue": 10, "user_id": self.manager.id},
            {"expected_revenue": 20, "user_id": self.salesperson.id,
             "source_id": source.id},
        )  # fmt: skip
        opened = leads[1].date_open
        row = self.merge(leads).source_ids
        self.assertEqual(
            (row.expected_revenue, row.user_id, row.source_id, row.date_open),
            (20, self.salesperson, source, opened),
        )

    def test_late_arrival_is_swept_and_taken_back(self):
        leads = self.create_leads({}, {}, {})
        merges = self.merge(leads[1:]), self.merge(leads[:2])
        late = self.env["mail.message"].create(
            {
                "model": "crm.lead",
                "res_id": leads[2].id,
                "body": "Late",
                "reply_to": "crm@example.com",
            }
        )
        self.env["crm.lead.merge"]._cron_sweep_late_arrivals()
        self.assertEqual(late.res_id, leads[0].id, "through both merges")
        self.undo(merges[1])
        self.assertEqual(late.res_id, leads[1].id)
        self.undo(merges[0])
        self.assertEqual(late.res_id, leads[2].id)

    def test_late_arrival_that_cannot_move_keeps_no_other_from_moving(self):
        groups = [self.create_leads({}, {}) for _one in range(3)]
        merges = [self.merge(leads) for leads in groups]
        late = self.env["mail.message"].create(
            [
                {
                    "model": "crm.lead",
                    "res_id": leads[1].id,
                    "body": "Late",
                    "reply_to": "crm@example.com",
                }
                for leads in groups[:2]
            ]
        )
        move, swept = Moving.move, []

        def refuse_first(moving, references):
            swept.append(moving.merge)
            move(moving, references)
            if moving.merge == merges[0]:
                raise MergeRefused("Another addon will not have it")

        with (
            patch.object(Moving, "move", refuse_first),
            self.assertLogs("odoo.addons.crm_lead_qualification", "ERROR"),
        ):
            self.env["crm.lead.merge"]._cron_sweep_late_arrivals()
        self.assertEqual(late.mapped("res_id"), [groups[0][1].id, groups[1][0].id])
        self.assertEqual(swept, merges[:2], "nothing arrived for the last one")

    def test_late_arrival_of_an_old_merge_is_left_alone(self):
        leads = self.create_leads({}, {})
        merge = self.merge(leads)
        self.env.cr.execute(
            "UPDATE crm_lead_merge SET create_date = %s WHERE id = %s",
            [fields.Datetime.to_datetime("2024-01-01"), merge.id],
        )
        merge.invalidate_recordset()
        late = self.env["mail.message"].create(
            {
                "model": "crm.lead",
                "res_id": leads[1].id,
                "body": "Late",
                "reply_to": "crm@example.com",
            }
        )
        self.env["crm.lead.merge"]._cron_sweep_late_arrivals()
        self.assertEqual(late.res_id, leads[1].id)
