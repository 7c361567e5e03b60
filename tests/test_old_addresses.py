"""B5: addresses of the web client that name a merged-away lead."""

from odoo.tests import tagged

from .test_old_links import OldLinkCase


@tagged("post_install", "-at_install")
class TestOldAddresses(OldLinkCase):
    def setUp(self):
        super().setUp()
        self.merge_chain()
        self.authenticate(self.salesperson.login, self.salesperson.login)

    def assertLeads(self, address, expected):
        path, query = self.get_location(f"{address.format(id=self.first.id)}?debug=1")
        self.assertEqual(path, expected.format(id=self.survivor.id))
        self.assertEqual(query, {"debug": "1"})

    def assertStays(self, address):
        response = self.url_open(address, allow_redirects=False)
        self.assertEqual(response.status_code, 200)

    def test_b5_addresses_of_the_web_client(self):
        action_id = self.env.ref("crm.crm_lead_opportunities").id
        for prefix in (
            "/odoo/crm",
            "/odoo/my-leads",
            "/odoo/crm.lead",
            "/odoo/m-crm.lead",
            "/odoo/action-crm.crm_lead_all_leads",
            "/odoo/action-crm.action_your_pipeline",
            f"/odoo/action-{action_id}",
            "/odoo/res.partner/1/crm.lead",
            "/scoped_app/crm",
        ):
            with self.subTest(prefix=prefix):
                self.assertLeads(prefix + "/{id}", prefix + "/{id}")

    def test_b5_lead_that_is_not_the_last_of_the_address(self):
        rest = "/action-mail.mail_activity_action"
        self.assertLeads("/odoo/crm/{id}" + rest, "/odoo/crm/{id}" + rest)

    def test_b5_other_models_keep_their_ids(self):
        for prefix in (
            "/odoo/res.partner",
            "/odoo/contacts",
            "/odoo/action-base.action_partner_form",
            "/odoo/action-no.such_action",
            "/odoo/action-999999999",
            "/odoo/nowhere",
        ):
            with self.subTest(prefix=prefix):
                self.assertStays(f"{prefix}/{self.first.id}")

    def test_b5_address_stays_for_whom_may_not_read_the_survivor(self):
        self.survivor.user_id = self.salesperson_all
        self.assertStays(f"/odoo/crm/{self.first.id}")
        self.assertStays(f"/odoo/crm/{2**40}")

    def test_b5_address_of_an_existing_lead_stays(self):
        self.assertStays(f"/odoo/crm/{self.survivor.id}")
        self.assertStays("/odoo/crm")

    def test_b5_login_comes_first(self):
        self.logout(keep_db=True)
        path, query = self.get_location(f"/odoo/crm/{self.first.id}")
        self.assertEqual(path, "/web/login")
        self.assertIn(str(self.first.id), query["redirect"])
        self.assertNotIn(str(self.survivor.id), query["redirect"])
