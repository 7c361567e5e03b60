from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import html2plaintext

from odoo.addons.crm_lead_qualification.exceptions import MergeRefused

from .merging import MergeCase

ADDRESS = ("street", "street2", "zip", "city", "state_id", "country_id")


@tagged("post_install", "-at_install")
class TestMergeValues(MergeCase):
    """P9, P10: which values are kept, and where the others are."""

    def test_p9_blanks_are_filled_oldest_first(self):
        leads = self.create_leads(
            {}, {"referred": "By Ann"}, {"referred": "By Bob", "website": "b.example"}
        )
        merge = self.merge(leads[::-1])
        self.assertEqual(leads[0].referred, "By Ann")
        self.assertEqual(leads[0].website, "http://b.example")
        self.assertEqual(self.set_aside(merge)["referred"], ["By Bob"])

    def test_p10_what_others_said_is_one_row_a_value(self):
        leads = self.create_leads({"name": "A"}, {"name": "B"}, {"name": "b"})
        merge = self.merge(leads)
        row = merge.value_ids.filtered(lambda one: one.field_name == "name")
        self.assertEqual(row.mapped("value"), ["B"], "the same value is said once")
        self.assertEqual(row.source_res_id, leads[1].id)
        self.assertEqual(row.source_name, "B")
        self.assertEqual(row.lead_id, leads[0])

    def test_p10_a_unique_value_stays_each_records_own(self):
        self.env.cr.execute(
            """CREATE UNIQUE INDEX lead_number ON crm_lead (referred)
                WHERE referred LIKE 'L-%'"""
        )
        self.env.registry.clear_cache()
        self.addCleanup(self.env.registry.clear_cache)
        leads = self.create_leads({}, {"referred": "L-2"})
        with self.assertRaisesRegex(MergeRefused, "each record's own"):
            self.merge(leads, choices=(("referred", leads[1].id),))
        merge = self.merge(leads)
        self.assertFalse(leads[0].referred)
        self.assertEqual(self.set_aside(merge)["referred"], ["L-2"])
        self.undo(merge)
        self.assertEqual(leads[1].referred, "L-2")

    def test_p10_address_is_never_mixed(self):
        leads = self.create_leads(
            {"city": "Ghent"}, {"street": "Rue A", "city": "Paris", "zip": "75001"}
        )
        merge = self.merge(leads)
        self.assertEqual(leads[0].city, "Ghent")
        self.assertFalse(leads[0].street or leads[0].zip)
        aside = self.set_aside(merge)
        self.assertEqual(aside["street"] + aside["zip"], ["Rue A", "75001"])

    def test_p10_blank_address_is_filled_whole(self):
        country = self.env.ref("base.fr")
        leads = self.create_leads(
            {}, {"street": "Rue A", "city": "Paris", "country_id": country.id}
        )
        self.merge(leads)
        self.assertEqual(
            (leads[0].street, leads[0].city, leads[0].country_id),
            ("Rue A", "Paris", country),
        )

    def test_p10_person_is_never_mixed(self):
        leads = self.create_leads(
            {"contact_name": "Ann", "phone": "+32 2 555 01 01"},
            {"contact_name": "Bob", "email_from": "bob@example.com"},
            {"contact_name": "Ann", "email_from": "ann@example.com"},
        )
        merge = self.merge(leads)
        self.assertEqual(leads[0].email_from, "ann@example.com")
        self.assertEqual(self.set_aside(merge)["email_from"], ["bob@example.com"])

    def test_p10_notes_addresses_and_tags_are_united(self):
        tags = self.env["crm.tag"].create([{"name": "Hot"}, {"name": "Fair"}])
        leads = self.create_leads(
            {"description": "<p>One</p>", "email_cc": "a@example.com",
             "tag_ids": [Command.link(tags[0].id)]},
            {"description": "<p>Two</p>", "email_cc": "A@example.com, b@example.com",
             "tag_ids": [Command.set(tags.ids)]},
        )  # fmt: skip
        self.merge(leads)
        self.assertIn("One", leads[0].description)
        self.assertIn("Two", leads[0].description)
        self.assertEqual(leads[0].email_cc, "a@example.com, b@example.com")
        self.assertEqual(leads[0].tag_ids, tags)

    def test_p10_revenue_as_chosen(self):
        for revenue, expected in (("survivor", 10), ("highest", 30), ("sum", 60)):
            leads = self.create_leads(
                *({"expected_revenue": one} for one in (10, 30, 20))
            )
            self.merge(leads, revenue=revenue)
            self.assertEqual(leads[0].expected_revenue, expected, revenue)

    def test_p10_computed_probability_stays_computed(self):
        leads = self.create_leads({}, {"phone": "+32 2 555 01 01"})
        self.merge(leads)
        self.assertTrue(leads[0].is_automated_probability)

    def test_p10_properties_of_the_same_and_of_another_channel(self):
        definition = [{"name": "seats", "type": "integer", "string": "Seats"}]
        self.lead_channel.lead_properties_definition = definition
        self.direct_channel.lead_properties_definition = [
            {"name": "colour", "type": "char", "string": "Colour"}
        ]
        leads = self.create_leads({}, {}, {"team_id": self.direct_channel.id})
        leads[1].lead_properties = {"seats": 7}
        leads[2].lead_properties = {"colour": "Red"}
        merge = self.merge(leads)
        self.assertEqual(leads[0].lead_properties._values, {"seats": 7})
        self.assertEqual(self.set_aside(merge)["lead_properties.colour"], ["Red"])
        row = merge.value_ids.filtered(lambda one: "colour" in one.field_name)
        self.assertEqual(row.label, "Colour")

    def test_p10_customer_is_neither_written_nor_copied(self):
        customer = self.create_customer(
            email="deco@example.com", phone="+32 2 555 00 00", street="Main Street 1"
        )
        leads = self.create_leads(
            {"partner_id": customer.id},
            {"email_from": "ann@example.com", "phone": "+32 2 555 01 01"},
        )
        leads[0].write({"email_from": "info@example.com", "street": "Side Street 2"})
        customer.write({"email": "deco@example.com", "phone": "+32 2 555 00 00"})
        leads[0].flush_recordset()
        before = customer.read()[0]
        said = leads[0].read(["email_from", "street", "phone"])[0]
        merge = self.merge(leads)
        self.assertEqual(customer.read()[0], before)
        self.assertEqual(leads[0].read(["email_from", "street", "phone"])[0], said)
        self.undo(merge)
        self.assertEqual(customer.read()[0], before)

    def test_p10_no_mail_but_one_note(self):
        leads = self.create_leads({}, {"user_id": self.salesperson.id})
        messages = leads.message_ids
        mails = self.env["mail.mail"].search([])
        notifications = self.env["mail.notification"].search([])
        merge = self.merge(leads)
        self.assertEqual(leads[0].user_id, self.salesperson)
        self.assertEqual(leads[0].message_ids - messages, merge.note_id)
        self.assertNotIn(" ,", html2plaintext(merge.note_id.body))
        self.assertEqual(self.env["mail.mail"].search([]), mails)
        self.assertEqual(self.env["mail.notification"].search([]), notifications)

    def test_taking_a_value_exchanges_it_with_the_present_one(self):
        leads = self.create_leads({"city": "Ghent"}, {"city": "Lyon"})
        merge = self.merge(leads)
        row = merge.value_ids.filtered(lambda one: one.field_name == "city")
        row.with_user(self.salesperson_all).action_take()
        self.assertEqual((leads[0].city, row.value), ("Lyon", "Ghent"))
        row.with_user(self.salesperson_all).action_take()
        self.assertEqual((leads[0].city, row.value), ("Ghent", "Lyon"))

    def test_taking_a_property_needs_a_team_that_has_it(self):
        definition = [{"name": "colour", "type": "char", "string": "Colour"}]
        self.direct_channel.lead_properties_definition = definition
        leads = self.create_leads({}, {"team_id": self.direct_channel.id})
        leads[1].lead_properties = {"colour": "Red"}
        row = self.merge(leads).value_ids.filtered(
            lambda one: one.field_name == "lead_properties.colour"
        )
        row = row.with_user(self.salesperson_all)
        self.assert_refused(
            UserError,
            "‘Red’ has no place.*Office Furniture.*‘Colour’.*Move the record",
            row.action_take,
        )
        leads[0].with_user(self.salesperson_all).team_id = self.direct_channel
        row.action_take()
        self.assertEqual(leads[0].lead_properties._values, {"colour": "Red"})

    def test_taking_a_value_needs_the_right_to_change_the_lead(self):
        leads = self.create_leads({"city": "Ghent"}, {"city": "Lyon"})
        leads[0].user_id = self.manager
        merge = self.merge(leads)
        row = merge.value_ids.filtered(lambda one: one.field_name == "city")
        with self.assertRaises(AccessError):
            row.with_user(self.salesperson).action_take()
        self.assertEqual(leads[0].city, "Ghent")


@tagged("post_install", "-at_install")
class TestMergeSecretValues(MergeCase):
    """P10: what some users may not see is neither lost nor told."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.model.fields"].create(
            {"model_id": cls.env["ir.model"]._get_id("crm.lead"),
             "name": "x_secret", "ttype": "char", "field_description": "Secret"}
        )  # fmt: skip
        # which Odoo does not do for custom fields yet
        cls.env["crm.lead"]._fields["x_secret"].groups = "base.group_system"

    def test_p10_values_the_user_may_not_see_are_kept_hidden(self):
        leads = self.create_leads({"x_secret": "One"}, {"x_secret": "Two"})
        merge = self.merge(leads)
        self.assertEqual(self.set_aside(merge)["x_secret"], ["Two"])
        visible = leads[0].with_user(self.salesperson_all).merged_value_ids
        self.assertNotIn("x_secret", visible.mapped("field_name"))
        self.assertNotIn("Two", merge.note_id.body)

    def test_p10_values_the_user_may_not_see_fill_blanks(self):
        leads = self.create_leads({}, {"x_secret": "Two"})
        self.assert_undone_exactly(leads)
        self.merge(leads)
        self.assertEqual(leads[0].x_secret, "Two")
