"""P3: e-mails of the kinds people send, into channels of different policy."""

from odoo.tests import tagged

from .arrivals import DOMAIN, EmailArrival
from .test_ways_in import WaysInCase


@tagged("post_install", "-at_install")
class TestEmail(EmailArrival, WaysInCase):
    def assertFollowsChannel(self, name):
        """Check that the e-mail follows either channel, and return what came of it."""
        office = self.receive(name, "office")
        parts = self.receive(name, "parts")
        self.assertEqual((office.team_id, office.type), (self.lead_channel, "lead"))
        self.assertEqual(parts.team_id, self.direct_channel)
        self.assertEqual(parts.type, "opportunity")
        return office

    def test_p3_html_email(self):
        lead = self.assertFollowsChannel("html")
        self.assertEqual(lead.name, "Forty chairs for our new office")
        self.assertEqual(lead.email_normalized, "ann.peeters@deco.example.com")
        self.assertIn("<b>40 chairs</b>", lead.message_ids[-1].body)
        self.assertNotIn("<script", lead.message_ids[-1].body)

    def test_p3_reply_to_something_unknown(self):
        lead = self.assertFollowsChannel("reply")
        self.assertEqual(lead.name, "Re: Our spring catalogue")

    def test_p3_forwarded_email(self):
        lead = self.assertFollowsChannel("forwarded")
        self.assertEqual(lead.email_normalized, "reception@yourcompany.example.com")

    def test_p3_several_recipients(self):
        lead = self.assertFollowsChannel("several_recipients")
        self.assertEqual(lead.email_normalized, "john.smith@smithandsons.example.com")

    def test_p3_attachment(self):
        lead = self.assertFollowsChannel("attachment")
        attachments = lead.message_ids.attachment_ids
        self.assertEqual(attachments.mapped("name"), ["floor plan.csv"])
        self.assertIn(b"Studio,8", attachments.raw)

    def test_p3_non_latin_names(self):
        lead = self.assertFollowsChannel("non_latin")
        self.assertEqual(lead.name, "椅子 - كراسي - стулья")
        self.assertIn("Мария Иванова", lead.email_from)

    def test_p3_sender_that_cannot_be_parsed(self):
        lead = self.assertFollowsChannel("malformed_from")
        self.assertEqual(lead.name, "Who am I")
        self.assertIn("I want a chair", lead.message_ids[-1].body)

    def test_p3_no_subject(self):
        self.assertTrue(self.assertFollowsChannel("no_subject").name)

    def test_p3_an_answer_joins_what_it_answers(self):
        lead = self.receive("html", "office")
        lead.type = "opportunity"
        raw = (
            f"From: ann.peeters@deco.example.com\nTo: office@{DOMAIN}\n"
            "Subject: Re: Forty chairs\nMessage-ID: <answer@deco.example.com>\n"
            f"In-Reply-To: {lead.message_ids[-1].message_id}\n\nMake it fifty.\n"
        )
        count = self.env["crm.lead"].search_count([])
        self.env["mail.thread"].message_process(None, raw)
        self.assertEqual(self.env["crm.lead"].search_count([]), count)
        self.assertIn("Make it fifty", lead.message_ids[0].body)
        self.assertEqual(lead.type, "opportunity")

    def test_p3_one_email_to_both_channels(self):
        leads = self.receive("several_recipients", "office", "parts")
        found = {lead.team_id: lead.type for lead in leads}
        self.assertEqual(found, self.expected_types)

    def test_p3_archived_channel_still_receives(self):
        (self.lead_channel + self.direct_channel).active = False
        self.assertFollowsChannel("html")

    def test_p3_address_without_channel_follows_the_switch(self):
        self.env["mail.alias"].create(
            {
                "alias_name": "hello",
                "alias_domain_id": self.lead_channel.alias_domain_id.id,
                "alias_model_id": self.env["ir.model"]._get_id("crm.lead"),
            }
        )
        lead = self.receive("html", "hello")
        self.assertFalse(lead.team_id)
        self.assertEqual(lead.type, "lead")
        self.switch_leads(False)
        self.assertEqual(self.receive("reply", "hello").type, "opportunity")

    def test_p1_off_every_email_is_an_opportunity(self):
        self.switch_leads(False)
        for address in ("office", "parts"):
            self.assertEqual(self.receive("html", address).type, "opportunity")
