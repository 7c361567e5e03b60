"""P1 and P3: the doors that other addons open, each where it is installed."""

import json
from datetime import timedelta

from odoo import Command, fields
from odoo.http import Request
from odoo.tests import HttpCase, RecordCapturer, tagged

from .common import requires_addon
from .test_ways_in import WaysInCase


class DoorCase(HttpCase, WaysInCase):
    def capture(self):
        return RecordCapturer(self.env["crm.lead"])

    def assertFollowsSwitchAndChannel(self, bring_in):
        """Check what comes in, given a door that takes a channel."""
        for on in (True, False):
            self.switch_leads(on)
            for channel, channel_type in self.expected_types.items():
                with self.subTest(on=on, channel=channel.name), self.capture() as new:
                    bring_in(channel)
                    self.assertEqual(new.records.team_id, channel)
                    expected = channel_type if on else "opportunity"
                    self.assertEqual(new.records.type, expected)


@tagged("post_install", "-at_install")
class TestWebsite(DoorCase):
    def send_form(self, channel=None, login=None):
        """Send the contact form as a visitor, or as somebody who is logged in."""
        website = self.env["website"].search([], limit=1)
        website.crm_default_team_id = channel
        self.authenticate(login, login)
        values = {
            "name": "Chairs wanted",
            "contact_name": "Wanda Visitor",
            "email_from": "wanda@visitor.example.com",
            "description": "Forty of them",
        }
        if login:
            values["csrf_token"] = Request.csrf_token(self)
        response = self.url_open("/website/form/crm.lead", data=values)
        self.assertIn("id", response.json(), response.text)

    @requires_addon("website_crm")
    def test_p3_contact_form_of_a_public_visitor(self):
        self.assertFollowsSwitchAndChannel(self.send_form)

    @requires_addon("website_crm")
    def test_p3_contact_form_of_those_who_are_logged_in(self):
        for user in (self.portal_user, self.salesperson):
            self.assertFollowsSwitchAndChannel(
                lambda channel, login=user.login: self.send_form(channel, login)
            )

    @requires_addon("website_crm")
    def test_p1_contact_form_without_channel(self):
        for on, expected in ((True, "lead"), (False, "opportunity")):
            self.switch_leads(on)
            with self.capture() as new:
                self.send_form()
            self.assertEqual(new.records.type, expected)


@tagged("post_install", "-at_install")
class TestLiveChat(DoorCase):
    def open_chat(self, bot=None):
        """Open a live chat as a public visitor, with a salesperson or with a bot."""
        rules = [Command.create({"chatbot_script_id": bot.id})] if bot else []
        livechat = self.env["im_livechat.channel"].create(
            {
                "name": "Live Chat",
                "user_ids": [Command.set(self.salesperson_all.ids)],
                "rule_ids": rules,
            }
        )
        self.env["mail.presence"]._update_presence(self.salesperson_all)
        data = self.make_jsonrpc_request(
            "/im_livechat/get_session",
            {
                "channel_id": livechat.id,
                "persisted": True,
                "chatbot_script_id": bot and bot.id,
            },
        )
        return self.env["discuss.channel"].browse(data["channel_id"])

    @requires_addon("crm_livechat")
    def test_p1_lead_command_follows_the_switch(self):
        for on, expected in ((True, "lead"), (False, "opportunity")):
            self.switch_leads(on)
            chat = self.open_chat().with_user(self.salesperson_all)
            with self.capture() as new:
                chat.execute_command_lead(body="/lead Wants chairs")
            self.assertEqual(new.records.name, "Wants chairs")
            self.assertFalse(new.records.team_id)
            self.assertEqual(new.records.type, expected)

    @requires_addon("crm_livechat")
    def test_p3_bot_follows_switch_and_channel(self):
        self.assertFollowsSwitchAndChannel(self.chat_with_bot)

    def chat_with_bot(self, channel):
        bot = self.env["chatbot.script"].create({"title": "Chair Bot"})
        self.env["chatbot.script.step"].create(
            [
                {
                    "chatbot_script_id": bot.id,
                    "step_type": "question_email",
                    "message": "Where can we write to you?",
                    "sequence": 1,
                },
                {
                    "chatbot_script_id": bot.id,
                    "step_type": "create_lead",
                    "message": "Thank you!",
                    "crm_team_id": channel.id,
                    "sequence": 2,
                },
            ]
        )
        chat = self.open_chat(bot)
        self.make_jsonrpc_request(
            "/mail/message/post",
            {
                "thread_model": "discuss.channel",
                "thread_id": chat.id,
                "post_data": {
                    "body": "wanda@visitor.example.com",
                    "message_type": "comment",
                    "subtype_xmlid": "mail.mt_comment",
                },
            },
        )
        self.make_jsonrpc_request("/chatbot/step/trigger", {"channel_id": chat.id})


