"""Converting one lead (promise P5): what is asked is what happens, and no more."""

from odoo.tests import tagged

from ..engine.conversion import CREATE, FIND_OR_CREATE, KEEP, LINK, ConversionOptions
from ..exceptions import ConversionRefused, NotAnId
from .common import LeadQualificationCase


class ConvertCase(LeadQualificationCase):
    """A lead of a salesperson who sees only their own leads, and the engine."""

    def convert(self, lead, user=None, **options):
        user = user or self.salesperson
        Conversion = self.env["crm.lead.conversion"].with_user(user)
        return Conversion._convert_one(
            lead.with_user(user), ConversionOptions(**options)
        )

    def own_lead(self, **values):
        return self.create_lead(user_id=self.salesperson.id, **values)


@tagged("post_install", "-at_install")
class TestConvert(ConvertCase):
    """The engine behind every door."""

    def test_p5_keeps_id_history_person_and_channel(self):
        lead = self.own_lead(team_id=self.lead_channel.id)
        note = lead.message_post(body="A first call")
        self.convert(lead)
        self.assertEqual(lead.type, "opportunity")
        self.assertEqual(lead.user_id, self.salesperson)
        self.assertEqual(lead.team_id, self.lead_channel)
        self.assertIn(note, lead.message_ids)
        self.assertTrue(lead.date_conversion)

    def test_p5_first_stage_of_the_channel(self):
        stage = self.env["crm.stage"].create(
            {
                "name": "Spare Parts first",
                "team_ids": self.direct_channel.ids,
                "sequence": -1,
            }
        )
        lead = self.own_lead()
        lead.stage_id = False
        self.convert(lead, team_id=self.direct_channel.id)
        self.assertEqual(lead.stage_id, stage)

    def test_p5_no_customer(self):
        lead = self.own_lead(email_from="amy@example.com")
        self.convert(lead, customer=KEEP)
        self.assertFalse(lead.partner_id)

    def test_p5_customer_in_its_existing_company(self):
        company = self.create_customer(name="Planet Express", is_company=True)
        lead = self.own_lead(contact_name="Amy Wong", partner_name="Planet Express")
        conversion = self.convert(lead, customer=CREATE)
        self.assertEqual(lead.partner_id.parent_id, company)
        self.assertEqual(conversion.created_partner_ids, lead.partner_id)

    def test_p5_company_in_upper_or_lower_case(self):
        first, exact = (
            self.create_customer(name=name, is_company=True)
            for name in ("Planet EXPRESS", "planet express")
        )
        for name, company in (
            ("Planet Express", first),
            (" planet express ", exact),
            ("Planet Express Ltd", exact.browse()),
        ):
            with self.subTest(name):
                lead = self.own_lead(contact_name="Amy Wong", partner_name=name)
                conversion = self.convert(lead, customer=CREATE)
                parent = lead.partner_id.parent_id
                self.assertEqual(parent - conversion.created_partner_ids, company)

    def test_p6_customer_found_by_email(self):
        customer = self.create_customer(email="AMY@example.com")
        lead = self.own_lead(email_from="Amy Wong <amy@example.com>")
        conversion = self.convert(lead, customer=FIND_OR_CREATE)
        self.assertEqual(lead.partner_id, customer)
        self.assertFalse(conversion.created_partner_ids)

    def test_lead_and_customer_keep_what_they_say(self):
        customer = self.create_customer(
            email="office@example.com",
            phone="+32 2 111 11 11",
            city="Ghent",
            function="CEO",
        )
        lead = self.own_lead(
            email_from="amy@example.com", phone="+32 2 222 22 22", city="Liège"
        )
        self.convert(lead, customer=LINK, partner_id=customer.id)
        self.assertEqual(lead.email_from, "amy@example.com")
        self.assertEqual(lead.phone, "+32 2 222 22 22")
        self.assertEqual(lead.city, "Liège")
        self.assertEqual(lead.function, "CEO", "a blank is filled")
        self.assertEqual(customer.email, "office@example.com")
        self.assertEqual(customer.phone, "+32 2 111 11 11")

    def test_chatter_tells_what_happened(self):
        lead = self.own_lead(contact_name="Amy Wong")
        self.convert(lead, customer=CREATE, user_ids=(self.manager.id,))
        note = lead.message_ids[:1]
        notes = "".join(lead.message_ids.mapped("body"))
        self.assertIn("Amy Wong", notes)
        tracked = lead.message_ids.sudo().tracking_value_ids.field_id.mapped("name")
        self.assertIn("user_id", tracked)
        self.assertEqual(note.author_id, self.salesperson.partner_id)

    def test_person_without_channel_keeps_it(self):
        lead = self.own_lead(team_id=self.lead_channel.id)
        self.lead_channel.member_ids = self.salesperson | self.manager
        self.convert(lead, user_ids=(self.manager.id,))
        self.assertEqual(lead.team_id, self.lead_channel)

    def test_convert_opportunity_is_the_same_engine(self):
        lead = self.own_lead()
        customer = self.create_customer()
        result = lead.with_user(self.salesperson).convert_opportunity(customer)
        self.assertIs(result, True)
        self.assertEqual(lead.partner_id, customer)
        conversion = self.env["crm.lead.conversion"].search([("lead_id", "=", lead.id)])
        self.assertEqual(conversion.state, "done")

    def test_what_is_no_id_is_refused_by_name(self):
        lead = self.own_lead()
        own = lead.with_user(self.salesperson)
        for partner in ("abc", [1], 2.5, self.salesperson, self.lead_channel):
            with self.assertRaisesRegex(NotAnId, "is not the id of one.*Contact"):
                own.convert_opportunity(partner)
        for user_ids in (["x"], [[1]], [True]):
            with self.assertRaisesRegex(NotAnId, "is not the id of one.*User"):
                own.convert_opportunity(False, user_ids=user_ids)
        for user_ids in (7, "x", {"a": 1}):
            with self.assertRaisesRegex(NotAnId, "is not a list of ids.*User"):
                own.convert_opportunity(False, user_ids=user_ids)
        with self.assertRaisesRegex(NotAnId, "‘q’ is not the id of one.*Sales Team"):
            own.convert_opportunity(False, team_id="q")
        self.assertEqual(lead.type, "lead")

    def test_nobody_and_nothing_may_be_given_as_core_has_it(self):
        for number, nobody in enumerate((False, None, self.env["res.partner"], 0)):
            lead = self.own_lead(partner_id=self.create_customer().id)
            own, customer = lead.with_user(self.salesperson), lead.partner_id
            own.convert_opportunity(nobody, user_ids=[[False], [], None, ()][number])
            self.assertEqual((lead.type, lead.partner_id), ("opportunity", customer))

    def test_salesmen_assignment_shares_out_in_turn(self):
        leads = self.own_lead() + self.own_lead() + self.own_lead()
        users = self.salesperson_all + self.manager
        self.lead_channel.member_ids = users
        leads.with_user(self.manager)._handle_salesmen_assignment(
            users.ids, self.lead_channel.id
        )
        self.assertEqual(list(leads.user_id.mapped("id")), users.ids)
        self.assertEqual(leads[2].user_id, users[0])
        self.assertEqual(leads.team_id, self.lead_channel)
        told = self.env["mail.message"].search_count(
            [
                ("notified_partner_ids", "=", self.salesperson_all.partner_id.id),
                ("subject", "ilike", "2 opportunities were assigned"),
            ]
        )
        self.assertEqual(told, 1, "one summary, not one word a lead")

    def test_salesmen_assignment_without_anybody_sets_the_channel(self):
        leads = self.own_lead() + self.own_lead()
        leads._handle_salesmen_assignment(team_id=self.lead_channel.id)
        self.assertEqual(leads.team_id, self.lead_channel)
        self.assertEqual(leads.user_id, self.salesperson)


