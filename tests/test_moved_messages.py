"""P10: the chatter says which lead a message comes from."""

from odoo.tests import tagged

from odoo.addons.mail.tools.discuss import Store

from ..engine.plan import MergeOptions
from .common import LeadQualificationCase


@tagged("post_install", "-at_install")
class TestMovedMessages(LeadQualificationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # the first created survives
        cls.survivor, cls.second, cls.first = (
            cls.create_lead(name=name, type=kind, user_id=cls.salesperson.id)
            for name, kind in (
                ("Survivor", "lead"),
                ("Desks", "opportunity"),
                ("Chairs", "lead"),
            )
        )
        cls.messages = {
            lead: lead.message_post(body=f"About {lead.name}")
            for lead in (cls.survivor, cls.second, cls.first)
        }

    def merge(self, survivor, source):
        leads = (survivor + source).with_user(self.salesperson)
        Merge = self.env["crm.lead.merge"].with_user(self.salesperson)
        return Merge._merge(leads, MergeOptions(survivor_id=survivor.id))

    def read_store(self, messages, user=None):
        """Return {message id: what the badge is told} as the web client gets it."""
        messages = messages.with_user(user or self.salesperson)
        data = Store().add(messages).get_result()["mail.message"]
        return {one["id"]: one.get("mergedFrom", "nothing") for one in data}

    def test_p10_message_says_where_it_comes_from(self):
        self.merge(self.survivor, self.first)
        moved, own = self.messages[self.first], self.messages[self.survivor]
        self.assertEqual(
            self.read_store(moved + own),
            {moved.id: {"name": "Chairs", "type": "lead"}, own.id: False},
        )

    def test_p10_message_of_a_chain_comes_from_the_first_lead(self):
        self.merge(self.second, self.first)
        later = self.merge(self.survivor, self.second)
        first, second = self.messages[self.first], self.messages[self.second]
        self.assertEqual(
            self.read_store(first + second),
            {
                first.id: {"name": "Chairs", "type": "lead"},
                second.id: {"name": "Desks", "type": "opportunity"},
            },
        )
        later.action_undo(force=True)
        self.assertEqual(
            self.read_store(first + second),
            {first.id: {"name": "Chairs", "type": "lead"}, second.id: False},
        )

    def test_p10_nothing_is_said_after_undo(self):
        self.merge(self.survivor, self.first).action_undo(force=True)
        moved = self.messages[self.first]
        self.assertEqual(moved.res_id, self.first.id)
        self.assertEqual(self.read_store(moved), {moved.id: False})

    def test_p10_customers_are_not_told(self):
        self.merge(self.survivor, self.first)
        moved = self.messages[self.first]
        moved.partner_ids = self.portal_user.partner_id
        moved.subtype_id = self.env.ref("mail.mt_comment")
        self.assertEqual(
            self.read_store(moved, self.portal_user), {moved.id: "nothing"}
        )

    def test_p10_one_query_a_batch_and_none_for_others(self):
        for number in range(5):
            self.first.message_post(body=f"Message {number}")
        self.merge(self.survivor, self.first)
        messages = self.survivor.message_ids
        messages.with_user(self.salesperson).fetch(["model"])
        store = Store()
        with self.assertQueryCount(1):
            found = messages.with_user(self.salesperson)._find_merged_from()
        self.assertEqual(len(found), 6 + 1)  # six posted, one of the creation
        customer = self.create_customer()
        note = customer.message_post(body="Of no lead").with_user(self.salesperson)
        note.fetch(["model"])
        with self.assertQueryCount(0):
            note._extras_to_store(store, format_reply=True)
        self.assertNotIn("mergedFrom", str(store.get_result()))

    def test_p10_asking_of_no_messages_gets_no_answer(self):
        self.assertEqual(self.env["mail.message"]._find_merged_from(), {})

    def test_p10_no_source_remembers_and_comes_back_as_nothing(self):
        merge = self.merge(self.survivor, self.first)
        sources = merge.source_ids
        none = sources.browse()
        none._remember_moved(
            "mail_message", "crm_lead_merge_source_message_rel", "message_id"
        )
        none._bring_back()
        moved = self.messages[self.first]
        self.assertIn(moved, sources.message_ids, "What others remember stays")
