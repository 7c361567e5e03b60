from odoo.tests import Form, tagged

from .common import LeadQualificationCase


@tagged("post_install", "-at_install")
class TestConvertOutcome(LeadQualificationCase):
    """The sentence above the button says what converting will do (P5, P8)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        values = {
            "user_id": cls.salesperson_all.id,
            "team_id": cls.lead_channel.id,
            "email_from": "ebba@studio.example.com",
        }
        cls.earlier = cls.create_lead(
            **values, name="Meeting table", type="opportunity"
        )
        cls.lead = cls.create_lead(**values, name="Acoustic panels")

    def open_dialog(self):
        context = {"active_model": "crm.lead", "active_id": self.lead.id}
        Dialog = self.env["crm.lead2opportunity.partner"]
        return Form(Dialog.with_user(self.salesperson_all).with_context(**context))

    def test_p8_a_merge_names_how_many_and_which_one_stays(self):
        dialog = self.open_dialog()
        self.assertEqual(dialog.name, "merge")
        self.assertIn("2 records become one: ‘Meeting table’", dialog.outcome)

    def test_p9_merge_into_x_is_said(self):
        dialog = self.open_dialog()
        dialog.survivor_id = self.lead
        self.assertIn("‘Acoustic panels’", dialog.outcome)

    def test_p5_a_merge_with_nothing_asks_for_an_opportunity(self):
        dialog = self.open_dialog()
        dialog.duplicated_lead_ids.clear()
        self.assertIn("Add an opportunity", dialog.outcome)

    def test_p5_a_conversion_names_person_channel_and_customer(self):
        dialog = self.open_dialog()
        dialog.name = "convert"
        dialog.action = "create"
        self.assertIn("‘Acoustic panels’ becomes an opportunity", dialog.outcome)
        self.assertIn(self.salesperson_all.name, dialog.outcome)
        self.assertIn("A customer is created", dialog.outcome)

    def test_p5_whose_it_is_is_said_where_it_is_nobodys(self):
        self.lead.write({"user_id": False, "team_id": False})
        dialog = self.open_dialog()
        dialog.name = "convert"
        dialog.user_id = self.env["res.users"]
        dialog.team_id = self.env["crm.team"]
        self.assertIn("Salesperson: –. Sales team: –.", dialog.outcome)