@tagged("post_install", "-at_install")
class TestMailPlugin(DoorCase):
    @requires_addon("crm_mail_plugin")
    def test_p3_mail_plugin_follows_switch_and_channel(self):
        self.assertFollowsSwitchAndChannel(self.create_from_mailbox)

    def create_from_mailbox(self, channel):
        """Create a lead from somebody's mailbox, where nobody chooses a channel."""
        self.salesperson_all.crm_team_member_ids.unlink()
        channel.member_ids = self.salesperson_all
        # sudo: people confirm in their browser before the plug-in gets a key
        Keys = self.env["res.users.apikeys"].with_user(self.salesperson_all).sudo()
        customer = self.create_customer(email="info@deco.example.com")
        response = self.url_open(
            "/mail_plugin/lead/create",
            data=json.dumps(
                {
                    "params": {
                        "partner_id": customer.id,
                        "email_body": "<p>Forty chairs</p>",
                        "email_subject": "Chairs wanted",
                    }
                }
            ),
            headers={
                "Content-Type": "application/json",
                "Authorization": Keys._generate("odoo.plugin.outlook", "mail", None),
            },
        )
        self.assertIn("lead_id", response.json()["result"])


@tagged("post_install", "-at_install")
class TestOwnRules(DoorCase):
    """P3: a rule that has a type of its own keeps it, whatever the channel."""

    @requires_addon("event_crm")
    def test_p3_event_rule_keeps_its_type(self):
        start = fields.Datetime.now() + timedelta(days=1)
        event = self.env["event.event"].create(
            {
                "name": "Open Day",
                "date_begin": start,
                "date_end": start + timedelta(hours=8),
            }
        )
        Rule = self.env["event.lead.rule"]
        Rule.search([]).active = False
        for channel in self.expected_types:
            for told in ("lead", "opportunity"):
                rule = Rule.create(
                    {
                        "name": "Attendees",
                        "event_id": event.id,
                        "lead_type": told,
                        "lead_sales_team_id": channel.id,
                    }
                )
                with self.capture() as new:
                    self.env["event.registration"].create(
                        {"event_id": event.id, "name": "Wanda", "email": "w@v.example"}
                    )
                self.assertEqual(new.records.event_lead_rule_id, rule)
                self.assertEqual(new.records.type, told)
                rule.active = False

    @requires_addon("survey_crm")
    def test_p3_survey_keeps_its_type(self):
        survey = self.env["survey.survey"].create({"title": "Which chair are you?"})
        question = self.env["survey.question"].create(
            {
                "survey_id": survey.id,
                "title": "Shall we call you?",
                "question_type": "simple_choice",
                "suggested_answer_ids": [
                    Command.create({"value": "Yes", "generate_lead": True})
                ],
            }
        )
        for channel in self.expected_types:
            survey.team_id = channel
            answers = self.env["survey.user_input"].create({"survey_id": survey.id})
            answers._save_lines(question, str(question.suggested_answer_ids.id))
            with self.capture() as new:
                answers._mark_done()
            self.assertEqual(new.records.team_id, channel)
            self.assertEqual(new.records.type, "opportunity")

    @requires_addon("crm_iap_mine")
    def test_p3_mining_request_keeps_its_type(self):
        company = {"name": "Deco", "duns": "123456789", "country_code": "BE"}
        for channel in self.expected_types:
            for told in ("lead", "opportunity"):
                request = self.env["crm.iap.lead.mining.request"].create(
                    {"lead_type": told, "team_id": channel.id}
                )
                with self.capture() as new:
                    request._create_leads_from_response([dict(company)])
                self.assertEqual(new.records.team_id, channel)
                self.assertEqual(new.records.type, told)
