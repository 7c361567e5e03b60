from odoo import fields
from odoo.tests import tagged

from ..engine.plan import MergeOptions
from .custom_fields import extend_lead
from .merging import MergeCase

VALUES = (["a", {"b": 1}], {"kind": "chair", "size": [1, 2]}, 7, "Text", True, 1.5)


@tagged("post_install", "-at_install")
class TestMergeJson(MergeCase):
    """P10, B1: a field may hold any JSON."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        extend_lead(cls, x_json=fields.Json("Configuration"))

    def test_p10_any_json_is_kept_or_set_aside(self):
        for place, value in enumerate(VALUES):
            for other in (
                *VALUES[place : place + 2],
                [[], {}, None, False, 0, ""][place],
            ):
                leads = self.create_leads({"x_json": value}, {"x_json": other})
                merge = self.merge(leads)
                self.assertEqual(leads[0].x_json, value)
                aside = self.set_aside(merge).get("x_json", [])
                self.assertEqual(aside, [other] if other and other != value else [])

    def test_p10_any_json_fills_a_blank(self):
        for value in VALUES[:3]:
            for blank in ([], {}, None):
                leads = self.create_leads({"x_json": blank}, {"x_json": value})
                self.merge(leads)
                self.assertEqual(leads[0].x_json, value)

    def test_b1_any_json_comes_back(self):
        for value in VALUES[1:4]:
            leads = self.create_leads({"x_json": VALUES[0]}, {"x_json": value}, {})
            self.assert_undone_exactly(leads)
            self.assert_undone_exactly(leads[2] + leads[1], survivor_id=leads[2].id)

    def test_p10_the_dialog_shows_json(self):
        leads = self.create_leads({"x_json": VALUES[0]}, {"x_json": VALUES[1]})
        leads = leads.with_user(self.salesperson_all)
        plan = leads.env["crm.lead.merge"]._plan(leads, MergeOptions())
        described = leads.env["crm.lead.merge.preview"]._describe(plan)
        [row] = [row for row in described["rows"] if row["field"] == "x_json"]
        self.assertEqual(row["cells"], ['a, {"b": 1}', "kind: chair, size: [1, 2]"])
        merge = self.merge(leads)
        [row] = merge.value_ids.filtered(lambda row: row.field_name == "x_json")
        self.assertEqual(row.display_value, "kind: chair, size: [1, 2]")
        row.with_user(self.salesperson_all).action_take()
        self.assertEqual((leads[0].x_json, row.value), (VALUES[1], VALUES[0]))

    def test_b2_json_edited_since_is_asked_about(self):
        leads = self.create_leads({}, {"x_json": {"kind": "chair"}})
        merge = self.merge(leads)
        leads[0].x_json = {"kind": "table"}
        action = self.undo(merge)
        line = self.env["crm.lead.undo"].browse(action["res_id"]).line_ids
        self.assertEqual((line.value_now, line.value_before), ("kind: table", ""))
        self.undo(merge, force=True)
        self.assertEqual(leads[0].x_json, {"kind": "table"})


@tagged("post_install", "-at_install")
class TestMergeWithoutNameOrDate(MergeCase):
    """P10: leads that nobody named, or of which nobody knows when they came in."""

    def test_a_lead_without_a_name_is_merged_and_undone(self):
        for names in (("", "Chairs"), ("Chairs", ""), ("", ""), ("  ", "")):
            leads = self.create_leads(*({"name": name} for name in names))
            self.assert_undone_exactly(leads)
            merge = self.merge(leads)
            self.assertEqual(
                leads[0].name or "", next(filter(str.strip, names), names[0])
            )
            self.assertTrue(merge.name.strip())
            self.assertTrue(merge.source_ids.name.strip())
            self.assertIn(merge.source_ids.name, merge.note_id.body)

    def test_a_lead_without_a_name_in_the_database_is_merged(self):
        self.env.cr.execute("ALTER TABLE crm_lead ALTER name DROP NOT NULL")
        for place in (0, 1):
            leads = self.create_leads({"name": "A"}, {"name": "B"})
            self.env.cr.execute(
                "UPDATE crm_lead SET name = NULL WHERE id = %s", [leads[place].id]
            )
            leads.invalidate_recordset()
            self.assert_undone_exactly(leads)
            self.merge(leads)
            self.assertEqual(leads[0].name, "BA"[place])

    def test_a_lead_without_a_name_is_shown_as_what_it_is(self):
        leads = self.create_leads({"name": ""}, {"name": "", "type": "lead"})
        described = self.describe(leads)
        names = [lead["name"] for lead in described["leads"]]
        self.assertEqual(names, [f"Opportunity {leads[0].id}", f"Lead {leads[1].id}"])

    def describe(self, leads):
        leads = leads.with_user(self.salesperson_all)
        plan = leads.env["crm.lead.merge"]._plan(leads, MergeOptions())
        return leads.env["crm.lead.merge.preview"]._describe(plan)

    def test_a_lead_without_a_name_is_converted_and_undone(self):
        for partner in ("exist", "create", "nothing"):
            lead = self.create_lead(name="", contact_name="Ann", user_id=False)
            lead = lead.with_user(self.salesperson_all)
            Conversion = self.env["crm.lead.conversion"]
            known = Conversion.search([])
            lead.convert_opportunity(self.env["res.partner"])
            self.assertEqual(lead.type, "opportunity")
            conversion = Conversion.search([]) - known
            self.assertTrue(conversion.display_name.strip())
            conversion.with_user(self.salesperson_all).action_undo(force=True)
            self.assertEqual(lead.type, "lead", partner)

    def test_a_date_that_nobody_knows_is_later_than_any(self):
        leads = self.create_leads({"city": "A"}, {"city": "B"}, {"city": "C"})
        self.set_create_date(leads[0], None)
        self.assert_undone_exactly(leads)
        self.describe(leads)
        merge = self.merge(leads)
        self.assertEqual(merge.survivor_id, leads[1])
        self.assertEqual(self.set_aside(merge)["city"], ["C", "A"])
        self.assertFalse(merge.source_ids[-1].lead_create_date)

    def test_no_date_is_known(self):
        leads = self.create_leads({"type": "lead"}, {"type": "lead"})
        for lead in leads:
            self.set_create_date(lead, None)
        self.assert_undone_exactly(leads)
        self.assertEqual(self.merge(leads).survivor_id, leads[0])