@tagged("post_install", "-at_install")
class TestConvertRefused(ConvertCase):
    """Bad input: a clear error that names the record, and nothing done."""

    def assertRefused(self, lead, text, **options):
        before = lead.read(["type", "user_id", "partner_id"])
        with self.assertRaisesRegex(ConversionRefused, text):
            self.convert(lead, **options)
        self.assertEqual(lead.read(["type", "user_id", "partner_id"]), before)

    def test_double_click(self):
        lead = self.own_lead()
        self.convert(lead)
        self.assertRefused(lead, "‘Office chairs’ was converted by qualify_own")

    def test_won_lost_archived(self):
        won, lost = self.own_lead(), self.own_lead()
        archived = self.own_lead(probability=20)
        won.action_set_won()
        lost.action_set_lost()
        archived.action_archive()
        self.assertRefused(won, "won already")
        self.assertRefused(lost, "lost. Restore it")
        self.assertRefused(archived, "archived. Unarchive it")

    def test_a_colleagues_lead(self):
        lead = self.create_lead(user_id=self.manager.id)
        with self.assertRaisesRegex(ConversionRefused, "may not"):
            self.convert(lead)

    def test_deleted_lead(self):
        lead = self.own_lead()
        lead.unlink()
        with self.assertRaisesRegex(ConversionRefused, "deleted meanwhile"):
            self.convert(lead)

    def test_customer_deleted_meanwhile(self):
        customer = self.create_customer()
        lead = self.own_lead()
        customer.unlink()
        self.assertRefused(
            lead, "deleted or archived", customer=LINK, partner_id=customer.id
        )

    def test_a_customer_of_its_own_may_be_archived(self):
        customer = self.create_customer(name="Closed")
        lead = self.own_lead(partner_id=customer.id)
        customer.active = False
        self.convert(lead, customer=LINK, partner_id=customer.id)
        self.assertEqual((lead.type, lead.partner_id), ("opportunity", customer))

    def test_archived_salesperson(self):
        self.manager.active = False
        self.assertRefused(
            self.own_lead(), "archived or not an employee", user_ids=(self.manager.id,)
        )

    def test_salesperson_of_another_company(self):
        lead = self.own_lead(company_id=self.company.id)
        self.assertRefused(
            lead, "does not work for", user_ids=(self.other_salesperson.id,)
        )

    def test_customer_of_another_company(self):
        customer = self.create_customer(company_id=self.other_company.id)
        lead = self.own_lead(company_id=self.company.id)
        self.env["res.partner"].flush_model()
        with self.assertRaisesRegex(ConversionRefused, "belongs to"):
            self.env["crm.lead.conversion"]._convert_one(
                lead, ConversionOptions(customer=LINK, partner_id=customer.id)
            )

    def test_channel_without_stage(self):
        self.env["crm.stage"].search([]).team_ids = self.lead_channel
        lead = self.own_lead(team_id=self.direct_channel.id)
        lead.stage_id = False
        self.env.flush_all()
        self.assertRefused(lead, "has no stage")

    def test_emails_that_are_none(self):
        for email in ("n/a", "test@", "x" * 300, "@", " "):
            with self.subTest(email):
                lead = self.own_lead(name="Chairs wanted", email_from=email)
                twin = self.own_lead(name="Tables wanted", email_from=email)
                self.convert(lead, customer=FIND_OR_CREATE)
                self.convert(twin, customer=FIND_OR_CREATE)
                self.assertEqual(lead.partner_id.name, "Chairs wanted")
                self.assertFalse(lead.partner_id.email)
                self.assertNotEqual(lead.partner_id, twin.partner_id)

    def test_several_addresses_in_one_field(self):
        customer = self.create_customer(email="bo@example.com")
        lead = self.own_lead(email_from="amy@example.com, bo@example.com")
        self.convert(lead, customer=FIND_OR_CREATE)
        self.assertEqual(lead.partner_id, customer)

    def test_a_name_of_spaces(self):
        lead = self.own_lead(name="   ")
        self.assertRefused(lead, "neither a name nor", customer=CREATE)
