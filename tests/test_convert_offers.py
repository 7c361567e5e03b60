"""What the dialog that converts offers by itself: to merge with what is there."""

from odoo.tests import tagged

from .test_convert import ConvertCase


@tagged("post_install", "-at_install")
class TestConvertOffers(ConvertCase):
    """P7 and P8: open opportunities of the same customer, or of the same address."""

    def open_dialog(self, lead):
        Dialog = self.env["crm.lead2opportunity.partner"].with_user(self.salesperson)
        return Dialog.with_context(active_id=lead.id).create({})

    def assert_offered(self, lead, opportunity):
        dialog = self.open_dialog(lead)
        self.assertEqual(dialog.name, "merge")
        self.assertEqual(dialog.duplicated_lead_ids, lead + opportunity)
        dialog.action_apply()
        self.assertEqual((lead + opportunity).exists().type, "opportunity")
        self.assertEqual(len((lead + opportunity).exists()), 1)

    def test_p7_open_opportunity_of_the_customer(self):
        # without any address, nothing but the customer is the same
        customer = self.create_customer()
        opportunity = self.own_lead(
            type="opportunity", name="Desks", partner_id=customer.id
        )
        lead = self.own_lead(partner_id=customer.id)
        self.assert_offered(lead, opportunity)

    def test_p8_opportunity_with_the_same_address(self):
        opportunity = self.own_lead(
            type="opportunity", name="Desks", email_from="AMY@example.com"
        )
        lead = self.own_lead(email_from="Amy Wong <amy@example.com>")
        self.assert_offered(lead, opportunity)

    def test_p7_p8_nothing_is_offered_where_nothing_is_alike(self):
        self.own_lead(
            type="opportunity", name="Desks", email_from="leela@planet-express.example"
        )
        lead = self.own_lead(email_from="amy@mars.example", contact_name="Amy Wong")
        dialog = self.open_dialog(lead)
        self.assertEqual(dialog.name, "convert")
        self.assertEqual(dialog.duplicated_lead_ids, lead)
