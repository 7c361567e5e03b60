"""B5: links in e-mails and addresses that name a merged-away lead."""

from urllib.parse import parse_qs, urlsplit

from odoo.tests import HttpCase, tagged

from .common import LeadQualificationCase


class OldLinkCase(HttpCase, LeadQualificationCase):
    """Two merges: the first lead went into the second, and that into the survivor."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.create_customer(email="anna@deco.example")
        # the first created survives
        cls.survivor, cls.second, cls.first = (
            cls.create_lead(
                name=name,
                type=kind,
                user_id=cls.salesperson.id,
                partner_id=cls.customer.id,
            )
            for name, kind in (
                ("Survivor", "opportunity"),
                ("Second lead", "lead"),
                ("First lead", "lead"),
            )
        )

    def merge(self, *leads):
        """Merge as a salesperson does; return the journal record."""
        records = self.env["crm.lead"].browse([lead.id for lead in leads])
        Merge = self.env["crm.lead.merge"].with_user(self.salesperson_all)
        return Merge._merge(records.with_user(self.salesperson_all))

    def merge_chain(self):
        self.merge(self.second, self.first)
        self.merge(self.survivor, self.second)

    def get_location(self, url):
        """Return where `url` leads to: (path, {parameter: value})."""
        response = self.url_open(url, allow_redirects=False)
        self.assertIn(response.status_code, (301, 302, 303), response.text[:500])
        location = urlsplit(response.headers["Location"])
        query = {name: one[0] for name, one in parse_qs(location.query).items()}
        return location.path, query

    def get_link(self, lead, kind, **options):
        """Return the link as the e-mail has it, without the host."""
        link = lead._notify_get_action_link(kind, **options)
        return link.removeprefix(lead.get_base_url())


@tagged("post_install", "-at_install")
class TestOldLinks(OldLinkCase):
    def test_b5_view_link_leads_to_the_survivor(self):
        links = [
            self.get_link(lead, "view", model="crm.lead", res_id=lead.id)
            for lead in (self.first, self.second)
        ]
        self.merge_chain()
        self.authenticate(self.salesperson.login, self.salesperson.login)
        for link in links:
            path, _query = self.get_location(link)
            self.assertEqual(path, f"/odoo/crm.lead/{self.survivor.id}")

    def test_b5_view_link_says_nothing_to_whom_may_not_read(self):
        self.merge_chain()
        self.survivor.user_id = self.salesperson_all
        link = f"/mail/view?model=crm.lead&res_id={self.first.id}"
        self.authenticate(self.salesperson.login, self.salesperson.login)
        self.assertEqual(self.get_location(link)[0], "/odoo/action-mail.action_discuss")
        self.logout(keep_db=True)
        path, query = self.get_location(link)
        self.assertEqual(path, "/web/login")
        self.assertIn(f"res_id={self.first.id}", query["redirect"])
        self.assertNotIn(f"res_id={self.survivor.id}", query["redirect"])

    def test_b5_view_link_leads_into_another_company(self):
        self.merge_chain()
        self.survivor.write({"team_id": False, "user_id": False})
        self.survivor.company_id = self.other_company
        self.salesperson_all.company_ids += self.other_company
        link = f"/mail/view?model=crm.lead&res_id={self.first.id}"
        self.authenticate(self.salesperson_all.login, self.salesperson_all.login)
        self.assertEqual(
            self.get_location(link)[0], f"/odoo/crm.lead/{self.survivor.id}"
        )

    def test_b5_undone_merge_leads_back(self):
        merge = self.merge(self.second, self.first)
        merge.with_user(self.salesperson_all).action_undo(force=True)
        self.authenticate(self.salesperson.login, self.salesperson.login)
        path, _query = self.get_location(
            f"/mail/view?model=crm.lead&res_id={self.first.id}"
        )
        self.assertEqual(path, f"/odoo/crm.lead/{self.first.id}")

    def test_b5_access_token_opens_only_what_it_was_made_for(self):
        self.merge_chain()
        path, query = self.get_location(
            f"/mail/view?model=crm.lead&res_id={self.first.id}&access_token=guessed"
        )
        self.assertEqual(path, "/web/login")
        self.assertNotIn(f"res_id={self.survivor.id}", query["redirect"])

    def test_b5_won_and_lost_links_act_on_the_survivor(self):
        won, lost = (
            self.get_link(self.first, "controller", controller=f"/lead/case_mark_{one}")
            for one in ("won", "lost")
        )
        self.merge_chain()
        self.authenticate(self.salesperson.login, self.salesperson.login)
        path, _query = self.get_location(won)
        self.assertEqual(path, f"/odoo/crm.lead/{self.survivor.id}")
        self.assertEqual(self.survivor.won_status, "won")
        self.get_location(lost)
        self.assertEqual(self.survivor.won_status, "lost")

    def test_b5_won_link_with_a_forged_token_does_nothing(self):
        other = self.create_lead(name="Other", user_id=self.salesperson.id)
        token = parse_qs(
            urlsplit(
                self.get_link(other, "controller", controller="/lead/case_mark_won")
            ).query
        )["token"][0]
        self.merge_chain()
        self.authenticate(self.salesperson.login, self.salesperson.login)
        for lead in (self.first, self.survivor):
            url = f"/lead/case_mark_won?model=crm.lead&res_id={lead.id}&token={token}"
            self.assertEqual(
                self.get_location(url)[0], "/odoo/action-mail.action_discuss"
            )
        self.assertEqual(self.survivor.won_status, "pending")

    def test_b5_won_link_needs_the_right_to_write_the_survivor(self):
        link = self.get_link(self.first, "controller", controller="/lead/case_mark_won")
        self.merge_chain()
        self.survivor.user_id = self.salesperson_all
        self.authenticate(self.salesperson.login, self.salesperson.login)
        path, query = self.get_location(link)
        self.assertEqual(path, "/odoo/action-mail.action_discuss")
        self.assertFalse(query)
        self.assertEqual(self.survivor.won_status, "pending")

    def test_b5_convert_link_converts_the_survivor(self):
        link = self.get_link(self.first, "controller", controller="/lead/convert")
        self.merge(self.second, self.first)
        self.assertEqual(self.second.type, "lead")
        self.authenticate(self.salesperson.login, self.salesperson.login)
        path, _query = self.get_location(link)
        self.assertEqual(path, f"/odoo/crm.lead/{self.second.id}")
        self.assertEqual(self.second.type, "opportunity")

    def test_b5_convert_link_opens_what_is_an_opportunity_already(self):
        link = self.get_link(self.first, "controller", controller="/lead/convert")
        self.merge_chain()
        self.survivor.date_conversion = "2026-01-02 03:04:05"
        self.authenticate(self.salesperson.login, self.salesperson.login)
        path, _query = self.get_location(link)
        self.assertEqual(path, f"/odoo/crm.lead/{self.survivor.id}")
        self.assertEqual(str(self.survivor.date_conversion), "2026-01-02 03:04:05")

    def test_b5_unfollow_link_unsubscribes_from_the_survivor(self):
        self.first.message_subscribe(self.customer.ids)
        link = self.get_link(
            self.first,
            "unfollow",
            model="crm.lead",
            res_id=self.first.id,
            pid=self.customer.id,
        )
        self.merge_chain()
        self.assertIn(self.customer, self.survivor.message_partner_ids)
        response = self.url_open(link)  # without logging in, as a customer does
        self.assertEqual(response.status_code, 200)
        self.assertNotIn(self.customer, self.survivor.message_partner_ids)
        # the page names what the customer followed, not what it became
        self.assertIn("First lead", response.text)
        self.assertNotIn("Survivor", response.text)
        self.assertIn(f"res_id={self.first.id}", response.text)
        self.assertNotIn(f"res_id={self.survivor.id}", response.text)

    def test_b5_unfollow_link_with_a_forged_token_is_refused(self):
        self.first.message_subscribe(self.customer.ids)
        self.merge_chain()
        self.url_open(
            f"/mail/unfollow?model=crm.lead&res_id={self.first.id}"
            f"&pid={self.customer.id}&token=forged"
        )
        self.assertIn(self.customer, self.survivor.message_partner_ids)
