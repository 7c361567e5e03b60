"""Undo does what a careful person would, and asks where there are two answers (B2)."""

from odoo.tests import tagged
from odoo.tools import SQL

from ..exceptions import UndoRefused
from .lossless.custom import add_custom_fields
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

    def recycle(self, table, row_id, **values):
        """Let another row have an id, as after tables were restored from a dump."""
        self.env.flush_all()
        assignments = SQL(", ").join(
            SQL("%s = %s", SQL.identifier(name), value)
            for name, value in values.items()
        )
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET create_date = create_date + interval '1 day', %s"
                " WHERE id = %s",
                SQL.identifier(table),
                assignments,
                row_id,
            )
        )
        self.env.invalidate_all()

    def test_b2_a_stranger_with_the_id_of_a_moved_message_stays_where_it_is(self):
        leads = self.create_leads({}, {})
        message, other = (
            leads[1].message_post(body=body) for body in ("Moved", "Of nobody")
        )
        merge = self.merge(leads)
        self.recycle("mail_message", message.id, body="<p>Stranger</p>")
        self.recycle("mail_message", other.id, model="res.partner")
        asked = self.undo(merge)
        dialog = self.env["crm.lead.undo"].browse(asked["res_id"])
        self.assertEqual(dialog.line_ids.mapped("label"), ["Deleted since"] * 2)
        self.undo(merge, force=True)
        self.assertEqual(leads.exists(), leads)
        self.assertEqual((message.model, message.res_id), ("crm.lead", leads[0].id))
        self.assertEqual((other.model, other.res_id), ("res.partner", leads[0].id))

    def test_b2_a_stranger_with_the_id_of_a_made_record_is_not_deleted(self):
        leads = self.create_leads({}, {})
        Lead = self.env.registry["crm.lead"]
        tags, original = [], Lead._merge_dependences

        def hook(lead, others):
            tags.append(lead.tag_ids.sudo().create({"name": "Made"}))
            return original(lead, others)

        self.patch(Lead, "_merge_dependences", hook)
        merge = self.merge(leads)
        self.recycle("crm_tag", tags[-1].id, color=3)
        self.undo(merge)
        self.assertTrue(tags[-1].exists())

    def test_b2_a_lead_does_not_come_back_under_the_number_of_another(self):
        leads = self.create_leads({}, {})
        merge = self.merge(leads)
        stranger = self.create_lead(name="Stranger")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_lead SET id = %s, create_date = create_date + interval "
            "'1 day' WHERE id = %s",
            [leads[1].id, stranger.id],
        )
        self.env.invalidate_all()
        self.assert_refused(UndoRefused, "another lead has", lambda: self.undo(merge))


@tagged("post_install", "-at_install")
class TestUndoParts(MergeCase):
    """Columns with several values are undone value by value (B2)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        add_custom_fields(cls.env)
        cls.env["res.lang"]._activate_lang("fr_FR")

    def test_b2_each_property_and_company_value_and_language_is_undone_by_itself(self):
        company = self.env["res.company"].create({"name": "Another"})
        definition = [
            {"name": name, "type": "char", "string": name.title()}
            for name in ("seats", "colour", "height")
        ]
        self.lead_channel.lead_properties_definition = definition
        leads = self.create_leads({}, {})
        french, elsewhere = {"lang": "fr_FR"}, {"allowed_company_ids": company.ids}
        leads[1].lead_properties = {"seats": "4", "colour": "red"}
        leads[1].x_trial_translated = "Chair"
        leads[1].with_context(**french).x_trial_translated = "Chaise"
        leads[1].x_trial_of_company = "Here"
        leads[1].with_context(**elsewhere).x_trial_of_company = "There"
        self.assert_undone_exactly(leads)
        merge = self.merge(leads)
        self.assertEqual(leads[0].lead_properties["seats"], "4")
        leads[0].lead_properties = {"seats": "4", "colour": "blue", "height": "2"}
        leads[0].with_context(**french).x_trial_translated = "Fauteuil"
        leads[0].with_context(**elsewhere).x_trial_of_company = "Later"
        asked = self.undo(merge)
        dialog = self.env["crm.lead.undo"].browse(asked["res_id"])
        said = {line.label: line.value_now for line in dialog.line_ids}
        self.assertEqual(
            said,
            {
                "Colour": "blue",
                "Trial translated (French / Français)": "Fauteuil",
                "Trial of_company (Another)": "Later",
            },
        )
        self.undo(merge, force=True)
        properties = leads[0].lead_properties
        self.assertFalse(properties["seats"])
        self.assertEqual((properties["colour"], properties["height"]), ("blue", "2"))
        self.assertEqual(leads[0].with_context(**french).x_trial_translated, "Fauteuil")
        self.assertFalse(leads[0].x_trial_of_company)
        elsewhere_now = leads[0].with_context(**elsewhere).x_trial_of_company
        self.assertEqual(elsewhere_now, "Later")

    def test_p10_b2_properties_that_point_to_a_merged_lead_are_undone_each(self):
        """Of one lead outside of the merge, which remembers them one by one."""
        self.lead_channel.lead_properties_definition = [
            {"name": "parent", "type": "many2one", "string": "Parent",
             "comodel": "crm.lead"},
            {"name": "friends", "type": "many2many", "string": "Friends",
             "comodel": "crm.lead"},
            {"name": "seats", "type": "integer", "string": "Seats"},
        ]  # fmt: skip
        leads = self.create_leads({}, {}, {})
        outside = leads[2]
        outside.lead_properties = {"parent": leads[1].id, "friends": leads[1].ids}
        self.assert_undone_exactly(leads[:2])
        for changed in ("parent", "friends", "seats"):
            merge = self.merge(leads[:2])
            later = {"parent": False, "friends": False, "seats": 3}[changed]
            moved = {"parent": leads[0].id, "friends": leads[0].ids, "seats": 0}
            outside.lead_properties = {**moved, changed: later}
            asked = self.undo(merge)
            if changed != "seats":
                dialog = self.env["crm.lead.undo"].browse(asked["res_id"])
                self.assertEqual(dialog.line_ids.mapped("label"), [changed.title()])
                self.undo(merge, force=True)
            properties = outside.lead_properties
            expected = {"parent": leads[1], "friends": leads[1], "seats": 0}
            expected[changed] = later
            for name, value in expected.items():
                self.assertEqual(properties[name] or False, value or False)
            outside.lead_properties = {
                "parent": leads[1].id, "friends": leads[1].ids, "seats": 0
            }  # fmt: skip
