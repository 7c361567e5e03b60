from odoo.exceptions import AccessError
from odoo.tests import tagged

from .merging import MergeCase


@tagged("post_install", "-at_install")
class TestMergeRights(MergeCase):
    """Who may change the leads may merge them, and nobody else; nothing leaks."""

    def test_salesperson_merges_own_and_unassigned_leads(self):
        leads = self.create_leads({"user_id": self.salesperson.id}, {"city": "Lyon"})
        merge = self.merge(leads, self.salesperson)
        self.assertEqual(leads[0].city, "Lyon")
        self.undo(merge, self.salesperson)
        self.assertEqual(leads.exists(), leads)

    def test_salesperson_does_not_merge_those_of_others(self):
        leads = self.create_leads({}, {"user_id": self.manager.id})
        self.assert_refused(
            AccessError, ".", lambda: self.merge(leads, self.salesperson)
        )

    def test_manager_merges_all(self):
        leads = self.create_leads(
            {"user_id": self.salesperson.id}, {"user_id": self.salesperson_all.id}
        )
        self.assertEqual(self.merge(leads, self.manager).survivor_id, leads[0])

    def test_nobody_without_sales_rights(self):
        leads = self.create_leads({}, {})
        for user in (self.portal_user, self.public_user):
            self.assert_refused(
                AccessError, ".", lambda user=user: self.merge(leads, user)
            )

    def test_merge_is_written_by_who_merged(self):
        leads = self.create_leads({}, {"city": "Lyon"})
        merge = self.merge(leads)
        self.assertEqual(leads[0].write_uid, self.salesperson_all)
        self.assertEqual(merge.create_uid, self.salesperson_all)
        self.assertEqual(merge.note_id.author_id, self.salesperson_all.partner_id)

    def test_who_may_not_read_the_result_reads_nothing_of_the_merge(self):
        leads = self.create_leads(
            {"city": "Ghent"}, {"city": "Lyon"}, user_id=self.manager.id
        )
        merge = self.merge(leads, self.manager)
        for records in (merge, merge.source_ids, merge.value_ids):
            self.assertTrue(records)
            self.assertFalse(
                records.with_user(self.salesperson).search([("id", "in", records.ids)])
            )
            with self.assertRaises(AccessError):
                records.with_user(self.salesperson).read(["display_name"])

    def test_who_may_not_read_the_company_reads_nothing_of_the_merge(self):
        leads = self.create_leads({"city": "Ghent"}, {"city": "Lyon"})
        leads.company_id = self.company
        merge = self.merge(leads)
        for records in (merge, merge.source_ids, merge.value_ids):
            own = records.with_user(self.other_salesperson)
            self.assertFalse(own.search([("id", "in", records.ids)]))

    def test_snapshots_are_for_administrators_only(self):
        lines = self.merge(self.create_leads({}, {})).line_ids
        with self.assertRaises(AccessError):
            lines.with_user(self.manager).read(["changes"])

    def test_lead_linked_to_what_the_user_may_not_read(self):
        """As with the live chat that a lead comes from."""
        if "origin_channel_id" not in self.env["crm.lead"]._fields:
            self.skipTest("crm_livechat is not installed")
        channel = self.env["discuss.channel"].create(
            {"name": "Visitor", "channel_type": "group"}
        )
        leads = self.create_leads({}, {"origin_channel_id": channel.id})
        self.assert_undone_exactly(leads)
        self.merge(leads)
        self.assertEqual(leads[0].origin_channel_id, channel)
