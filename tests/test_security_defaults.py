"""Nobody slips anything into a journal: undo carries out what the journal says, with
more rights than whoever asked for the merge or the conversion has."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..engine.conversion import CREATE, ConversionOptions
from .merging import MergeCase


@tagged("post_install", "-at_install")
class TestSecurityDefaults(MergeCase):
    """Values that a journal could take from a context, a default or a command."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.create_customer(name="Deco Addict")
        cls.forged_line = {
            "table_name": "res_partner",
            "changes": [
                {
                    "row_id": cls.customer.id,
                    "before": {"name": "Forged"},
                    "after": {"name": "Deco Addict"},
                }
            ],
        }
        cls.message = cls.customer.message_post(body="Not to be deleted")
        cls.env.flush_all()

    def forged_context(self):
        """Return what an RPC client may send along as the context of its call."""
        return {
            "default_line_ids": [[0, 0, self.forged_line]],
            "default_state": "undone",
            "default_undo_uid": self.manager.id,
            "default_note_id": self.message.id,
            "default_notification_id": self.message.id,
            "default_created_partner_ids": [[6, 0, self.customer.ids]],
            "default_message_ids": [[6, 0, self.message.ids]],
            "default_value_ids": [[0, 0, {"field_name": "name", "value": "Forged"}]],
        }

    def assert_nothing_slipped_in(self, journal):
        self.assertEqual(journal.state, "done")
        self.assertFalse(journal.undo_uid)
        self.assertNotIn("res_partner", journal.line_ids.mapped("table_name"))

    def assert_undo_does_no_harm(self, journal):
        self.undo(journal, force=True)
        self.assertEqual(self.customer.exists().name, "Deco Addict")
        self.assertTrue(self.message.exists())

    def test_context_adds_nothing_to_a_merge(self):
        leads = self.create_leads({}, {})
        forging = leads.with_user(self.salesperson_all)
        forging.with_context(**self.forged_context()).merge_opportunity()
        merge = self.env["crm.lead.merge"].search([("survivor_id", "=", leads[0].id)])
        self.assert_nothing_slipped_in(merge)
        self.assertNotIn("Forged", merge.value_ids.mapped("value"))
        self.assertNotIn(self.message, merge.source_ids.message_ids)
        self.assert_undo_does_no_harm(merge)

    def test_context_adds_nothing_to_a_conversion(self):
        lead = self.create_lead(contact_name="Amy", email_from="amy@example.com")
        forging = lead.with_user(self.salesperson_all)
        forging = forging.with_context(**self.forged_context())
        conversion = forging.env["crm.lead.conversion"]._convert_one(
            forging, ConversionOptions(customer=CREATE)
        )
        self.env.flush_all()
        self.assert_nothing_slipped_in(conversion.sudo())
        self.assertNotIn(self.customer, conversion.sudo().created_partner_ids)
        self.assert_undo_does_no_harm(conversion.sudo())

    def test_users_own_defaults_add_nothing_to_a_merge(self):
        forging = self.env["ir.default"].with_user(self.salesperson_all)
        forging.set("crm.lead.merge", "note_id", self.message.id, user_id=True)
        forging.set("crm.lead.merge", "undo_uid", self.manager.id, user_id=True)
        forging.set(
            "crm.lead.merge", "line_ids", [[0, 0, self.forged_line]], user_id=True
        )
        merge = self.merge(self.create_leads({}, {}))
        self.assert_nothing_slipped_in(merge)
        self.assert_undo_does_no_harm(merge)

    def test_commands_of_privileged_code_add_nothing(self):
        """As where an e-mail alias has defaults, written for the superuser."""
        merge = self.merge(self.create_leads({}, {}))
        trusting = merge.with_user(self.salesperson_all).sudo()
        trusting.env.transaction.default_env = trusting.sudo(False).env
        value = {"field_name": "name", "value": "Forged", "merge_id": merge.id}
        for record, name, values in (
            (trusting, "line_ids", self.forged_line),
            (trusting, "source_ids", {"source_res_id": 1}),
            (trusting.survivor_id, "merged_value_ids", value),
        ):
            with self.assertRaises(AccessError, msg=name):
                record.write({name: [[0, 0, values]]})
