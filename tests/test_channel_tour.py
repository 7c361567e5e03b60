from odoo.tests import HttpCase, tagged

from .common import LeadQualificationCase


@tagged("post_install", "-at_install")
class TestChannelTour(HttpCase, LeadQualificationCase):
    """P1 to P4 in the browser."""

    def test_p1_to_p4_switch_leads_on_and_set_a_channel_apart(self):
        self.switch_leads(False)
        channel = self.create_channel(name="Spare Parts Tour")
        self.start_tour(
            "/odoo/action-crm.crm_config_settings_action",
            "crm_lead_qualification_channel_mode",
            login=self.administrator.login,
        )
        self.assertTrue(self.env["crm.team"]._is_lead_switch_on())
        self.assertFalse(channel.use_leads)
        self.assertTrue(self.lead_channel.use_leads)
        self.assertEqual(self.incoming(team_id=channel.id).type, "opportunity")
        self.assertEqual(self.incoming(team_id=self.lead_channel.id).type, "lead")

    def test_p4_type_a_lead_and_find_it(self):
        self.switch_leads(True)
        self.start_tour(
            "/odoo/action-crm.crm_lead_all_leads?view_type=list",
            "crm_lead_qualification_type_a_lead",
            login=self.salesperson_all.login,
        )
        lead = self.env["crm.lead"].search([("name", "=", "Typed on tour")])
        self.assertEqual(lead.type, "lead")
