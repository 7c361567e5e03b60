from odoo.tests import HttpCase, tagged

from .common import LeadQualificationCase


@tagged("post_install", "-at_install")
class TestMergeTour(HttpCase, LeadQualificationCase):
    """P9 to P12, B1 and B6 in the browser."""

    def test_p11_merge_three_from_the_list_and_undo(self):
        self.switch_leads(True)
        channel = self.lead_channel
        values = {"user_id": False, "team_id": channel.id, "type": "opportunity"}
        first = self.create_lead(
            **values,
            name="Tour first",
            street="Rue A",
            city="Paris",
            partner_name="First Ltd",
        )
        second = self.create_lead(
            **values,
            name="Tour second",
            street="Rue B",
            city="Lyon",
            partner_name="Second Ltd",
        )
        third = self.create_lead(**values, name="Tour third")
        second.message_post(body="Said of the second")
        first.message_post(body="Said of the first")
        third.action_set_won()
        self.start_tour(
            "/odoo/action-crm.crm_lead_opportunities?view_type=list",
            "crm_lead_qualification_merge_three",
            login=self.salesperson_all.login,
        )
        merge = self.env["crm.lead.merge"].search([("survivor_res_id", "=", first.id)])
        self.assertEqual(merge.state, "undone")
        self.assertEqual(
            set(merge.source_ids.mapped("source_res_id")), {second.id, third.id}
        )
        self.env.invalidate_all()
        self.assertEqual((first + second + third).exists(), first + second + third)
        self.assertEqual(first.city, "Paris")
        self.assertEqual(second.partner_name, "Second Ltd")
        self.assertEqual(third.won_status, "won")
