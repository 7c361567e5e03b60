from odoo.tests import HttpCase, tagged

from .merging import MergeCase

KNOWN = {
    "contact_name": "Ann Lee",
    "email_from": "ann@lee.example.com",
    "phone": "+32 2 290 12 34",
}


@tagged("post_install", "-at_install")
class TestWonDealTour(HttpCase, MergeCase):
    """What is won or lost, and the way back to the leads, in the browser."""

    def test_new_inquiry_of_a_customer_does_not_go_into_a_won_deal(self):
        self.switch_leads(True)
        won, inquiry = self.create_leads(
            {"name": "Deal of last year", **KNOWN},
            {"name": "New inquiry", "type": "lead", **KNOWN},
        )
        won.action_set_won()
        self.run_cron("crm_lead_match_queue_cron")
        self.start_tour(
            f"/odoo/action-crm.crm_lead_all_leads/{inquiry.id}",
            "crm_lead_qualification_won_deal",
            login=self.salesperson_all.login,
        )
        self.env.invalidate_all()
        self.assertEqual((won + inquiry).exists(), won + inquiry)

    def test_back_to_lead_asks_and_is_undone(self):
        self.switch_leads(True)
        deal = self.create_lead(
            type="opportunity", user_id=self.salesperson.id, name="Never a lead"
        )
        self.start_tour(
            f"/odoo/action-crm.crm_lead_opportunities/{deal.id}",
            "crm_lead_qualification_back_to_lead",
            login=self.salesperson.login,
        )
        self.env.invalidate_all()
        self.assertEqual(deal.type, "opportunity")
