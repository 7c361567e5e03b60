"""Undo of a whole run (promise B11) asks about nothing that it did itself."""

from odoo.tests import tagged

from .test_run import RunCase


@tagged("post_install", "-at_install")
class TestRunUndo(RunCase):
    """Runs whose lines build upon one another, taken back as a whole."""

    def assert_undone_unasked(self, run, before):
        action = run.action_undo()
        self.assertEqual(action["tag"], "crm_lead_qualification.undone", action)
        self.assertEqual(run.state, "undone", run.line_ids.mapped("reason"))
        self.assertSameDatabase(before)

    def create_leads_of_a_new_company(self):
        """Create two leads of one person, and one of their colleague."""
        return self.env["crm.lead"].concat(
            *(
                self.create_lead(user_id=self.salesperson.id, **values)
                for values in (
                    {"contact_name": "Ann One", "email_from": "ann@bn-corp.com",
                     "partner_name": "Brand New"},
                    {"contact_name": "Ann One", "email_from": "ann@bn-corp.com"},
                    {"contact_name": "Bob Two", "email_from": "robert@bn-corp.com",
                     "partner_name": "Brand New"},
                )
            )
        )  # fmt: skip

    def test_b11_a_company_that_lines_share_is_no_question(self):
        leads = self.create_leads_of_a_new_company()
        before = self.read_database()
        run = self.run_all(self.create_run(leads))
        self.assertEqual(run.line_ids.mapped("proposal"), ["merge", "merge", "convert"])
        self.assert_undone_unasked(run, before)

    def test_b11_a_company_used_elsewhere_is_asked_about_once(self):
        run = self.run_all(self.create_run(self.create_leads_of_a_new_company()))
        company = self.env["res.partner"].search([("name", "=", "Brand New")])
        self.create_customer(name="Later", parent_id=company.id)
        question = run.action_undo()
        line = self.env[question["res_model"]].browse(question["res_id"]).line_ids
        self.assertEqual(line.record, "Brand New")
        self.assertIn("Later", line.value_now)

    def test_b11_merges_of_merges_are_no_question(self):
        leads = self.create_leads(4)
        before = self.read_database()
        run = self.create_run(leads)
        lines = run.line_ids.with_user(self.manager)
        lines[0].write({"proposal": "merge", "survivor_id": leads[1].id})
        lines[1].write({"proposal": "merge", "survivor_id": leads[2].id})
        self.run_all(run)
        self.assertEqual(leads.exists(), leads[2:])
        self.assert_undone_unasked(run, before)

    def test_b11_what_was_changed_in_the_result_is_asked(self):
        """Also what only the merge changed, not the conversion that followed it."""
        leads = self.create_leads(2)
        leads[1].city = "Lyon"
        run = self.create_run(leads)
        lines = run.line_ids.with_user(self.manager)
        lines[0].write({"proposal": "merge", "survivor_id": leads[0].id})
        lines[1].write({"proposal": "merge", "survivor_id": leads[0].id})
        self.run_all(run)
        self.assertEqual(leads.exists().city, "Lyon")
        leads[0].city = "Paris"
        question = run.action_undo()
        self.assertEqual(question["res_model"], "crm.lead.undo")
        line = self.env[question["res_model"]].browse(question["res_id"]).line_ids
        self.assertEqual((line.label, line.value_now), ("City", "Paris"))
