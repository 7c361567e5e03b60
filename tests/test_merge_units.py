from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import html2plaintext

from ..engine.plan import MergeOptions
from .custom_fields import add_custom_fields, extend_lead
from .merging import MergeCase


class UnitCase(MergeCase):
    """Leads with two currencies at hand, one unit of the first being two of the
    other."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.currency = cls.company.currency_id
        cls.other_currency = cls.env["res.currency"].create(
            {"name": "XTC", "symbol": "¤", "rounding": 0.01}
        )
        cls.env["res.currency.rate"].create(
            [
                {"currency_id": currency.id, "rate": rate, "name": "2020-01-01",
                 "company_id": company.id}
                for company in cls.company + cls.other_company
                for currency, rate in ((cls.currency, 1), (cls.other_currency, 2))
            ]
        )  # fmt: skip
        cls.env["res.currency.rate"].search(
            [("currency_id", "=", cls.currency.id), ("name", ">", "2020-01-01")]
        ).unlink()
        cls.other_company.currency_id = cls.other_currency
        cls.salesperson_all.company_ids += cls.other_company

    def rows(self, leads, **options):
        """Return {field: row} of the merge dialog."""
        leads = leads.with_user(self.salesperson_all)
        plan = leads.env["crm.lead.merge"]._plan(leads, MergeOptions(**options))
        preview = leads.env["crm.lead.merge.preview"]
        return {row["field"]: row for row in preview._describe(plan)["rows"]}

    def assert_in_note(self, text, merge):
        note = html2plaintext(merge.note_id.body)
        self.assertIn(" ".join(text.split()), " ".join(note.split()))

    def value_of(self, merge, field_name):
        """Return the values that were set aside of a field."""
        return merge.value_ids.filtered(lambda row: row.field_name == field_name)


@tagged("post_install", "-at_install")
class TestMergeAmountsOfCompanies(UnitCase):
    """P10: an amount is never read in another currency than it was said in."""

    def create_amounts(self, *amounts, **common):
        """Create one lead without company, and one of the other company."""
        own, foreign = amounts
        return self.create_leads(
            {"company_id": False, **own},
            {"company_id": self.other_company.id, **foreign},
            team_id=False,
            **common,
        )

    def test_p10_the_amount_is_in_the_currency_of_the_result(self):
        leads = self.create_amounts({}, {"expected_revenue": 1000})
        self.assert_undone_exactly(leads)
        self.merge(leads)
        self.assertEqual(leads[0].company_id, self.other_company)
        self.assertEqual(leads[0].expected_revenue, 1000)

    def test_p10_the_survivors_own_amount_is_converted(self):
        leads = self.create_amounts({"expected_revenue": 500}, {})
        row = self.rows(leads)["expected_revenue"]
        self.assertIn(self.currency.symbol, row["cells"][0])
        self.assertIn("500", row["cells"][0])
        self.assertIn("1,000.00", row["kept"])
        self.assertIn("¤", row["kept"])
        self.assertRegex(row["note"], "Converted into XTC")
        self.assertTrue(row["differs"])
        self.assert_undone_exactly(leads)
        merge = self.merge(leads)
        self.assertEqual(leads[0].expected_revenue, 1000)
        self.undo(merge)
        self.assertEqual(leads[0].expected_revenue, 500)

    def test_p10_highest_and_sum_compare_in_one_currency(self):
        for revenue, expected in (("survivor", 800), ("highest", 1000), ("sum", 1800)):
            leads = self.create_amounts(
                {"expected_revenue": 400}, {"expected_revenue": 1000}
            )
            merge = self.merge(leads, revenue=revenue)
            self.assertEqual(leads[0].expected_revenue, expected, revenue)
            self.undo(merge)
            self.assertEqual(leads[0].expected_revenue, 400)

    def test_p10_what_is_set_aside_keeps_its_sign(self):
        leads = self.create_amounts(
            {"expected_revenue": 400, "recurring_revenue": 3},
            {"expected_revenue": 1000, "recurring_revenue": 10},
        )
        chosen = {"expected_revenue": leads[1].id, "recurring_revenue": leads[1].id}
        merge = self.merge(leads, choices=tuple(chosen.items()))
        self.assertEqual(leads[0].recurring_revenue, 10)
        row = self.value_of(merge, "expected_revenue")
        self.assertEqual((row.value, row.currency_id), (400, self.currency))
        self.assertIn(self.currency.symbol, row.display_value)
        self.assert_in_note(row.display_value, merge)
        recurring = self.value_of(merge, "recurring_revenue")
        self.assertIn(self.currency.symbol, recurring.display_value)
        row.with_user(self.salesperson_all).action_take()
        self.assertEqual(leads[0].expected_revenue, 800)
        self.assertEqual((row.value, row.currency_id), (1000, self.other_currency))
        row.with_user(self.salesperson_all).action_take()
        self.assertEqual(leads[0].expected_revenue, 1000)

    def test_p10_equal_amounts_of_two_currencies_are_one_value(self):
        leads = self.create_amounts(
            {"expected_revenue": 500}, {"expected_revenue": 1000}
        )
        merge = self.merge(leads)
        self.assertFalse(self.value_of(merge, "expected_revenue"))

    def test_b2_an_amount_edited_since_keeps_its_company(self):
        leads = self.create_amounts({}, {"expected_revenue": 1000})
        merge = self.merge(leads)
        leads[0].expected_revenue = 2000
        self.undo(merge, force=True)
        self.assertEqual(leads[0].expected_revenue, 2000)
        self.assertEqual(leads[0].company_currency, self.other_currency)
        self.assertEqual(leads[1].expected_revenue, 1000)

    def test_p10_amounts_of_one_currency_are_not_converted(self):
        leads = self.create_leads({"expected_revenue": 500}, {"expected_revenue": 7})
        self.assertFalse(self.rows(leads)["expected_revenue"]["note"])
        self.merge(leads)
        self.assertEqual(leads[0].expected_revenue, 500)

    def test_p10_amounts_among_the_properties(self):
        team = self.lead_channel
        team.lead_properties_definition = [
            {"name": "budget", "type": "monetary", "string": "Budget",
             "currency_field": "company_currency"}
        ]  # fmt: skip
        leads = self.create_leads(
            {"company_id": False}, {"company_id": self.other_company.id}
        )
        leads[0].lead_properties = {"budget": 5}
        leads[1].lead_properties = {"budget": 30}
        self.assert_undone_exactly(leads)
        self.assertIn("¤", self.rows(leads)["lead_properties.budget"]["kept"])
        merge = self.merge(leads)
        self.assertEqual(leads[0].lead_properties._values, {"budget": 10})
        row = self.value_of(merge, "lead_properties.budget")
        self.assertIn("¤", row.display_value)


@tagged("post_install", "-at_install")
class TestMergeAmountsWithCurrency(UnitCase):
    """P10: an amount with a currency of its own is kept, and set aside, with it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        add_custom_fields(
            cls.env,
            x_currency_id={"ttype": "many2one", "relation": "res.currency"},
        )
        money = {"ttype": "monetary", "currency_field": "x_currency_id"}
        add_custom_fields(cls.env, x_amount=money, x_fee=money)

    def amount(self, amount, currency=None, **values):
        currency = currency or self.currency
        return {"x_amount": amount, "x_currency_id": currency.id, **values}

    def test_p10_an_amount_fills_a_blank_with_its_currency(self):
        leads = self.create_leads(
            self.amount(0), self.amount(1000, self.other_currency)
        )
        self.assert_undone_exactly(leads)
        row = self.rows(leads)["x_amount"]
        self.assertEqual(row["cells"][0], "")
        self.assertIn("¤", row["cells"][1])
        self.assertIn("¤", row["kept"])
        self.merge(leads)
        self.assertEqual(leads[0].x_amount, 1000)
        self.assertEqual(leads[0].x_currency_id, self.other_currency)

    def test_p10_an_amount_is_set_aside_with_its_currency(self):
        leads = self.create_leads(
            self.amount(1000), self.amount(1000, self.other_currency, x_fee=5)
        )
        self.assert_undone_exactly(leads)
        self.assertNotIn("x_currency_id", self.rows(leads))
        merge = self.merge(leads)
        self.assertEqual(leads[0].x_amount, 1000)
        self.assertEqual(leads[0].x_currency_id, self.currency)
        self.assertFalse(leads[0].x_fee, "it is another currency")
        row = merge.value_ids.filtered(lambda row: row.field_name.startswith("x_"))
        self.assertEqual(row.value, self.amount(1000, self.other_currency, x_fee=5))
        self.assertEqual(row.label, "x_amount, x_fee")
        self.assertEqual(row.display_value.count("¤"), 2)
        self.assert_in_note(row.display_value, merge)
        row.with_user(self.salesperson_all).action_take()
        self.assertEqual(
            (leads[0].x_amount, leads[0].x_fee, leads[0].x_currency_id),
            (1000, 5, self.other_currency),
        )
        self.assertEqual(row.value, self.amount(1000))
        self.assertIn(self.currency.symbol, row.display_value)
        row.with_user(self.salesperson_all).action_take()
        self.assertEqual((leads[0].x_fee, leads[0].x_currency_id), (0, self.currency))
        self.undo(merge)
        self.assertEqual(leads[1].x_currency_id, self.other_currency)

    def test_p10_another_amount_of_the_same_currency_fills_a_blank(self):
        leads = self.create_leads(self.amount(1000), self.amount(0, x_fee=5))
        merge = self.merge(leads)
        self.assertEqual((leads[0].x_amount, leads[0].x_fee), (1000, 5))
        self.assertFalse(self.value_of(merge, "x_amount"))

    def test_p10_a_choice_takes_both(self):
        for name in ("x_amount", "x_currency_id"):
            leads = self.create_leads(
                self.amount(1000), self.amount(70, self.other_currency)
            )
            self.merge(leads, choices=((name, leads[1].id),))
            self.assertEqual(leads[0].x_amount, 70)
            self.assertEqual(leads[0].x_currency_id, self.other_currency)

    def test_p10_a_currency_alone_is_kept(self):
        leads = self.create_leads({}, {"x_currency_id": self.other_currency.id})
        self.assertIn("x_currency_id", self.rows(leads))
        self.merge(leads)
        self.assertEqual(leads[0].x_currency_id, self.other_currency)

    def test_p10_a_currency_deleted_since_is_refused(self):
        currency = self.env["res.currency"].create({"name": "GON", "symbol": "G"})
        leads = self.create_leads(self.amount(1), self.amount(2, currency))
        row = self.value_of(self.merge(leads), "x_amount")
        currency.unlink()
        self.assert_refused(
            UserError, "deleted since", row.with_user(self.salesperson_all).action_take
        )

    def test_b2_an_amount_edited_since_keeps_its_currency(self):
        leads = self.create_leads({}, self.amount(1000, self.other_currency))
        merge = self.merge(leads)
        leads[0].x_amount = 2000
        self.assertEqual(self.undo(merge)["res_model"], "crm.lead.undo")
        self.undo(merge, force=True)
        self.assertEqual(leads[0].x_amount, 2000)
        self.assertEqual(leads[0].x_currency_id, self.other_currency)
        self.assertEqual(leads[1].x_amount, 1000)

    def test_b2_what_stays_with_an_edited_amount_is_asked_about(self):
        leads = self.create_leads(
            self.amount(0), self.amount(1000, self.other_currency)
        )
        merge = self.merge(leads)
        leads[0].x_fee = 5
        action = self.undo(merge)
        lines = self.env["crm.lead.undo"].browse(action["res_id"]).line_ids
        self.assertEqual(set(lines.mapped("label")), {"x_amount", "x_currency_id"})
        self.undo(merge, force=True)
        self.assertEqual((leads[0].x_fee, leads[0].x_amount), (5, 1000))
        self.assertEqual(leads[0].x_currency_id, self.other_currency)


