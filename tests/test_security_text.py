"""HTML and formulas in what people write come out as the text that they are."""

from odoo.tests import tagged

from odoo.addons.web.controllers.export import CSVExport

from ..engine.conversion import CREATE, ConversionOptions
from .merging import MergeCase

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"
ESCAPED = "&lt;script&gt;"
FORMULA = "=HYPERLINK('http://example.com')"


@tagged("post_install", "-at_install")
class TestSecurityText(MergeCase):
    """Notes, dialogs, exports."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("base.group_allow_export").user_ids += cls.salesperson_all
        cls.lead_channel.lead_properties_definition = [
            {"name": "script", "string": SCRIPT, "type": "char"}
        ]

    def create_scripts(self):
        return self.create_leads(
            {"name": "Plain", "city": "Ghent", "lead_properties": {"script": "one"}},
            {
                "name": SCRIPT,
                "city": SCRIPT,
                "contact_name": SCRIPT,
                "description": f"<p>{SCRIPT}</p>",
                "lead_properties": {"script": SCRIPT},
            },
        )

    def assert_harmless(self, html):
        self.assertIn(ESCAPED, html)
        self.assertNotIn("<script", html)
        self.assertNotIn("<img", html)

    def test_note_of_a_merge(self):
        merge = self.merge(self.create_scripts())
        self.assert_harmless(merge.note_id.body)

    def test_note_of_a_merge_into_what_has_a_script_for_a_name(self):
        leads = self.create_scripts()
        merge = self.merge(leads, survivor_id=leads[1].id)
        self.assert_harmless(merge.note_id.body)

    def test_note_and_summary_of_conversions(self):
        leads = self.create_lead(name=SCRIPT, contact_name=SCRIPT) + self.create_lead(
            name=SCRIPT, contact_name=SCRIPT, email_from="b@example.com"
        )
        messages = self.env["mail.message"].search([], order="id desc", limit=1)
        leads = leads.with_user(self.salesperson_all)
        leads.env["crm.lead.conversion"]._convert(
            leads,
            ConversionOptions(customer=CREATE, user_ids=(self.salesperson.id,)),
        )
        self.env.flush_all()
        new = self.env["mail.message"].search([("id", ">", messages.id)])
        written = new.filtered("body").mapped("body")
        self.assertTrue(any(ESCAPED in body for body in written))
        for body in written:
            self.assertNotIn("<script", body)
            self.assertNotIn("onerror", body.replace("onerror=alert(2)&gt;", ""))

    def test_name_of_a_user_in_the_to_do_of_an_owner(self):
        lead = self.create_lead(user_id=self.salesperson.id)
        hidden = self.create_lead(user_id=self.manager.id)
        self.salesperson.name = SCRIPT
        hidden.with_user(self.salesperson)._ask_owner(lead)
        self.assert_harmless(hidden.activity_ids.note)

    def test_values_set_aside_are_text(self):
        merge = self.merge(self.create_scripts())
        rows = {one.field_name: one for one in merge.value_ids}
        self.assertEqual(rows["city"].display_value, SCRIPT, "escaped when shown")
        self.assertEqual(rows["lead_properties.script"].label, SCRIPT)
        for name in ("label", "display_value", "source_name"):
            self.assertIn(rows["city"]._fields[name].type, ("char", "text"))

    def test_taking_a_value_sanitizes_it_as_writing_does(self):
        leads = self.create_leads(
            {"description": "<p>One</p>"}, {"description": f"<p>Two {SCRIPT}</p>"}
        )
        merge = self.merge(leads)
        row = merge.value_ids.filtered(lambda one: one.field_name == "description")
        row.with_user(self.salesperson_all).action_take()
        self.assertNotIn("<script", leads[0].description)
        self.assertNotIn("onerror", leads[0].description)

    def test_message_that_names_where_it_comes_from_is_text(self):
        leads = self.create_scripts()
        message = leads[1].message_post(body="Hello")
        self.merge(leads)
        origin = message._find_merged_from()[message.id]["name"]
        self.assertEqual((origin, type(origin)), (SCRIPT, str))

    def test_exports_hold_no_formulas(self):
        leads = self.create_leads(
            {"name": FORMULA, "city": "Ghent"}, {"name": f"-{FORMULA}", "city": FORMULA}
        )
        merge = self.merge(leads)
        for record, names in (
            (merge, ["name"]),
            (merge.source_ids, ["name"]),
            (merge.value_ids, ["display_value", "source_name", "label"]),
        ):
            exporting = record.with_user(self.salesperson_all)
            rows = exporting.export_data(names)["datas"]
            self.assertIn("=", str(rows))
            for line in CSVExport().from_data(None, names, rows).splitlines()[1:]:
                self.assertNotRegex(line, r'(^|,)"?[=+\-@]')
