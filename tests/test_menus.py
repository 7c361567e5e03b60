from ast import literal_eval

from lxml import etree

from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .common import LeadQualificationCase


@tagged("post_install", "-at_install")
class TestMenus(LeadQualificationCase):
    """P4: a submenu where leads gather, while leads are switched on."""

    def submenu(self, user, name="crm.crm_menu_leads"):
        """Return the names of the entries under Leads, or none without the menu."""
        self.env.flush_all()
        self.env.registry.clear_all_caches()
        menus = self.env["ir.ui.menu"].with_user(user).load_menus(False)
        menu = menus.get(self.env.ref(name).id)
        if not menu:
            return None
        self.assertIn(
            menu["id"], menus[self.env.ref("crm.crm_menu_root").id]["children"]
        )
        return [menus[child]["name"] for child in menu["children"]]

    def test_p4_on_there_is_a_submenu(self):
        self.switch_leads(True)
        for user in (self.salesperson, self.salesperson_all, self.manager):
            self.assertEqual(self.submenu(user)[:2], ["Leads", "My leads"])

    def test_p4_off_there_is_none(self):
        self.switch_leads(False)
        for user in (self.salesperson, self.salesperson_all, self.manager):
            self.assertIsNone(self.submenu(user))

    def test_p8_duplicates_and_merges_are_reached_once_with_and_without_leads(self):
        for is_on in (True, False):
            self.switch_leads(is_on)
            for user, names in (
                (self.salesperson, ["Duplicates", "Kept Separate"]),
                (self.manager, ["Duplicates", "Kept Separate", "Merge history"]),
            ):
                leads = self.submenu(user) or []
                sales = self.submenu(user, "crm.crm_menu_sales")
                under, other = (leads, sales) if is_on else (sales, leads)
                self.assertEqual([name for name in names if name in under], names)
                self.assertFalse(set(names) & set(other))

    def test_p4_leads_are_shown_in_all_of_stocks_ways(self):
        expected = {"list", "kanban", "calendar", "pivot", "graph", "activity", "form"}
        for menu in ("crm_lead_menu_all", "crm_lead_menu_mine"):
            action = self.env.ref(f"crm_lead_qualification.{menu}").action
            self.assertEqual(set(action.view_mode.split(",")), expected)
            views = {view_id: mode for view_id, mode in action.views if view_id}
            self.env["crm.lead"].with_user(self.salesperson).get_views(action.views)
            self.assertEqual(len(views), 5)

    def test_p4_leads_gather_there_and_opportunities_do_not(self):
        self.switch_leads(True)
        mine = self.create_lead(user_id=self.salesperson_all.id)
        nobodys = self.create_lead(user_id=False)
        opportunity = self.create_lead(type="opportunity", user_id=False)
        action = self.env.ref("crm.crm_lead_all_leads")
        found = self._search(action, self.salesperson_all)
        self.assertIn(mine, found)
        self.assertIn(nobodys, found)
        self.assertNotIn(opportunity, found)

    def test_p4_lost_leads_are_not_to_be_qualified(self):
        lost = self.create_lead(user_id=self.salesperson_all.id)
        lost.action_set_lost()
        waiting = self.create_lead(user_id=self.salesperson_all.id)
        found = self.env["crm.lead"].search(self._filter_domain("to_process"))
        self.assertIn(waiting, found)
        self.assertNotIn(lost, found)

    def test_p4_filters_say_what_to_qualify_first(self):
        reachable = self.create_lead(email_from="ann@deco.example.com")
        unreachable = self.create_lead(email_from="not an address")
        found = self.env["crm.lead"].search(self._filter_domain("unreachable"))
        self.assertIn(unreachable, found)
        self.assertNotIn(reachable, found)
        for name in ("waiting", "no_activity"):
            self.env["crm.lead"].search(self._filter_domain(name), limit=1)

    def test_p4_my_leads_starts_with_mine(self):
        mine = self.create_lead(user_id=self.salesperson_all.id)
        nobodys = self.create_lead(user_id=False)
        action = self.env.ref("crm_lead_qualification.crm_lead_my_leads_action")
        context = literal_eval(action.context.strip())
        self.assertEqual(context.pop("default_type"), "lead")
        names = [key.removeprefix("search_default_") for key in context]
        self.assertEqual(names, ["my_leads", "to_process"])
        found = self._search(action, self.salesperson_all)
        for name in names:
            found = found.filtered_domain(self._filter_domain(name))
        self.assertIn(mine, found)
        self.assertNotIn(nobodys, found)

    def _search(self, action, user):
        domain = literal_eval(action.domain)
        return self.env["crm.lead"].with_user(user).search(domain)

    def _filter_domain(self, name):
        view = self.env.ref("crm.view_crm_case_leads_filter")
        arch = self.env["crm.lead"].get_view(view.id, "search")["arch"]
        [found] = etree.fromstring(arch).xpath(f"//filter[@name='{name}']")
        return safe_eval(found.get("domain"), {"uid": self.salesperson_all.id})