@tagged("post_install", "-at_install")
class TestMergeReferencePairs(UnitCase):
    """P10: an id is never read as the one of another model."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        extend_lead(
            cls,
            x_model=fields.Char("Model"),
            x_record_id=fields.Many2oneReference("Record", model_field="x_model"),
        )
        cls.customer = cls.create_customer(name="Deco")
        cls.tag = cls.env["crm.tag"].create({"name": "Hot"})

    def to(self, record):
        return {"x_model": record._name, "x_record_id": record.id}

    def test_p10_an_id_fills_a_blank_with_its_model(self):
        leads = self.create_leads({"x_model": "crm.tag"}, self.to(self.customer))
        self.assert_undone_exactly(leads)
        self.merge(leads)
        self.assertEqual(leads[0].x_model, "res.partner")
        self.assertEqual(leads[0].x_record_id, self.customer.id)

    def test_p10_an_id_is_set_aside_with_its_model(self):
        leads = self.create_leads(self.to(self.tag), self.to(self.customer))
        self.assert_undone_exactly(leads)
        rows = self.rows(leads)
        self.assertEqual(rows["x_record_id"]["cells"], ["Hot", "Deco"])
        self.assertNotIn("x_model", rows)
        merge = self.merge(leads)
        self.assertEqual(leads[0].x_record_id, self.tag.id)
        row = self.value_of(merge, "x_record_id")
        self.assertEqual(row.value, self.to(self.customer))
        self.assertEqual(row.display_value, "Deco")
        row.with_user(self.salesperson_all).action_take()
        self.assertEqual(leads[0].x_model, "res.partner")
        self.assertEqual(leads[0].x_record_id, self.customer.id)
        self.assertEqual((row.value, row.display_value), (self.to(self.tag), "Hot"))

    def test_p10_a_pair_among_the_merged_is_set_aside(self):
        leads = self.create_leads({}, {"name": "Chairs"}, {"name": "Not merged"})
        leads[0].write(self.to(leads[1]))
        leads[1].write(self.to(leads[2]))
        leads[2].write(self.to(leads[1]))
        self.assert_undone_exactly(leads[:2])
        merge = self.merge(leads[:2])
        self.assertEqual(leads[0].x_record_id, leads[2].id)
        self.assertEqual(leads[2].x_record_id, leads[0].id)
        row = self.value_of(merge, "x_record_id")
        self.assertEqual(row.value, {"x_model": "crm.lead", "x_record_id": leads[1].id})
        self.assertEqual(row.display_value, "Chairs")
        self.assert_refused(
            UserError,
            "point to itself",
            row.with_user(self.salesperson_all).action_take,
        )

    def test_p10_a_pair_whose_record_is_gone_is_refused(self):
        leads = self.create_leads(self.to(self.tag), self.to(self.customer))
        row = self.value_of(self.merge(leads), "x_record_id")
        self.customer.unlink()
        self.assert_refused(
            UserError, "deleted since", row.with_user(self.salesperson_all).action_take
        )

    def test_b2_an_id_edited_since_keeps_its_model(self):
        leads = self.create_leads({}, self.to(self.customer))
        merge = self.merge(leads)
        leads[0].x_record_id = self.company.partner_id.id
        self.undo(merge, force=True)
        self.assertEqual(leads[0].x_model, "res.partner")
        self.assertEqual(leads[0].x_record_id, self.company.partner_id.id)
