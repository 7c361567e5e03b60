from odoo.tests import HttpCase, tagged

from .common import LeadQualificationCase


@tagged("post_install", "-at_install")
class TestConvertTour(HttpCase, LeadQualificationCase):
    """P5, P6, B3 and B11 in the browser."""

    def create_tour_lead(self, name, **values):
        user = self.salesperson_all
        return self.create_lead(
            name=name, user_id=user.id, team_id=self.lead_channel.id, **values
        )

    def start(self, lead, tour):
        self.switch_leads(True)
        url = f"/odoo/action-crm.crm_lead_all_leads/{lead.id}"
        self.start_tour(url, tour, login=self.salesperson_all.login)
        self.env.invalidate_all()

    def test_p5_b3_with_a_new_customer_and_undo(self):
        lead = self.create_tour_lead(
            "Tour lead", contact_name="Tour Person", email_from="tour@example.com"
        )
        self.start(lead, "crm_lead_qualification_convert_new_customer")
        self.assertEqual(lead.type, "lead")
        self.assertFalse(lead.partner_id)
        partners = self.env["res.partner"].search([("name", "=", "Tour Person")])
        self.assertFalse(partners)

    def test_p6_with_an_existing_customer(self):
        self.create_customer(
            name="Tour Customer", email="tour@example.com", city="Ghent"
        )
        company = self.create_customer(name="Tour Company", is_company=True)
        lead = self.create_tour_lead(
            "Tour lead",
            email_from="tour@example.com",
            city="Bruges",
            partner_name="Tour Company",
        )
        self.start(lead, "crm_lead_qualification_convert_existing_customer")
        self.assertEqual(lead.type, "opportunity")
        self.assertEqual(lead.partner_id, company)
        self.assertEqual(lead.city, "Bruges")

    def test_b11_many_from_the_list(self):
        self.switch_leads(True)
        self.env["crm.lead"].search([("type", "=", "lead")]).active = False
        for number in range(3):
            self.create_tour_lead(f"Tour lead {number}", contact_name=f"P{number}")
        self.start_tour(
            "/odoo/action-crm.crm_lead_all_leads?view_type=list",
            "crm_lead_qualification_convert_bulk",
            login=self.salesperson_all.login,
        )
        run = self.env["crm.lead.run"].search([])
        self.assertEqual(run.state, "undone", "one that was closed has gone")
        leads = self.env["crm.lead"].browse(run.line_ids.mapped("lead_res_id"))
        self.assertEqual(leads.mapped("type"), ["lead"] * 3)

    def test_p7_into_an_existing_opportunity(self):
        customer = self.create_customer(name="Tour Customer", email="tour@example.com")
        opportunity = self.create_tour_lead(
            "Tour opportunity", type="opportunity", partner_id=customer.id
        )
        lead = self.create_tour_lead("Tour lead", email_from="tour@example.com")
        self.start(lead, "crm_lead_qualification_convert_into_existing_opportunity")
        self.assertFalse(lead.exists())
        self.assertEqual(opportunity.type, "opportunity")
