from odoo.tests import HttpCase, tagged

from ..engine.plan import MergeOptions
from .common import LeadQualificationCase


@tagged("post_install", "-at_install")
class TestOldLinksTour(HttpCase, LeadQualificationCase):
    """B5 and P10 in the browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.switch_leads(True)
        # the first created survives
        cls.survivor, cls.source = (
            cls.create_lead(name=f"Tour {name}", user_id=cls.salesperson.id)
            for name in ("survivor", "source")
        )
        cls.survivor.message_post(body="About the survivor")
        cls.source.message_post(body="About the source")

    def test_b5_old_address_shows_the_survivor(self):
        leads = (self.survivor + self.source).with_user(self.salesperson)
        Merge = self.env["crm.lead.merge"].with_user(self.salesperson)
        Merge._merge(leads, MergeOptions(survivor_id=self.survivor.id))
        self.start_tour(
            f"/odoo/action-crm.crm_lead_all_leads/{self.source.id}",
            "crm_lead_qualification_old_address",
            login=self.salesperson.login,
        )

    def test_b5_list_overtaken_by_a_merge_leads_to_the_survivor(self):
        self.start_tour(
            "/odoo/action-crm.crm_lead_all_leads?view_type=list",
            "crm_lead_qualification_old_list",
            login=self.salesperson.login,
        )
        self.assertFalse(self.source.exists())
