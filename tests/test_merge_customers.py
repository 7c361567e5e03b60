"""Customers that a merge leaves behind are offered to Odoo's own contact merge."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .merging import MergeCase


@tagged("post_install", "-at_install")
class TestMergeCustomers(MergeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesperson_all.group_ids += cls.env.ref("base.group_partner_manager")
        cls.one = cls.create_customer(name="Ann Lee", email="ann@acme.com")
        cls.other = cls.create_customer(name="Ann Lee", email="ann@acme.com")

    def merge_with(self, *customers, **options):
        values = [{"partner_id": customer.id} for customer in customers]
        merge = self.merge(self.create_leads(*values), **options)
        return merge.with_user(options.get("user") or self.salesperson_all)

    def test_two_customers_are_merged_by_odoo(self):
        merge = self.merge_with(self.one, self.other)
        self.assertEqual(merge.customer_ids, self.one + self.other)
        told = merge._get_done_action({})
        self.assertEqual(told["params"]["then"]["method"], "action_merge_customers")
        action = merge.action_merge_customers()
        dialog = (
            self.env[action["res_model"]]
            .with_user(self.salesperson_all)
            .with_context(**action["context"])
            .create({})
        )
        self.assertEqual(dialog.partner_ids, self.one + self.other)
        dialog.action_merge()
        self.assertEqual(len((self.one + self.other).exists()), 1)
        self.assertTrue(merge.survivor_id.partner_id.exists())

    def test_a_contact_and_its_company_are_two(self):
        self.other.parent_id = self.create_customer(name="Acme", is_company=True)
        merge = self.merge_with(self.other, self.other.parent_id)
        self.assertFalse(merge.can_merge_customers)
        self.assertNotIn("then", merge._get_done_action({})["params"])

    def test_not_for_one_customer_nor_without_rights(self):
        self.assertFalse(self.merge_with(self.one, self.one).can_merge_customers)
        self.salesperson.group_ids -= self.env.ref("base.group_partner_manager")
        merge = self.merge_with(self.one, self.other, user=self.salesperson)
        with self.assertRaisesRegex(UserError, "that you may merge"):
            merge.action_merge_customers()
