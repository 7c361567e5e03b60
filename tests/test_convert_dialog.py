"""The stock dialogs, single and bulk (promises P5, P6, P7): they ask, the engine
does."""

from odoo.tests import Form, tagged

from ..engine.plan import MergeOptions
from ..exceptions import ConversionRefused, MergeRefused
from .test_run import RunCase


@tagged("post_install", "-at_install")
class TestConvertDialog(RunCase):
    """The dialog of one lead, by a salesperson who sees only their own."""

    def open_dialog(self, lead=None, user=None):
        lead = lead or self.lead
        Dialog = self.env["crm.lead2opportunity.partner"].with_user(
            user or self.salesperson
        )
        return Form(Dialog.with_context(active_id=lead.id, active_ids=lead.ids))

    def test_p5_person_and_channel_are_kept(self):
        dialog = self.open_dialog()
        self.assertEqual(dialog.user_id, self.salesperson)
        self.assertEqual(dialog.team_id, self.lead_channel)
        self.assertIn("Office chairs", dialog.outcome)

    def test_p5_another_person_offers_their_channel(self):
        self.direct_channel.member_ids = self.colleague
        dialog = self.open_dialog()
        dialog.user_id = self.colleague
        self.assertEqual(dialog.team_id, self.direct_channel)

    def test_p5_a_channel_that_fits_stays(self):
        self.lead_channel.member_ids = self.colleague
        dialog = self.open_dialog()
        dialog.user_id = self.colleague
        self.assertEqual(dialog.team_id, self.lead_channel)

    def test_p5_neither_create_nor_link(self):
        dialog = self.open_dialog()
        dialog.action = "none"
        dialog.save().action_apply()
        self.assertEqual(self.lead.type, "opportunity")
        self.assertFalse(self.lead.partner_id)

    def test_p6_candidates_with_reasons_best_first(self):
        by_phone = self.create_customer(name="Somebody", phone="+32 2 290 34 90")
        by_email = self.create_customer(name="Amy", email="amy@example.com")
        company = self.create_customer(name="Planet Express", is_company=True)
        self.lead.country_id = self.env.ref("base.be")
        self.env.flush_all()
        dialog = self.open_dialog()
        found = [
            (one.partner_id.id, one.reasons) for one in dialog.save().candidate_ids
        ]
        self.assertEqual(found[0], (by_email.id, "same e-mail address"))
        self.assertIn((company.id, "company of that name"), found)
        self.assertIn((by_phone.id, "same phone number"), found)
        self.assertEqual(dialog.action, "exist")
        self.assertEqual(dialog.partner_id, by_email)

    def tick(self, dialog, row, is_chosen=True):
        """Tick a customer found, and return which are ticked then."""
        with dialog.candidate_ids.edit(row) as line:
            line.is_chosen = is_chosen
        return [
            dialog.candidate_ids.edit(index).is_chosen
            for index in range(len(dialog.candidate_ids))
        ]

    def test_p5_p6_the_customer_that_is_ticked_is_linked(self):
        by_email = self.create_customer(name="Amy", email="amy@example.com")
        company = self.create_customer(name="Planet Express", is_company=True)
        dialog = self.open_dialog()
        self.assertEqual(dialog.partner_id, by_email)
        self.assertEqual(self.tick(dialog, 1), [False, True])
        self.assertEqual(dialog.partner_id, company)
        self.assertEqual(self.tick(dialog, 1, False), [False, False])
        self.assertEqual(dialog.action, "none")
        dialog.action = "create"
        self.assertEqual(self.tick(dialog, 0), [True, False])
        self.assertEqual(dialog.action, "exist")
        dialog.partner_id = company
        self.assertIn("Planet Express", dialog.outcome)
        dialog.save().action_apply()
        self.assertEqual(self.lead.partner_id, company)

    def test_p6_company_in_upper_or_lower_case(self):
        company = self.create_customer(name="PLANET express", is_company=True)
        dialog = self.open_dialog()
        self.assertEqual(dialog.commercial_partner_id, company)
        found = dialog.save().candidate_ids
        self.assertEqual(found.partner_id, company)
        self.assertEqual(found.reasons, "company of that name")
        amy = self.create_customer(name="AMY Wong", parent_id=company.id)
        found = self.open_dialog().save().candidate_ids
        self.assertEqual(found.partner_id, amy + company)

    def test_p6_a_company_is_found_whatever_its_letters(self):
        """The database may know fewer of them as capitals than Python does."""
        find = self.env["crm.lead.conversion.customer"]._find_companies
        for name in ("ÜBER AG", "ΠΑΠΑΔΟΠΟΥΛΟΣ", "İstanbul AŞ", " Dots & 100% _"):
            company = self.create_customer(name="Before", is_company=True)
            company.name = name  # which need not be flushed by hand
            self.lead.partner_name = name
            self.assertEqual(find(self.lead), {self.lead.id: company}, name)

    def test_p6_a_lead_of_no_company_may_be_of_the_users(self):
        company_id = self.salesperson.company_id.id
        company = self.create_customer(
            name="Planet Express", is_company=True, company_id=company_id
        )
        amy = self.create_customer(email="amy@example.com", company_id=company_id)
        self.lead.team_id.company_id = self.lead.company_id = False
        self.assertFalse(self.lead.company_id)
        dialog = self.open_dialog()
        self.assertEqual(dialog.partner_id, amy)
        dialog.action = "create"
        self.assertEqual(dialog.commercial_partner_id, company)
        found = dialog.save().candidate_ids
        self.assertEqual(found.partner_id, amy + company)

    def test_p6_an_address_without_a_name_is_no_hindrance(self):
        address = self.create_customer(
            name=False, is_company=True, type="delivery", email="amy@example.com"
        )
        found = self.open_dialog().save().candidate_ids
        self.assertEqual(found.partner_id, address)

    def test_companies_are_found_by_an_index(self):
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        self.env.cr.execute(
            """EXPLAIN SELECT id FROM res_partner
                WHERE is_company IS TRUE AND lower(trim(name)) = ANY(ARRAY(
                      SELECT lower(told) FROM unnest(ARRAY['a', 'b']) AS told))"""
        )
        plan = "\n".join(row[0] for row in self.env.cr.fetchall())
        self.assertIn("res_partner_company_name_index", plan)

    def test_difference_is_shown_and_kept(self):
        customer = self.create_customer(
            email="amy@example.com", phone="+32 9 999 99 99"
        )
        dialog = self.open_dialog()
        self.assertIn("+32 9 999 99 99", dialog.difference)
        dialog.save().action_apply()
        self.assertEqual(customer.phone, "+32 9 999 99 99")
        self.assertEqual(self.lead.phone, "+32 2 290 34 90")

    def test_p7_open_opportunity_of_the_customer(self):
        customer = self.create_customer(email="amy@example.com")
        opportunity = self.create_lead(
            type="opportunity", partner_id=customer.id, user_id=self.salesperson.id
        )
        dialog = self.open_dialog()
        self.assertEqual(dialog.name, "merge")
        self.assertIn(opportunity, dialog.duplicated_lead_ids[:])

    def test_p9_merging_keeps_the_person_and_channel_of_the_record_that_stays(self):
        opportunity = self.create_lead(
            type="opportunity",
            user_id=self.colleague.id,
            team_id=self.direct_channel.id,
            email_from="amy@example.com",
        )
        self.env.cr.execute(
            "UPDATE crm_lead SET create_date = '2020-01-01' WHERE id = %s",
            [opportunity.id],
        )
        opportunity.invalidate_recordset()
        dialog = self.open_dialog(user=self.manager)
        self.assertEqual(dialog.name, "merge")
        self.assertEqual(dialog.user_id, self.colleague)
        self.assertEqual(dialog.team_id, self.direct_channel)
        dialog.name = "convert"
        self.assertEqual(dialog.user_id, self.salesperson)
        self.assertEqual(dialog.team_id, self.lead_channel)
        dialog.name = "merge"
        self.assertIn(f"Salesperson: {self.colleague.name}. Sales team", dialog.outcome)
        dialog.user_id = self.salesperson
        told = f": {self.salesperson.name} (now {self.colleague.name})"
        self.assertIn(told, dialog.outcome)
        dialog.user_id = self.colleague
        dialog.save().action_apply()
        self.assertEqual(opportunity.user_id, self.colleague)
        self.assertEqual(opportunity.team_id, self.direct_channel)

    def test_b5_a_lead_merged_while_its_dialog_was_open(self):
        dialog = self.open_dialog()
        other = self.create_lead(user_id=self.salesperson.id, name="Result")
        merge = self.env["crm.lead.merge"].with_user(self.salesperson)
        leads = (self.lead + other).with_user(self.salesperson)
        merge._merge(leads, MergeOptions(survivor_id=other.id))
        with self.assertRaisesRegex(MergeRefused, f"number {other.id}"):
            dialog.save()

    def test_p5_who_comes_second_is_told_so(self):
        wizard = self.open_dialog().save()
        self.open_dialog().save().action_apply()
        action = wizard.action_apply_and_tell()
        self.assertIn(self.salesperson.name, action["params"]["message"])
        self.assertIn("Nothing of what you chose", action["params"]["message"])
        self.assertEqual(action["params"]["next"]["res_id"], self.lead.id)

    def test_p7_open_opportunity_of_its_company(self):
        company = self.create_customer(name="Planet Express", is_company=True)
        self.create_customer(email="amy@example.com", parent_id=company.id)
        opportunity = self.create_lead(
            type="opportunity", partner_id=company.id, user_id=self.salesperson.id
        )
        dialog = self.open_dialog()
        self.assertIn(opportunity, dialog.survivor_choice_ids[:])

    def test_p9_merge_into_x_means_x_and_undo_undoes_all(self):
        opportunity = self.create_lead(
            name="Chairs wanted",
            type="opportunity",
            user_id=self.salesperson.id,
            email_from="amy@example.com",
        )
        before = self.read_database()
        dialog = self.open_dialog()
        dialog.survivor_id = opportunity
        self.assertEqual(dialog.name, "merge")
        wizard = dialog.save()
        self.assertEqual(wizard.action, "create")
        action = wizard.action_apply_and_tell()
        self.assertEqual(wizard.lead_id, opportunity)
        self.assertFalse(self.lead.exists())
        self.assertEqual(opportunity.partner_id.name, "Amy Wong")
        self.assertEqual(action["params"]["res_model"], "crm.lead.merge")
        self.assertEqual(action["params"]["next"]["res_id"], opportunity.id)
        merge = self.env["crm.lead.merge"].browse(action["params"]["res_id"])
        wizard.sudo().unlink()
        merge.with_user(self.salesperson).action_undo()
        self.assertTrue(self.lead.exists())
        self.assertFalse(opportunity.partner_id)
        self.assertSameDatabase(before)

    def test_a_merge_of_two_leads_is_an_opportunity_and_back(self):
        other = self.create_lead(
            user_id=self.salesperson.id, email_from="amy@example.com"
        )
        before = self.read_database()
        wizard = self.open_dialog(other).save()
        action = wizard.action_apply_and_tell()
        self.assertEqual(self.lead.type, "opportunity")
        self.assertTrue(self.lead.date_conversion)
        merge = self.env["crm.lead.merge"].browse(action["params"]["res_id"])
        wizard.sudo().unlink()
        merge.with_user(self.salesperson).action_undo()
        self.assertEqual((self.lead + other).mapped("type"), ["lead", "lead"])
        self.assertSameDatabase(before)

    def test_double_click_opens_what_is_there(self):
        wizard = self.open_dialog().save()
        wizard.action_apply()
        again = wizard.action_apply()
        self.assertEqual(again["res_id"], self.lead.id)
        conversions = self.env["crm.lead.conversion"].search(
            [("lead_id", "=", self.lead.id)]
        )
        self.assertEqual(len(conversions), 1)

    def test_lost_meanwhile(self):
        wizard = self.open_dialog().save()
        self.lead.action_set_lost()
        with self.assertRaisesRegex(ConversionRefused, "lost"):
            wizard.action_apply()
