"""B5: addresses of the portal, and of any other page that names a lead by its id."""

import re

from odoo.tests import tagged

from .common import requires_addon
from .test_old_links import OldLinkCase


@tagged("post_install", "-at_install")
class TestOldAddressesOfThePortal(OldLinkCase):
    def setUp(self):
        super().setUp()
        self.merge_chain()
        if "partner_assigned_id" in self.survivor._fields:
            self.survivor.partner_assigned_id = self.portal_user.partner_id
        self.authenticate(self.portal_user.login, self.portal_user.login)

    @requires_addon("website_crm_partner_assign")
    def test_b5_old_page_leads_to_the_survivor(self):
        for page in ("opportunity", "lead"):  # the survivor is an opportunity
            for slug in (str(self.first.id), f"first-lead-{self.first.id}"):
                path, query = self.get_location(f"/my/{page}/{slug}?page=2")
                self.assertRegex(path, f"^/my/opportunity/.*{self.survivor.id}$")
                self.assertEqual(query, {"page": "2"})
                response = self.url_open(path)
                self.assertEqual(response.status_code, 200)
                self.assertIn(self.survivor.name, response.text)

    @requires_addon("website_crm_partner_assign")
    def test_b5_page_in_another_language_leads_to_the_same(self):
        language = self.env["res.lang"]._activate_lang("fr_FR")
        self.env["website"].get_current_website().language_ids += language
        path, _query = self.get_location(f"/fr/my/opportunity/{self.first.id}")
        self.assertRegex(path, f"^/fr/my/opportunity/.*{self.survivor.id}$")

    @requires_addon("website_crm_partner_assign")
    def test_b5_page_of_a_survivor_that_is_not_theirs_is_not_there(self):
        self.survivor.partner_assigned_id = False
        unknown = self.url_open(f"/my/opportunity/{2**30}", allow_redirects=False)
        page = self.url_open(f"/my/opportunity/{self.first.id}", allow_redirects=False)
        self.assertEqual(page.status_code, unknown.status_code)
        self.assertFalse(re.search(rf"\b{self.survivor.id}\b", page.url))
        self.assertNotIn(self.survivor.name, page.text)
