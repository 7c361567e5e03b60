"""Whatever is about leads follows the rights on leads as they are at that moment: the
rules and the groups that a customer adds to `crm.lead` hold for it as well."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..engine.conversion import ConversionOptions
from .test_security_calls import NUMBER, WORD, CallingCase

#: What is about leads, and the text in it that is searched for.
ABOUT = {
    "crm.lead.merge": ("name",),
    "crm.lead.merge.source": ("name", "email_from", "merge_id.name"),
    "crm.lead.merge.value": ("display_value", "email", "source_name"),
    "crm.lead.conversion": ("name",),
    "crm.lead.duplicate": ("lead_id.name", "other_lead_id.email_from"),
    "crm.lead.duplicate.group": ("duplicate_ids.lead_id.name",),
    "crm.lead.qualification.report": ("name", "lead_id.name"),
}


@tagged("post_install", "-at_install")
class TestSecurityRules(CallingCase):
    """A record rule on leads."""

    def find(self, user, name, path):
        Model = self.env[name].with_user(user)
        return Model.search([(path, "ilike", WORD)])

    def test_rule_that_hides_leads_hides_what_is_about_them(self):
        for user in self.users[3:]:
            for name, paths in ABOUT.items():
                for path in paths:
                    found = self.find(user, name, path)
                    self.assertFalse(found, (user.login, name, path))
                Model = self.env[name].with_user(user)
                ids = self.secret[name].ids
                count = Model._read_group([("id", "in", ids)], [], ["__count"])
                self.assertEqual(count, [(0,)], (user.login, name))
                secret = self.secret[name].with_user(user)
                self.assertFalse(secret._filtered_access("read"), (user.login, name))

    def test_rule_that_is_taken_away_hides_nothing_any_more(self):
        self.env["ir.rule"].search([("name", "like", "customer's own")]).unlink()
        for name, paths in ABOUT.items():
            for path in paths:
                found = self.find(self.restrained, name, path)
                self.assertTrue(found, (name, path))
            secret = self.secret[name].with_user(self.restrained)
            self.assertEqual(secret._filtered_access("read"), secret, name)

    def test_rule_that_opens_leads_opens_what_is_about_them(self):
        self.env["ir.rule"].create(
            {
                "name": "Everybody reads what the manager does",
                "model_id": self.env["ir.model"]._get_id("crm.lead"),
                "domain_force": f"[('user_id', '=', {self.manager.id})]",
                "groups": [(4, self.env.ref("sales_team.group_sale_salesman").id)],
            }
        )
        for name in ABOUT:
            secret = self.secret[name].with_user(self.salesperson)
            self.assertEqual(secret._filtered_access("read"), secret, name)
            found = secret.search([("id", "in", secret.ids)])
            self.assertEqual(found, secret, name)

    def test_what_somebody_converted_stays_theirs_to_take_back(self):
        lead = self.create_lead(user_id=self.restrained.id)
        conversion = self.env["crm.lead.conversion"].with_user(self.restrained)
        conversion = conversion._convert_one(
            lead.with_user(self.restrained), ConversionOptions()
        )
        lead.user_id = self.manager
        self.env.flush_all()
        self.assertFalse(lead.with_user(self.restrained).has_access("read"))
        self.assertTrue(conversion.search([("id", "=", conversion.id)]))
        conversion.action_undo(force=True)
        self.assertEqual(lead.type, "lead")

    def test_manager_reads_lines_of_runs_as_far_as_they_may_read_the_leads(self):
        restrained = self.restrained
        restrained.group_ids += self.env.ref("sales_team.group_sale_manager")
        lines = self.secret["crm.lead.run.line"].with_user(restrained)
        self.assertFalse(lines._filtered_access("read"))
        self.assertFalse(lines.search([("id", "in", lines.ids)]))
        run = self.secret["crm.lead.run"][0]
        self.assertEqual(run.with_user(restrained).line_count, run.line_count)
        self.env["ir.rule"].search([("name", "like", "customer's own")]).unlink()
        self.assertEqual(lines._filtered_access("read"), lines)
        self.assertEqual(lines.search([("id", "in", lines.ids)]), lines)

    def test_rights_are_asked_for_all_records_at_once(self):
        for name in ABOUT:
            records = self.secret[name].with_user(self.restrained)
            for few in (records[:1], records):
                self.env.invalidate_all()
                few.has_access("read")
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                few._filtered_access("read")
                count = self.env.cr.sql_log_count - before
                self.assertLess(count, 12, (name, len(few)))


@tagged("post_install", "-at_install")
class TestSecurityGroups(CallingCase):
    """A field of leads that only administrators see, as a customer may decide."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.rule"].search([("name", "like", "customer's own")]).unlink()
        cls.env.ref("base.group_allow_export").user_ids += cls.restrained

    def hide(self, *names):
        for name in names:
            field = self.env["crm.lead"]._fields[name]
            self.patch(field, "groups", "base.group_system")
        self.env.invalidate_all()

    def as_user(self, name):
        return self.secret[name].with_user(self.restrained)

    def assert_hidden(self, records, name, path=None):
        """Expect that a field is neither read, nor searched, sorted or grouped by."""
        self.assertNotIn(name, records.fields_get())
        for run in (
            lambda: records.read([name]),
            lambda: records.search([(name, "!=", 0)]),
            lambda: records.search([], order=name),
            lambda: records._read_group([], [name], ["__count"]),
            lambda: records.export_data([name]),
        ):
            with self.assertRaises(AccessError, msg=(records._name, name)):
                run()

    def test_merged_lead_keeps_what_its_fields_hide(self):
        self.hide("email_from", "expected_revenue")
        sources = self.as_user("crm.lead.merge.source")
        self.assertIn("name", sources.fields_get())
        for name in ("email_from", "expected_revenue"):
            self.assert_hidden(sources, name)
        merges = self.as_user("crm.lead.merge")
        with self.assertRaises(AccessError):
            merges.search([("source_ids.email_from", "ilike", WORD)])

    def test_conversion_keeps_what_the_fields_of_its_lead_hide(self):
        self.hide("partner_id", "user_id")
        conversions = self.as_user("crm.lead.conversion")
        for name in ("partner_id", "partner_before_id", "user_id", "user_before_id"):
            self.assert_hidden(conversions, name)

    def test_report_tells_nothing_of_fields_that_are_hidden(self):
        self.hide("expected_revenue", "source_id")
        report = self.as_user("crm.lead.qualification.report")
        self.assert_hidden(report, "expected_revenue")
        self.assert_hidden(report, "source_id")
        with self.assertRaises(AccessError):
            report._read_group([], ["team_id"], ["expected_revenue:sum"])
        for kind in ("pivot", "graph", "list", "search"):
            arch = report.get_view(view_type=kind)["arch"]
            self.assertNotIn('name="expected_revenue"', arch)
            self.assertNotIn("group_by': 'source_id'", arch.replace('"', "'"))

    def test_values_set_aside_are_hidden_with_their_field(self):
        self.hide("street", "lead_properties")
        values = self.as_user("crm.lead.merge.value")
        hidden = values.sudo().filtered(
            lambda one: one.field_name.startswith(("street", "lead_properties"))
        )
        self.assertEqual(
            {*hidden.mapped("field_name")}, {"street", "lead_properties.note"}
        )
        found = values.search([("id", "in", values.ids)])
        self.assertEqual(found.sudo(), values.sudo() - hidden)
        self.assertEqual(values._filtered_access("read"), found)

    def test_own_values_of_a_merge_are_for_the_report_alone(self):
        self.assert_hidden(self.as_user("crm.lead.merge"), "own_values")

    def test_explain_counts_and_tells_nothing_that_is_hidden(self):
        pair = self.as_user("crm.lead.duplicate")
        ids = (pair.lead_id.id, pair.other_lead_id.id)
        open_to_all = pair.explain(*ids)
        self.assertIn("phone", [one["subject"] for one in open_to_all["reasons"]])
        self.hide("phone", "email_from", "contact_name", "partner_name", "website")
        told = pair.explain(*ids)
        subjects = {one["subject"] for one in told["reasons"]}
        hidden = {"phone", "email", "person", "company", "domain"}
        self.assertFalse(subjects & hidden)
        self.assertNotIn(NUMBER, str(told))
        self.assertLess(told["score"], open_to_all["score"])
        total = sum(one["bits"] for one in told["reasons"])
        self.assertAlmostEqual(told["score"], total, delta=0.5)

    def test_explain_tells_nothing_of_a_customer_who_may_not_be_read(self):
        leads = self.as_user("crm.lead.duplicate").lead_id
        other = self.as_user("crm.lead.duplicate").other_lead_id
        customers = (leads + other).sudo().partner_id
        customers.email = f"kept@{WORD}.example.org"
        customers.company_id = self.other_company
        self.env.flush_all()
        told = leads.env["crm.lead.duplicate"].explain(leads.id, other.id)
        self.assertNotIn("kept@", str(told))
        self.assertNotIn("customer", [one["subject"] for one in told["reasons"]])

    def test_reasons_are_told_without_what_is_hidden(self):
        pair = self.as_user("crm.lead.duplicate")
        self.assertIn("phone", pair.reasons_text)
        self.assertIn("phone", pair.shared)
        self.hide("phone")
        self.assertNotIn("phone", pair.reasons_text)
        group = self.as_user("crm.lead.duplicate.group")
        self.assertNotIn("phone", group.reasons_text)
        for records in (pair, group):
            self.assert_hidden(records, "shared")
        for name in ("reasons", "fingerprint"):
            with self.assertRaises(AccessError):
                pair.read([name])
        lead = pair.lead_id
        self.env.invalidate_all()
        self.assertNotIn("phone", lead.duplicate_best_reasons or "")
