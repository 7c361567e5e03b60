from odoo.tests import tagged

from .common import requires_addon
from .lines import LineCase
from .merging import MergeCase


@tagged("post_install", "-at_install")
class TestUndoComputed(MergeCase):
    """B1, B2: what is computed from what comes back says so, too."""

    def test_b2_computed_from_a_restored_and_a_later_value(self):
        leads = self.create_leads(
            {"probability": 20}, {"expected_revenue": 1000}, {"probability": 50}
        )
        merge = self.merge(leads)
        self.assertEqual(leads[0].prorated_revenue, 200)
        leads[0].probability = 60
        self.env.flush_all()
        self.undo(merge, force=True)
        self.assertEqual(leads[0].expected_revenue, 0)
        self.assertEqual(leads[0].prorated_revenue, 0)

    def test_b2_computed_value_is_no_question(self):
        """P10: nobody typed it."""
        leads = self.create_leads({"expected_revenue": 100}, {"city": "Lyon"})
        merge = self.merge(leads)
        leads[0].expected_revenue = 300  # which the merge left alone
        self.undo(merge)
        self.assertEqual(merge.state, "undone")
        self.assertAlmostEqual(
            leads[0].prorated_revenue, 3 * leads[0].probability, places=2
        )

    def test_b2_recurring_revenue_of_a_later_plan(self):
        plan, later = self.env["crm.recurring.plan"].create(
            [
                {"name": "Yearly", "number_of_months": 12},
                {"name": "Monthly", "number_of_months": 1},
            ]
        )
        leads = self.create_leads(
            {}, {"recurring_revenue": 1200, "recurring_plan": plan.id}
        )
        merge = self.merge(leads)
        self.assertEqual(leads[0].recurring_revenue_monthly, 100)
        leads[0].recurring_plan = later
        self.assertEqual(leads[0].recurring_revenue_monthly, 1200)
        self.undo(merge, force=True)
        self.assertEqual(leads[0].recurring_plan, later)
        self.assertEqual(leads[0].recurring_revenue_monthly, 0)
        self.assertEqual(leads[1].recurring_revenue_monthly, 100)

    def test_b2_sanitized_phone_and_email(self):
        leads = self.create_leads(
            {}, {"phone": "0475 12 34 56", "country_id": self.env.ref("base.be").id,
                 "email_from": "Ann <ANN@example.com>"},
        )  # fmt: skip
        merge = self.merge(leads)
        self.assertEqual(leads[0].phone_sanitized, "+32475123456")
        leads[0].country_id = self.env.ref("base.fr")
        self.env.flush_all()
        self.undo(merge, force=True)
        self.assertFalse(leads[0].phone or leads[0].phone_sanitized)
        self.assertFalse(leads[0].email_normalized)
        self.assertEqual(leads[1].phone_sanitized, "+32475123456")
        self.assertEqual(leads[1].email_normalized, "ann@example.com")

    def test_b2_date_of_a_later_stage_stays(self):
        """What nothing that comes back decides is not computed anew."""
        stage = self.env["crm.stage"].create({"name": "Later"})
        leads = self.create_leads({}, {"city": "Lyon"})
        merge = self.merge(leads)
        leads[0].stage_id = stage
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_lead SET date_last_stage_update = '2026-01-31' WHERE id = %s",
            [leads[0].id],
        )
        self.undo(merge, force=True)
        self.assertEqual(leads[0].stage_id, stage)
        self.assertEqual(str(leads[0].date_last_stage_update.date()), "2026-01-31")

    def test_b2_typed_value_stays(self):
        customer = self.create_customer(email="deco@example.com")
        leads = self.create_leads(
            {"contact_name": "Ann"}, {"partner_id": customer.id, "email_from": False}
        )
        leads[1].email_from = "typed@example.com"
        merge = self.merge(leads)
        leads[0].contact_name = "Bob"
        self.undo(merge, force=True)
        self.assertEqual(leads[1].email_from, "typed@example.com")

    def test_b1_recipients_of_no_news(self):
        """Undo tells nobody what it computes."""
        leads = self.create_leads({"probability": 20}, {"expected_revenue": 1000})
        merge = self.merge(leads)
        leads[0].probability = 60
        self.env.flush_all()
        before = leads.message_ids
        self.undo(merge, force=True)
        self.assertFalse(leads.message_ids - before - leads[1].message_ids)


@tagged("post_install", "-at_install")
class TestUndoComputedElsewhere(LineCase):
    """B1: and so does what other models compute from it, whenever it was made."""

    def test_b1_related_field_of_what_came_later(self):
        leads = self.create_leads({}, {"city": "Lyon"})
        merge = self.merge(leads)
        line = self.add_line(leads[0], 5)
        self.assertEqual(line.x_city, "Lyon")
        self.undo(merge)
        self.assertFalse(leads[0].city)
        self.assertFalse(line.x_city)

    def test_b1_total_of_what_moved_and_came_later(self):
        leads = self.create_leads({}, {})
        self.add_line(leads[0], 10)
        moved = self.add_line(leads[1], 20)
        merge = self.merge(leads)
        self.assertEqual(leads[0].x_total, 30)
        self.add_line(leads[0], 5)
        self.undo(merge)
        self.assertEqual(moved.x_lead_id, leads[1])
        self.assertEqual(leads.mapped("x_total"), [15, 20])

    def test_b2_total_of_what_moved_and_was_changed(self):
        leads = self.create_leads({}, {})
        self.add_line(leads[0], 10)
        moved = self.add_line(leads[1], 20)
        merge = self.merge(leads)
        moved.x_amount = 25
        self.env.flush_all()
        self.undo(merge)
        self.assertEqual(leads.mapped("x_total"), [10, 25])

    def test_b2_total_without_what_was_deleted(self):
        leads = self.create_leads({}, {})
        kept, moved = self.add_line(leads[1], 10), self.add_line(leads[1], 20)
        merge = self.merge(leads)
        moved.unlink()
        self.env.flush_all()
        self.undo(merge, force=True)
        self.assertEqual(kept.x_lead_id, leads[1])
        self.assertEqual(leads.mapped("x_total"), [0, 10])

    def test_b2_what_is_computed_from_a_total_follows_it(self):
        """In whatever order the two are computed."""
        for name in ("x_total", "x_budget"):
            self.add_field(
                "crm.lead", f"{name}_label", "char", readonly=True, store=True,
                depends=f"name,city,{name}",
                compute=f"for lead in self: lead['{name}_label'] = str(lead.{name})",
            )  # fmt: skip
        leads = self.create_leads({}, {"city": "Lyon"})
        moved = self.add_line(leads[1], 20)
        merge = self.merge(leads)
        moved.unlink()
        self.env.flush_all()
        self.undo(merge, force=True)
        for name in ("x_total_label", "x_budget_label"):
            self.assertEqual(leads.mapped(name), ["0.0", "0.0"])

    def test_b1_nothing_is_computed_where_nothing_came_later(self):
        leads = self.create_leads({}, {"city": "Lyon"})
        self.add_line(leads[1], 20)
        self.assert_undone_exactly(leads)

    @requires_addon("sale_crm")
    def test_b1_orders_made_later_stay(self):
        leads = self.create_leads({}, {"partner_id": self.create_customer().id})
        merge = self.merge(leads)
        order = self.env["sale.order"].create(
            {"partner_id": leads[0].partner_id.id, "opportunity_id": leads[0].id}
        )
        self.undo(merge)
        self.assertEqual(order.opportunity_id, leads[0])
