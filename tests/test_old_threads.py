"""B5: replies to old threads and re-imports reach the survivor."""

from odoo.tests import tagged

from ..engine.plan import MergeOptions
from .common import LeadQualificationCase

REPLY = """From: Anna Deco <anna@deco.example>
To: {to}
Subject: Re: {subject}
Message-Id: <{message_id}>
{references}
Content-Type: text/plain

{body}
"""


@tagged("post_install", "-at_install")
class TestOldThreads(LeadQualificationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.domain = cls.env["mail.alias.domain"].search([], limit=1) or cls.env[
            "mail.alias.domain"
        ].create({"name": "company.example"})
        cls.company.alias_domain_id = cls.domain
        cls.customer = cls.create_customer(email="anna@deco.example")
        # the first created survives
        cls.survivor, cls.second, cls.first = (
            cls.create_lead(
                name=name, user_id=cls.salesperson.id, partner_id=cls.customer.id
            )
            for name in ("Survivor", "Desks", "Chairs")
        )

    def merge(self, survivor, source):
        leads = (survivor + source).with_user(self.salesperson)
        Merge = self.env["crm.lead.merge"].with_user(self.salesperson)
        return Merge._merge(leads, MergeOptions(survivor_id=survivor.id))

    def merge_chain(self):
        self.merge(self.second, self.first)
        self.merge(self.survivor, self.second)

    def receive(self, body, references="", to=None, model=None):
        """Let an e-mail come in, as the mail server hands it over."""
        to = to or f"catchall-{self.domain.catchall_alias}@{self.domain.name}"
        raw = REPLY.format(
            to=to,
            subject="Chairs",
            message_id=f"{abs(hash(body))}@deco.example",
            references=references,
            body=body,
        )
        return self.env["mail.thread"].message_process(model, raw)

    def assertOnSurvivor(self, body, count_before):
        found = self.env["mail.message"].search([("body", "ilike", body)])
        self.assertEqual(
            [(one.model, one.res_id) for one in found], [("crm.lead", self.survivor.id)]
        )
        self.assertEqual(self.env["crm.lead"].search_count([]), count_before)

    def test_b5_reply_to_a_message_that_was_moved(self):
        received = self.first.message_post(
            body="May we have chairs?",
            message_type="email",
            message_id="<first-mail@deco.example>",
        )
        self.merge_chain()
        count = self.env["crm.lead"].search_count([])
        self.assertEqual(received.res_id, self.survivor.id)
        for header in ("In-Reply-To", "References"):
            body = f"Any news about {header}"
            self.receive(body, f"{header}: <first-mail@deco.example>")
            self.assertOnSurvivor(body, count)

    def test_b5_reply_to_a_notification_of_a_merged_lead(self):
        sent = self.first.with_user(self.salesperson).message_post(
            body="Here is our offer",
            partner_ids=self.customer.ids,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        self.assertIn(f"openerp-{self.first.id}-crm.lead", sent.message_id)
        self.merge_chain()
        count = self.env["crm.lead"].search_count([])
        self.receive("I take it", f"References: {sent.message_id}")
        self.assertOnSurvivor("I take it", count)

    def test_b5_reply_after_undo_goes_back(self):
        sent = self.first.message_post(body="Offer", message_type="comment")
        self.merge(self.survivor, self.first).action_undo(force=True)
        self.receive("Back to you", f"References: {sent.message_id}")
        found = self.env["mail.message"].search([("body", "ilike", "Back to you")])
        self.assertEqual(found.res_id, self.first.id)

    def test_b5_alias_that_leads_to_a_merged_lead(self):
        alias = self.env["mail.alias"].create(
            {
                "alias_name": "chairs-for-anna",
                "alias_domain_id": self.domain.id,
                "alias_model_id": self.env["ir.model"]._get_id("crm.lead"),
                "alias_force_thread_id": self.first.id,
            }
        )
        self.merge_chain()
        count = self.env["crm.lead"].search_count([])
        self.receive("To the alias", to=f"chairs-for-anna@{self.domain.name}")
        self.assertOnSurvivor("To the alias", count)
        self.assertEqual(alias.alias_force_thread_id, self.survivor.id)

    def test_b5_import_again_keeps_for_the_survivor_what_is_new(self):
        Lead = self.env["crm.lead"].with_user(self.administrator)
        columns = ["id", "name", "phone", "user_id/.id"]
        row = ["__import__.anna", "Imported", "1", str(self.salesperson.id)]
        result = Lead.load(columns, [row])
        self.assertFalse(result["messages"])
        imported = self.env.ref("__import__.anna")
        self.merge(self.second, imported)
        self.merge(self.survivor, self.second)
        count = self.env["crm.lead"].search_count([])
        row = ["__import__.anna", "Imported again", "0203 123456"]
        result = Lead.load(columns[:3], [row])
        self.assertEqual([said["type"] for said in result["messages"]], ["warning"])
        self.assertEqual(result["ids"], self.survivor.ids)
        self.assertEqual(self.survivor.name, "Survivor")
        self.assertEqual(self.survivor.phone, "0203 123456")  # it was blank
        aside = self.survivor.merged_value_ids.mapped("display_value")
        self.assertIn("Imported again", aside)
        self.assertEqual(self.env["crm.lead"].search_count([]), count)
