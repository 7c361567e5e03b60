"""P1 to P3: every way in that a person or a program has, one channel after the
other."""

import json

from psycopg2.errors import NotNullViolation

from odoo.tests import Form, HttpCase, tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from .common import LeadQualificationCase


class WaysInCase(LeadQualificationCase):
    """Leads are switched on, and one channel is set apart."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.switch_leads(True)
        cls.expected_types = {
            cls.lead_channel: "lead",
            cls.direct_channel: "opportunity",
        }

    def menu_context(self, xml_id):
        """Return what a menu says about the records that are typed in it."""
        context = self.env.ref(xml_id).context
        return safe_eval(context, {"uid": self.salesperson_all.id})


@tagged("post_install", "-at_install")
class TestTypedIn(WaysInCase):
    """P3: what is typed in a form or a list."""

    def test_p3_form_follows_the_channel_chosen(self):
        Lead = self.env["crm.lead"].with_user(self.salesperson_all)
        for channel, expected in self.expected_types.items():
            form = Form(Lead)
            form.name = "Chairs wanted"
            form.team_id = channel
            lead = form.save()
            self.assertEqual((lead.team_id, lead.type), (channel, expected))

    def test_p3_form_follows_the_last_channel_chosen(self):
        form = Form(self.env["crm.lead"].with_user(self.salesperson_all))
        form.name = "Chairs wanted"
        for channel in self.lead_channel + self.direct_channel:
            form.team_id = channel
        self.assertEqual(form.save().type, "opportunity")

    def test_p3_form_follows_the_channel_of_the_salesperson(self):
        self.direct_channel.member_ids = self.salesperson
        form = Form(self.env["crm.lead"].with_user(self.salesperson_all))
        form.name = "Chairs wanted"
        form.user_id = self.salesperson
        lead = form.save()
        self.assertEqual(lead.team_id, self.direct_channel)
        self.assertEqual(lead.type, "opportunity")

    def test_p3_the_menu_wins_over_the_channel(self):
        for menu_type in ("lead", "opportunity"):
            Lead = self.env["crm.lead"].with_user(self.salesperson_all)
            for channel in self.expected_types:
                form = Form(Lead.with_context(default_type=menu_type))
                form.name = "Chairs wanted"
                form.team_id = channel
                self.assertEqual(form.save().type, menu_type)

    def test_p3_stocks_menus_say_what_is_typed_in_them(self):
        for xml_id, expected in (
            ("crm.crm_lead_all_leads", "lead"),
            ("crm_lead_qualification.crm_lead_my_leads_action", "lead"),
            ("crm.crm_lead_action_pipeline", "opportunity"),
            ("crm.crm_lead_opportunities", "opportunity"),
        ):
            for channel in self.expected_types:
                context = {**self.menu_context(xml_id), "default_team_id": channel.id}
                Lead = self.env["crm.lead"].with_user(self.salesperson_all)
                quick_id, _name = Lead.with_context(**context).name_create("Chairs")
                self.assertEqual(Lead.browse(quick_id).type, expected)

    def test_p3_quick_create_without_a_menu_follows_the_channel(self):
        Lead = self.env["crm.lead"].with_user(self.salesperson_all)
        for channel, expected in self.expected_types.items():
            in_channel = Lead.with_context(default_team_id=channel.id)
            lead = Lead.browse(in_channel.name_create("Chairs")[0])
            self.assertEqual((lead.team_id, lead.type), (channel, expected))

    def test_p3_quick_create_in_the_pipeline_makes_opportunities(self):
        Lead = self.env["crm.lead"].with_user(self.salesperson_all)
        context = self.menu_context("crm.crm_lead_action_pipeline")
        form = Form(Lead.with_context(**context), "crm.quick_create_opportunity_form")
        form.name = "Chairs wanted"
        self.assertEqual(form.save().type, "opportunity")

    def test_p3_a_default_meant_for_something_else_is_ignored(self):
        Lead = self.env["crm.lead"].with_user(self.salesperson_all)
        record = Lead.with_context(default_type="contact").new(
            {"name": "Chairs", "team_id": self.direct_channel.id}
        )
        self.assertEqual(record.type, "opportunity")

    @mute_logger("odoo.sql_db")
    def test_p3_empty_name_changes_nothing(self):
        count = self.env["crm.lead"].search_count([])
        with self.assertRaises(NotNullViolation), self.cr.savepoint():
            self.incoming(name=False, team_id=self.lead_channel.id)
        self.assertEqual(self.env["crm.lead"].search_count([]), count)


@tagged("post_install", "-at_install")
class TestRpc(HttpCase, WaysInCase):
    """P3: what other programs bring in."""

    def test_p3_json2_honours_the_channel(self):
        key = self._create_api_key()
        for channel, expected in self.expected_types.items():
            for told in (None, "lead", "opportunity"):
                values = {"name": "By JSON", "team_id": channel.id}
                if told:
                    values["type"] = told
                response = self.url_open(
                    "/json/2/crm.lead/create",
                    data=json.dumps({"vals_list": [values]}),
                    headers={
                        "Authorization": f"bearer {key}",
                        "Content-Type": "application/json",
                    },
                )
                self.assertEqual(response.status_code, 200, response.text)
                lead = self.env["crm.lead"].browse(response.json())
                self.assertEqual(lead.type, told or expected)

    def test_p3_xmlrpc_honours_the_channel(self):
        login = (self.cr.dbname, self.salesperson_all.id, "qualify_all")
        for channel, expected in self.expected_types.items():
            values = {"name": "By XML-RPC", "team_id": channel.id}
            lead_id = self.xmlrpc_object.execute_kw(
                *login, "crm.lead", "create", [values]
            )
            self.assertEqual(self.env["crm.lead"].browse(lead_id).type, expected)

    def test_p3_empty_name_by_rpc_is_answered_in_plain_words(self):
        response = self.url_open(
            "/json/2/crm.lead/create",
            data=json.dumps({"vals_list": [{"name": False}]}),
            headers={
                "Authorization": f"bearer {self._create_api_key()}",
                "Content-Type": "application/json",
            },
        )
        self.assertEqual(response.status_code, 422)
        self.assertIn("required", response.json()["message"])

    def _create_api_key(self):
        # sudo: people confirm their password in a dialog before they get a key
        Keys = self.env["res.users.apikeys"].with_user(self.salesperson_all).sudo()
        return Keys._generate("rpc", "crm", None)
