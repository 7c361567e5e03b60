"""Odoo's look-up of a person's data reaches what merges remember."""

from odoo.tests import tagged

from ..engine.conversion import ConversionOptions
from ..engine.plan import MergeOptions
from ..exceptions import UndoRefused
from .common import LeadQualificationCase, requires_addon


@tagged("post_install", "-at_install")
class TestPrivacyLookup(LeadQualificationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.create_customer(
            name="Zoe Anders", email="zoe@anders.example"
        )
        cls.survivor = cls.create_lead(
            name="Office chairs",
            contact_name="Bob",
            email_from="bob@deco.example",
            user_id=cls.salesperson.id,
        )
        cls.source = cls.create_lead(
            name="Desks",
            contact_name="Zoe",
            email_from="Zoe <Zoe@Anders.example>",
            user_id=cls.salesperson.id,
        )

    def merge(self):
        leads = (self.survivor + self.source).with_user(self.salesperson)
        Merge = self.env["crm.lead.merge"].with_user(self.salesperson)
        options = MergeOptions(survivor_id=self.survivor.id)
        return Merge._merge(leads, options)

    def look_up(self, email="zoe@anders.example", name="Zoe Anders"):
        """Look a person up as an administrator does; return the wizard."""
        Wizard = self.env["privacy.lookup.wizard"].with_user(self.administrator)
        wizard = Wizard.create({"email": email, "name": name})
        wizard.action_lookup()
        return wizard

    def found(self, wizard):
        lines = wizard.line_ids.filtered(lambda line: not line.is_unlinked)
        ours = lines.filtered(lambda line: line.res_model.startswith("crm.lead."))
        return set(ours.mapped("res_model"))

    @requires_addon("privacy_lookup")
    def test_snapshots_and_values_set_aside_are_found(self):
        self.merge()
        self.assertEqual(
            self.found(self.look_up()),
            {
                "crm.lead.journal.line",
                "crm.lead.merge.source",
                "crm.lead.merge.value",
            },
        )
        self.assertFalse(self.found(self.look_up("nobody@else.example", "Nobody")))

    @requires_addon("privacy_lookup")
    def test_what_the_survivor_was_before_is_found(self):
        self.survivor.email_from = "zoe@anders.example"
        self.source.email_from = "eve@other.example"
        self.merge()
        self.survivor.email_from = "someone@new.example"
        self.assertIn("crm.lead.journal.line", self.found(self.look_up()))

    @requires_addon("privacy_lookup")
    def test_a_merged_lead_is_found_by_its_customer(self):
        self.source.write({"partner_id": self.customer.id})
        self.source.email_from = False
        self.survivor.partner_id = self.create_customer(name="Bob")
        self.merge()
        found = self.found(self.look_up("none@at-all.example", "Zoe Anders"))
        self.assertIn("crm.lead.merge.source", found)
        self.assertIn("crm.lead.merge.value", found)

    @requires_addon("privacy_lookup")
    def test_what_is_found_can_be_removed(self):
        merge = self.merge()
        wizard = self.look_up()
        ours = wizard.line_ids.filtered(
            lambda line: line.res_model.startswith("crm.lead.")
        )
        ours.action_unlink_all()
        self.assertFalse(self.found(self.look_up()))
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT count(*) FROM crm_lead_journal_line WHERE changes::text ILIKE %s",
            ("%zoe@anders%",),
        )
        self.assertEqual(self.env.cr.fetchone()[0], 0)
        with self.assertRaisesRegex(UndoRefused, "protect personal data"):
            merge.action_undo()
        self.assertTrue(self.survivor.exists())

    @requires_addon("privacy_lookup")
    def test_removing_a_merged_lead_removes_its_snapshots(self):
        merge = self.merge()
        merge.sudo().source_ids.unlink()
        self.assertFalse(merge.sudo().line_ids)
        self.assertFalse(self.found(self.look_up()))

    @requires_addon("privacy_lookup")
    def test_nothing_is_found_once_the_merge_was_undone(self):
        self.merge().action_undo(force=True)
        self.assertEqual(self.found(self.look_up()), {"crm.lead.merge.source"})

    @requires_addon("privacy_lookup")
    def test_what_a_conversion_remembers_is_found_and_removed(self):
        Conversion = self.env["crm.lead.conversion"].with_user(self.salesperson)
        conversion = Conversion._convert_one(
            self.source.with_user(self.salesperson), ConversionOptions()
        )
        wizard = self.look_up()
        ours = wizard.line_ids.filtered(
            lambda line: line.res_model == "crm.lead.journal.line"
        )
        self.assertTrue(ours)
        ours.action_unlink_all()
        self.assertFalse(conversion.sudo().line_ids)
        with self.assertRaisesRegex(UndoRefused, "protect personal data"):
            conversion.action_undo()

    @requires_addon("privacy_lookup")
    def test_a_value_that_was_taken_is_found_where_it_is_now(self):
        merge = self.merge()
        value = merge.value_ids.filtered(lambda one: one.field_name == "email_from")
        self.assertEqual(value.email, "Zoe@Anders.example")
        value.action_take()
        self.assertEqual(value.email, "bob@deco.example")
        found = self.found(self.look_up("bob@deco.example", "Bob"))
        self.assertIn("crm.lead.merge.value", found)
