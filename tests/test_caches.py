"""P10: what processes have cached says what is there, after a merge as after undo."""

from unittest.mock import patch

from odoo.tests import tagged

from .common import requires_addon
from .merging import MergeCase


@tagged("post_install", "-at_install")
class TestCaches(MergeCase):
    def setUp(self):
        super().setUp()
        self.survivor, self.source = self.leads = self.create_leads({}, {})

    def watch(self):
        """Return what is told to the other processes from now on."""
        invalidated = self.registry.cache_invalidated
        invalidated.clear()
        return invalidated

    def test_b5_external_ids_follow(self):
        self.env["ir.model.data"].create(
            {"module": "__import__", "name": "chairs", "model": "crm.lead",
             "res_id": self.source.id}
        )  # fmt: skip
        self.assertEqual(self.env.ref("__import__.chairs"), self.source)
        invalidated = self.watch()
        merge = self.merge(self.leads)
        self.assertIn("default", invalidated, "the other processes are told")
        self.assertEqual(self.env.ref("__import__.chairs"), self.survivor)
        invalidated = self.watch()
        self.undo(merge)
        self.assertIn("default", invalidated)
        self.assertEqual(self.env.ref("__import__.chairs"), self.source)

    def test_b4_default_values_follow(self):
        meetings = self.env["calendar.event"]
        self.env["ir.default"].set("calendar.event", "opportunity_id", self.source.id)
        self.assertEqual(
            meetings.default_get(["opportunity_id"])["opportunity_id"], self.source.id
        )
        merge = self.merge(self.leads)
        self.assertEqual(
            meetings.default_get(["opportunity_id"])["opportunity_id"],
            self.survivor.id,
        )
        self.undo(merge)
        self.assertEqual(
            meetings.default_get(["opportunity_id"])["opportunity_id"], self.source.id
        )

    @requires_addon("sale_crm")
    def test_a_new_quotation_takes_the_default_that_is_there(self):
        self.env["ir.default"].set("sale.order", "opportunity_id", self.source.id)
        customer = self.create_customer()
        Order = self.env["sale.order"]
        first = Order.create({"partner_id": customer.id})
        self.assertEqual(first.opportunity_id, self.source)
        self.merge(self.leads)
        order = Order.create({"partner_id": customer.id})
        self.assertEqual(order.opportunity_id, self.survivor)

    def test_caches_stay_where_nothing_moved_that_is_cached(self):
        self.leads[1].message_post(body="Hello")
        drop = self.registry.clear_cache
        with patch.object(type(self.registry), "clear_cache") as cleared:
            cleared.side_effect = lambda *names: drop(*names)
            journal = self.env["crm.lead.journal"]
            journal._drop_caches(["crm_lead", "mail_message", "mail_followers"])
            cleared.assert_not_called()
            journal._drop_caches(["ir_model_data"])
            cleared.assert_called_once_with("default")
