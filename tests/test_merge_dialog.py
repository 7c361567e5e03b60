from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from ..exceptions import MergeRefused, PlanOutdated
from .common import LeadQualificationCase


class TestMergeDialog(LeadQualificationCase):
    """The dialog opened from the list: what it offers, shows and carries out."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        values = {"user_id": cls.salesperson.id, "team_id": cls.lead_channel.id}
        cls.first = cls.create_lead(**values, name="First", city="Paris")
        cls.second = cls.create_lead(**values, name="Second", city="Lyon", zip="69001")
        cls.third = cls.create_lead(**values, name="Third", type="opportunity")

    def open_dialog(self, leads, user=None):
        context = {"active_model": "crm.lead", "active_ids": leads.ids}
        Dialog = self.env["crm.merge.opportunity"].with_user(user or self.salesperson)
        return Form(Dialog.with_context(**context))

    def merge(self, dialog):
        result = dialog.save().action_merge()
        return self.env["crm.lead"].browse(result["res_id"])

    def rows(self, dialog):
        return {row["field"]: row for row in dialog.plan["rows"]}

    def test_p11_won_and_lost_ones_are_offered(self):
        self.second.action_set_lost()
        self.third.action_set_won()
        dialog = self.open_dialog(self.first + self.second + self.third)
        offered = dialog.plan["leads"]
        self.assertEqual(
            {lead["id"] for lead in offered},
            {self.first.id, self.second.id, self.third.id},
        )
        notices = {lead["id"]: lead["notice"] for lead in offered}
        self.assertIn("Won", notices[self.third.id])
        self.assertIn("Lost", notices[self.second.id])
        self.assertFalse(notices[self.first.id])

    def test_p12_ten_at_once(self):
        leads = self.first + self.second + self.third
        for number in range(7):
            leads += self.create_lead(
                name=f"Lead {number}", user_id=self.salesperson.id
            )
        survivor = self.merge(self.open_dialog(leads))
        self.assertEqual(leads.exists(), survivor)

    def test_p9_merge_into_x_means_x(self):
        dialog = self.open_dialog(self.first + self.second + self.third)
        self.assertEqual(dialog.survivor_id, self.third)
        dialog.survivor_id = self.second
        self.assertEqual(dialog.plan["leads"][0]["id"], self.second.id)
        survivor = self.merge(dialog)
        self.assertEqual(survivor, self.second)
        self.assertEqual(survivor.type, "opportunity")

    def test_b6_the_plan_shown_is_carried_out(self):
        dialog = self.open_dialog(self.first + self.second).save()
        self.assertEqual(self.rows(dialog)["city"]["kept"], "Paris")
        self.assertEqual(self.rows(dialog)["zip"]["kept"], "")
        dialog.choices = {"address": self.second.id}
        self.assertEqual(self.rows(dialog)["city"]["kept"], "Lyon")
        survivor = self.first.browse(dialog.action_merge()["res_id"])
        self.assertEqual((survivor.city, survivor.zip), ("Lyon", "69001"))
        self.assertIn("Paris", survivor.merged_value_ids.mapped("display_value"))

    def test_b6_leads_that_changed_meanwhile_are_not_merged(self):
        dialog = self.open_dialog(self.first + self.second).save()
        self.second.city = "Marseille"
        with self.assertRaisesRegex(PlanOutdated, "City"):
            dialog.action_merge()
        self.assertTrue(self.second.exists())
        self.assertEqual(self.first.city, "Paris")

    def test_b6_the_dialog_asks_again_when_the_leads_have_changed(self):
        dialog = self.open_dialog(self.first + self.second).save()
        self.second.city = "Marseille"
        again = dialog.action_merge_and_notify()
        self.assertEqual(
            (again["res_model"], again["res_id"]), (dialog._name, dialog.id)
        )
        self.assertIn("City", dialog.notice)
        self.assertTrue(self.second.exists())
        self.assertIn("Marseille", self.rows(dialog)["city"]["cells"])
        dialog.action_merge_and_notify()
        self.assertFalse(self.second.exists())

    def test_a_dialog_left_open_says_what_became_of_a_record(self):
        dialog = self.open_dialog(self.first + self.second)
        self.second.with_user(self.manager).sudo().unlink()
        with self.assertRaisesRegex(MergeRefused, "deleted meanwhile"):
            dialog.save()
        other = self.open_dialog(self.first + self.third)
        self.merge(self.open_dialog(self.first + self.third))
        with self.assertRaisesRegex(MergeRefused, "‘First’ was merged"):
            other.save()

    def test_p12_a_hundred_are_said_in_words(self):
        values = {
            "name": "Another",
            "type": "lead",
            "user_id": self.salesperson.id,
            "team_id": self.lead_channel.id,
        }
        leads = self.first + self.first.create([dict(values) for _ in range(100)])
        plan = self.open_dialog(leads).plan
        self.assertEqual(plan["count"], 101)
        self.assertEqual([lead["name"] for lead in plan["leads"]], ["First"])
        self.assertFalse(plan["rows"])
        self.assertIn("101", plan["too_many"])

    def test_b6_the_plan_says_what_is_taken_together(self):
        dialog = self.open_dialog(self.first + self.second)
        self.assertIn("Zip", self.rows(dialog)["city"]["together"])

    def test_b6_what_was_chosen_of_a_record_goes_with_it(self):
        dialog = self.open_dialog(self.first + self.second + self.third).save()
        dialog.choices = {"address": self.second.id, "name": self.third.id}
        dialog.opportunity_ids -= self.second
        self.assertNotIn("refusal", dialog.plan)
        self.assertEqual(dialog.choices, {"name": self.third.id})
        self.assertEqual(self.rows(dialog)["city"]["kept"], "Paris")

    def test_what_does_not_change_the_plan_is_welcome_meanwhile(self):
        dialog = self.open_dialog(self.first + self.second).save()
        message = self.second.message_post(body="One more question")
        dialog.action_merge()
        self.assertEqual(message.res_id, self.first.id)

    def test_the_records_that_move_are_counted_by_kind(self):
        self.second.message_post(body="Hello")
        activity = self.second.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.salesperson.id
        )
        activity.action_feedback(feedback="Called")
        self.env.flush_all()
        messages = self.env["mail.message"].search_count(
            [("model", "=", "crm.lead"), ("res_id", "=", self.second.id)]
        )
        dialog = self.open_dialog(self.first + self.second)
        counts = {one["label"]: one for one in dialog.plan["references"]}
        self.assertEqual(counts["Messages"]["count"], messages)
        self.assertEqual(counts["Activity"]["count"], 1)
        self.assertEqual(counts["Activity"]["done"], 1)

    def test_revenue_the_highest_or_the_sum(self):
        self.first.expected_revenue, self.second.expected_revenue = 10, 25
        dialog = self.open_dialog(self.first + self.second)
        self.assertIn("10", self.rows(dialog)["expected_revenue"]["kept"])
        dialog.revenue = "highest"
        self.assertIn("25", self.rows(dialog)["expected_revenue"]["kept"])
        dialog.revenue = "sum"
        self.assertEqual(self.merge(dialog).expected_revenue, 35)

    def test_revenue_as_it_was_chosen_last(self):
        self.first.expected_revenue, self.second.expected_revenue = 10, 25
        wizard = self.open_dialog(self.first + self.second).save()
        wizard.choices = {"expected_revenue": self.second.id, "name": self.second.id}
        dialog = Form(wizard)
        self.assertIn("25", self.rows(dialog)["expected_revenue"]["kept"])
        dialog.revenue = "sum"
        self.assertEqual(dialog.choices, {"name": self.second.id})
        self.assertIn("35", self.rows(dialog)["expected_revenue"]["kept"])

    def test_one_selected_record_is_refused_in_plain_words(self):
        dialog = self.open_dialog(self.first)
        self.assertIn("at least two", dialog.plan["refusal"])
        self.assertFalse(dialog.shown, "and there is no button to merge")
        form = etree.fromstring(self.env["crm.merge.opportunity"].get_view()["arch"])
        [button] = form.xpath("//button[@name='action_merge_and_notify']")
        self.assertEqual(button.get("invisible"), "not shown")
        with self.assertRaisesRegex(MergeRefused, "at least two"):
            dialog.save().action_merge()

    def test_b6_records_merged_elsewhere_meanwhile_are_not_merged_unseen(self):
        dialog = self.open_dialog(self.first + self.second).save()
        (self.second + self.third).with_user(self.manager).merge_opportunity()
        with self.assertRaisesRegex(PlanOutdated, "Records to merge"):
            dialog.action_merge()

    def test_records_of_others_cannot_be_merged(self):
        self.second.user_id = self.manager
        with self.assertRaises(AccessError):
            self.open_dialog(self.first + self.second).save().action_merge()
        self.assertTrue(self.second.exists())

    def test_assigning_in_the_dialog(self):
        dialog = self.open_dialog(self.first + self.second, self.manager)
        dialog.user_id = self.salesperson_all
        survivor = self.merge(dialog)
        self.assertEqual(survivor.user_id, self.salesperson_all)
        self.assertIn(
            self.salesperson.name, survivor.merged_value_ids.mapped("display_value")
        )

    def test_a_value_taken_after_all_changes_places(self):
        survivor = self.merge(self.open_dialog(self.first + self.second))
        value = survivor.merged_value_ids.filtered(
            lambda one: one.field_name == "name"
        ).with_user(self.salesperson)
        value.action_take()
        self.assertEqual(survivor.name, "Second")
        self.assertEqual(value.display_value, "First")
        value.action_take()
        self.assertEqual(survivor.name, "First")
        self.assertEqual(value.display_value, "Second")

    def test_a_value_that_is_gone_cannot_be_taken(self):
        campaigns = self.env["utm.campaign"].create([{"name": "A1"}, {"name": "B1"}])
        self.first.campaign_id, self.second.campaign_id = campaigns
        survivor = self.merge(self.open_dialog(self.first + self.second))
        value = survivor.merged_value_ids.filtered(
            lambda one: one.field_name == "campaign_id"
        ).with_user(self.salesperson)
        campaigns[1].unlink()
        with self.assertRaisesRegex(UserError, "‘B1’ has been deleted"):
            value.action_take()
        self.assertEqual(survivor.campaign_id, campaigns[0])

    def test_p8_the_form_offers_to_merge_with_what_has_the_same_address(self):
        self.first.email_from = "Bob <bob@deco.example.com>"
        self.second.email_from = "BOB@deco.example.com"
        hidden = self.create_lead(
            name="Of a colleague",
            email_from="bob@deco.example.com",
            user_id=self.manager.id,
        )
        action = self.first.with_user(self.salesperson).action_open_merge()
        offered = action["context"]["active_ids"]
        self.assertEqual(set(offered), {self.first.id, self.second.id})
        self.assertNotIn(hidden.id, offered)
        self.assertEqual(action["res_model"], "crm.merge.opportunity")

    def test_a_record_deleted_while_the_dialog_is_open_is_said_in_the_plan(self):
        leads = self.first + self.second + self.third
        dialog = self.open_dialog(leads)
        gone_id = self.third.id
        self.third.unlink()
        self.env.flush_all()
        self.env.invalidate_all()
        dialog.revenue = "sum"
        self.assertIn(f"number {gone_id}", dialog.plan["refusal"])
        self.assertFalse(dialog.shown)
