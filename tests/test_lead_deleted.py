"""Deleting a lead for good removes the snapshots that hold it."""

import base64

from odoo.tests import tagged

from ..engine.conversion import ConversionOptions
from ..engine.plan import MergeOptions
from .common import LeadQualificationCase


@tagged("post_install", "-at_install")
class TestLeadDeleted(LeadQualificationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.survivor, cls.second, cls.first = (
            cls.create_lead(name=name, phone=phone, user_id=cls.manager.id)
            for name, phone in (
                ("Survivor", "0201 1"),
                ("Secret of the second", "0201 2"),
                ("Secret of the first", "0201 3"),
            )
        )

    def merge(self, survivor, source):
        leads = (survivor + source).with_user(self.manager)
        Merge = self.env["crm.lead.merge"].with_user(self.manager)
        return Merge._merge(leads, MergeOptions(survivor_id=survivor.id)).sudo()

    def delete(self, lead):
        lead.with_user(self.manager).unlink()

    def assertForgotten(self, *texts):
        """None of the journal's tables says any of this any more."""
        self.env.flush_all()
        for table in (
            "crm_lead_journal_line",
            "crm_lead_conversion",
            "crm_lead_merge",
            "crm_lead_merge_source",
            "crm_lead_merge_value",
        ):
            for text in texts:
                self.env.cr.execute(
                    f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s",
                    (f"%{text}%",),
                )
                self.assertEqual(self.env.cr.fetchone()[0], 0, f"{text} in {table}")

    def test_b1_deleting_the_survivor_forgets_the_merge(self):
        merge = self.merge(self.survivor, self.first)
        self.assertTrue(merge.line_ids)
        self.delete(self.survivor)
        self.assertFalse(merge.exists())
        self.assertForgotten("Survivor", "Secret of the first", "0201 3")

    def test_b1_deleting_the_survivor_of_a_chain_forgets_all_merges(self):
        self.merge(self.second, self.first)
        self.merge(self.survivor, self.second)
        self.delete(self.survivor)
        self.assertForgotten("Secret of the first", "Secret of the second", "0201")
        Merge = self.env["crm.lead.merge"].with_user(self.manager)
        self.assertEqual(
            Merge._resolve([self.first.id, self.second.id]),
            {self.first.id: False, self.second.id: False},
        )

    def test_b1_deleting_what_was_brought_back_forgets_it(self):
        merge = self.merge(self.survivor, self.first)
        merge.with_user(self.manager).action_undo(force=True)
        self.delete(self.first)
        self.assertTrue(self.survivor.exists())
        self.assertForgotten("Secret of the first", "0201 3")

    def test_b1_deleting_the_middle_of_an_undone_chain_forgets_what_it_held(self):
        self.merge(self.second, self.first)
        later = self.merge(self.survivor, self.second)
        later.with_user(self.manager).action_undo(force=True)
        self.delete(self.second)
        self.assertForgotten("Secret of the first", "Secret of the second")
        self.assertTrue(self.survivor.exists())

    def test_b1_merging_again_forgets_nothing(self):
        earlier = self.merge(self.second, self.first)
        later = self.merge(self.survivor, self.second)
        self.assertTrue(earlier.line_ids)
        for merge in (later, earlier):
            merge.with_user(self.manager).action_undo(force=True)
        self.assertEqual(self.first.exists().name, "Secret of the first")

    def test_b3_deleting_a_converted_lead_forgets_its_conversion(self):
        conversion = self.env["crm.lead.conversion"].with_user(self.manager)
        conversion = conversion._convert_one(
            self.first.with_user(self.manager), ConversionOptions()
        )
        self.merge(self.survivor, self.first)
        self.delete(self.survivor)
        self.assertFalse(conversion.exists())
        self.assertForgotten("Secret of the first", "0201 3")

    def test_b1_what_was_deleted_behind_the_back_of_the_orm_is_forgotten_soon(self):
        conversion = self.env["crm.lead.conversion"].with_user(self.manager)
        leads = (self.first + self.second + self.survivor).with_user(self.manager)
        conversion = conversion._convert_one(leads[0], ConversionOptions())
        merge = self.merge(self.survivor, self.second)
        kept = self.merge(self.create_lead(name="A"), self.create_lead(name="B"))
        journals = conversion.sudo().journal_id | merge.journal_id
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM crm_lead WHERE id IN %s", (tuple(leads.ids),))
        self.env.invalidate_all()
        self.assertTrue(journals.exists())
        self.env["crm.lead.journal"]._gc_without_subject()
        self.assertFalse(journals.exists())
        self.assertForgotten("Secret of the first", "0201 3")
        self.assertTrue(kept.can_undo)

    def test_b1_files_set_aside_are_deleted_too(self):
        merge = self.merge(self.survivor, self.first)
        value = merge.value_ids[0]
        value.file = base64.b64encode(b"a contract")
        domain = [
            ("res_model", "=", "crm.lead.merge.value"),
            ("res_field", "=", "file"),
            ("res_id", "=", value.id),
        ]
        self.assertEqual(self.env["ir.attachment"].search_count(domain), 1)
        self.delete(self.survivor)
        self.assertEqual(self.env["ir.attachment"].search_count(domain), 0)
