from odoo.tests import HttpCase, tagged

from .test_duplicates import DuplicatesCase


@tagged("post_install", "-at_install")
class TestDuplicatesTour(HttpCase, DuplicatesCase):
    """B7, B8, B9 and B11 in the browser."""

    def create_twins(self, first_name):
        values = {
            "contact_name": f"{first_name} Tour",
            "email_from": f"{first_name.lower()}@tour-{first_name.lower()}.org",
            "user_id": self.salesperson_all.id,
        }
        return self.create_lead(**values) + self.create_lead(**values)

    def test_b7_b8_b11_work_through_duplicates(self):
        self.switch_leads(True)
        ann, bob, cleo, dora = map(self.create_twins, ("Ann", "Bob", "Cleo", "Dora"))
        self.compare()
        self.start_tour(
            "/odoo/crm",
            "crm_lead_qualification_duplicates",
            login=self.salesperson_all.login,
        )
        self.env.invalidate_all()
        self.assertEqual(ann.exists(), ann[0])
        self.assertEqual(self.pairs(*bob).state, "open")
        self.assertEqual((cleo + dora).exists(), cleo + dora)
        run = self.env["crm.lead.run"].search([], limit=1)
        self.assertEqual((run.kind, run.state), ("merge", "undone"))

    def test_b9_ask_the_owner(self):
        self.switch_leads(True)
        values = {"contact_name": "Ann Tour", "email_from": "ann@tour-ann.org"}
        hidden = self.create_lead(**values, name="Secret", user_id=self.colleague.id)
        mine = self.create_lead(**values, user_id=self.salesperson.id)
        self.compare()
        self.start_tour(
            f"/odoo/action-crm.crm_lead_all_leads/{mine.id}",
            "crm_lead_qualification_ask_the_owner",
            login=self.salesperson.login,
        )
        self.env.invalidate_all()
        self.assertEqual(hidden.activity_ids.user_id, self.colleague)
