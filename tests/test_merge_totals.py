from odoo.tests import tagged

from .lines import LineCase


@tagged("post_install", "-at_install")
class TestMergeTotals(LineCase):
    """P10, B1: a total that people may type over is computed from all lines of the
    result, unless somebody typed it; and again once they went back."""

    def create_leads_with_lines(self, *values):
        leads = self.create_leads({}, {})
        for place, lead in enumerate(leads):
            self.add_line(lead, 10 * (place + 1))
            self.add_line(lead, 1)
        self.assertEqual(leads.mapped("x_budget"), [11, 21])
        for lead, typed in zip(leads, values, strict=True):
            if typed is not None:
                lead.x_budget = typed
        self.env.flush_all()
        return leads

    def test_p10_computed_totals_are_computed_anew(self):
        leads = self.create_leads_with_lines(None, None)
        merge = self.merge(leads)
        self.assertEqual(leads[0].x_budget, 32)
        self.assertNotIn("x_budget", self.set_aside(merge), "nobody said it")
        self.undo(merge)
        self.assertEqual(leads.mapped("x_budget"), [11, 21])

    def test_p10_typed_total_of_the_survivor_stays(self):
        leads = self.create_leads_with_lines(100, None)
        merge = self.merge(leads)
        self.assertEqual(leads[0].x_budget, 100)
        self.assertNotIn("x_budget", self.set_aside(merge))
        self.undo(merge)
        self.assertEqual(leads.mapped("x_budget"), [100, 21])

    def test_p10_typed_total_of_another_one_fills(self):
        leads = self.create_leads_with_lines(None, 200)
        merge = self.merge(leads)
        self.assertEqual(leads[0].x_budget, 200)
        self.undo(merge)
        self.assertEqual(leads.mapped("x_budget"), [11, 200])

    def test_p10_two_typed_totals(self):
        leads = self.create_leads_with_lines(100, 200)
        merge = self.merge(leads)
        self.assertEqual(leads[0].x_budget, 100)
        self.assertEqual(self.set_aside(merge)["x_budget"], [200])
        self.undo(merge)
        self.assertEqual(leads.mapped("x_budget"), [100, 200])

    def test_b2_line_added_since_counts_where_it_is(self):
        leads = self.create_leads_with_lines(None, None)
        merge = self.merge(leads)
        self.add_line(leads[0], 5)
        self.assertEqual(leads[0].x_budget, 37)
        self.undo(merge)
        self.assertEqual(merge.state, "undone", "a computed total is no question")
        self.assertEqual(leads.mapped("x_budget"), [16, 21])

    def test_b2_line_changed_since_counts_where_it_went(self):
        leads = self.create_leads_with_lines(None, None)
        moved = leads[1].x_line_ids[0]
        merge = self.merge(leads)
        moved.x_amount = 50
        self.env.flush_all()
        self.undo(merge)
        self.assertEqual(leads.mapped("x_budget"), [11, 51])

    def test_b2_total_typed_since_is_asked_about_and_stays(self):
        leads = self.create_leads_with_lines(None, None)
        merge = self.merge(leads)
        leads[0].x_budget = 500
        action = self.undo(merge)
        lines = self.env["crm.lead.undo"].browse(action["res_id"]).line_ids
        self.assertEqual(lines.mapped("label"), ["x_budget"])
        self.undo(merge, force=True)
        self.assertEqual(leads.mapped("x_budget"), [500, 21])

    def test_b2_typed_total_is_not_computed_by_undo(self):
        leads = self.create_leads_with_lines(None, 200)
        moved = leads[1].x_line_ids[0]
        merge = self.merge(leads)
        moved.write({"x_city": False})
        self.undo(merge, force=True)
        self.assertEqual(leads.mapped("x_budget"), [11, 200])

    def test_b1_every_row_is_as_it_was(self):
        self.assert_undone_exactly(self.create_leads_with_lines(None, 200))
