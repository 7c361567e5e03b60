"""Conversions of leads that other leads, companies and people have a part in (promises
P5, P6, B3, B8 and B11)."""

from odoo.fields import Command
from odoo.tests import Form, tagged

from ..engine.conversion import FIND_OR_CREATE, KEEP, ConversionOptions
from .test_run import RunCase


@tagged("post_install", "-at_install")
class TestConvertNeighbours(RunCase):
    """What is true of one lead is true of it among others as well."""

    def open_dialog(self, lead, user=None):
        context = {
            "active_model": "crm.lead",
            "active_id": lead.id,
            "active_ids": lead.ids,
        }
        Dialog = self.env["crm.lead2opportunity.partner"]
        return Form(Dialog.with_user(user or self.manager).with_context(**context))

    def create_boss(self):
        """Create a manager of both companies."""
        companies = self.company + self.other_company
        return self.create_user(
            "boss_of_both",
            "sales_team.group_sale_manager",
            company_id=self.company.id,
            company_ids=companies.ids,
        )

    def test_b8_the_dialog_does_not_offer_what_was_kept_separate(self):
        leads = self.create_leads(2)
        leads.email_from = "same@example.com"
        one, other = leads.with_user(self.manager)
        self.assertEqual(self.open_dialog(one).name, "merge")
        one.env["crm.lead.duplicate"]._keep_separate(one, other)
        self.assertEqual(self.open_dialog(one).name, "convert")

    def test_p6_each_lead_gets_the_customer_of_its_company(self):
        boss = self.create_boss()
        leads, customers = self.env["crm.lead"], self.env["res.partner"]
        for company in boss.company_ids:
            customers += self.create_customer(
                name="Amy", email="amy.two@example.com", company_id=company.id
            )
            leads += self.create_lead(
                email_from="amy.two@example.com",
                company_id=company.id,
                user_id=boss.id,
                team_id=False,
            )
        leads = leads.with_user(boss)
        leads = leads.with_context(allowed_company_ids=boss.company_ids.ids)
        run = leads.env["crm.lead.run"]._create_conversions(
            leads, ConversionOptions(customer=FIND_OR_CREATE)
        )
        self.run_all(run)
        self.assertEqual(set(run.line_ids.mapped("state")), {"done"})
        self.assertEqual(leads.partner_id, customers)

    def test_p6_who_follows_another_lead_is_not_preferred(self):
        one, two = (
            self.create_customer(name=name, email="dup@example.com")
            for name in ("One", "Two")
        )
        leads = self.create_leads(2)
        leads.email_from = "dup@example.com"
        leads[0].message_subscribe(two.ids)
        self.run_all(self.create_run(leads, deduplicate=False))
        self.assertEqual([lead.partner_id for lead in leads], [two, one])

    def test_b11_a_run_works_in_the_company_it_was_started_in(self):
        boss = self.create_boss()
        for company in boss.company_ids:
            others = boss.company_ids - company
            lead = self.create_lead(user_id=False, team_id=False, company_id=False)
            lead = lead.with_user(boss).with_context(
                allowed_company_ids=[company.id, *others.ids]
            )
            run = lead.env["crm.lead.run"]._create_conversions(
                lead, ConversionOptions(user_ids=(boss.id,))
            )
            run.action_start()
            self.env.flush_all()
            self.env.invalidate_all()
            self.run_cron("crm_lead_run_process_cron")
            self.assertEqual(lead.company_id, company)

    def test_p5_turns_are_taken_for_those_without_a_salesperson(self):
        leads = self.create_leads(4)
        (leads[1] + leads[3]).user_id = False
        takers = (self.salesperson_all.id, self.colleague.id)
        self.run_all(self.create_run(leads, user_ids=takers, force_assignment=False))
        self.assertEqual((leads[0] + leads[2]).user_id, self.salesperson)
        self.assertEqual([leads[1].user_id.id, leads[3].user_id.id], [*takers])

    def test_p5_who_keeps_the_salesperson_keeps_the_sales_team(self):
        team = self.create_channel(
            name="Theirs", member_ids=[Command.set(self.colleague.ids)]
        )
        leads = self.create_leads(2)
        leads[1].user_id = False
        leads.team_id = False
        run = self.create_run(
            leads,
            user_ids=(self.colleague.id,),
            team_id=team.id,
            force_assignment=False,
        )
        self.run_all(run)
        self.assertNotEqual(leads[0].team_id, team)
        self.assertEqual(leads[1].team_id, team)

    def test_p6_the_customer_of_an_archived_company_can_be_linked(self):
        company = self.create_customer(name="Old Inc", is_company=True)
        customer = self.create_customer(
            name="Kid", parent_id=company.id, email="amy@example.com"
        )
        company.active = False
        dialog = self.open_dialog(self.lead)
        self.assertEqual(dialog.partner_id, customer)
        dialog.save().action_apply()
        self.assertEqual(self.lead.partner_id, customer)

    def test_p5_an_archived_salesperson_and_team_can_be_kept(self):
        self.lead.user_id = self.colleague
        self.colleague.active = False
        self.lead_channel.active = False
        self.env.flush_all()
        self.open_dialog(self.lead).save().action_apply()
        self.assertEqual(self.lead.type, "opportunity")
        self.assertEqual(self.lead.user_id, self.colleague)

    def test_b3_what_was_sent_to_the_customer_stays(self):
        customer = self.create_customer(name="Cat", email="cat@example.com")
        self.lead.partner_id = customer
        original = type(self.lead).write

        def write(leads, values):
            result = original(leads, values)
            if values.get("type") == "opportunity":
                leads.message_post(
                    body="Thank you",
                    partner_ids=customer.ids,
                    subtype_xmlid="mail.mt_comment",
                )
            return result

        for status, is_left in (("sent", True), ("ready", False)):
            with self.subTest(status), self.env.cr.savepoint() as savepoint:
                self.patch(type(self.lead), "write", write)
                conversion = self.convert(customer=KEEP)
                self.patch(type(self.lead), "write", original)
                message = self.lead.message_ids.filtered(
                    lambda one: "Thank you" in (one.body or "")
                )
                message.notification_ids.notification_status = status
                conversion.action_undo(force=True)
                self.assertEqual(bool(message.exists()), is_left)
                self.assertEqual(self.lead.type, "lead")
                savepoint.rollback()
                self.env.invalidate_all()

    def test_back_to_lead_of_a_conversion_that_is_not_remembered(self):
        conversion = self.convert(customer=KEEP)
        conversion.sudo().line_ids.unlink()
        self.lead.with_user(self.salesperson).action_back_to_lead(force=True)
        self.assertEqual(self.lead.type, "lead")

    def test_back_to_lead_of_what_was_merged_into_since(self):
        self.convert(customer=KEEP)
        other = self.create_lead(name="Other", user_id=self.salesperson.id)
        leads = (self.lead + other).with_user(self.salesperson)
        leads.env["crm.lead.merge"]._merge(leads)
        self.lead.with_user(self.salesperson).action_back_to_lead(force=True)
        self.assertEqual(self.lead.type, "lead")

    def test_p5_salespeople_take_turns_in_the_order_shown(self):
        """Not in the order of their names."""
        users = self.create_user("zoe_first", "sales_team.group_sale_salesman")
        users += self.create_user("abe_second", "sales_team.group_sale_salesman")
        for door in ("action_convert_in_run", "action_mass_convert"):
            leads = self.create_leads(2)
            leads.email_from = False
            Dialog = self.env["crm.lead2opportunity.partner.mass"].with_context(
                active_model="crm.lead", active_ids=leads.ids
            )
            with Form(Dialog.with_user(self.manager)) as dialog:
                dialog.force_assignment = True
                for user in users:
                    dialog.user_ids.add(user)
            self.env.invalidate_all()
            getattr(dialog.record, door)()
            self.assertEqual([lead.user_id for lead in leads], [*users], door)

    def test_p5_the_dialog_says_whose_the_result_of_a_merge_is(self):
        leads = self.create_leads(2)
        leads.email_from = "same@example.com"
        leads[0].user_id = self.colleague
        with self.open_dialog(leads[1]) as dialog:
            self.assertEqual(dialog.name, "merge")
            self.assertIn(f"Salesperson: {self.colleague.name}", dialog.outcome)
        dialog.record.action_apply()
        self.assertEqual(leads.exists().user_id, self.colleague)

    def test_p7_nothing_to_merge_with_is_all_that_the_dialog_says(self):
        with self.open_dialog(self.lead) as dialog:
            dialog.name = "merge"
            self.assertEqual(dialog.outcome, "Add an opportunity to merge with.")
