"""Who may merge, convert, undo and read what: one test a right, each user by name."""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from ..engine.conversion import ConversionOptions
from .merging import MergeCase

JOURNAL_MODELS = (
    "crm.lead.conversion",
    "crm.lead.journal.line",
    "crm.lead.merge",
    "crm.lead.merge.source",
    "crm.lead.merge.value",
)


class SecurityCase(MergeCase):
    """Leads of a manager, which a salesperson of own leads may not read."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls.create_user(
            "qualify_colleague", "sales_team.group_sale_salesman"
        )
        cls.outsiders = (
            cls.other_salesperson,
            cls.portal_user,
            cls.public_user,
        )

    def create_theirs(self):
        """Create two leads of the manager, in the first company."""
        return self.create_leads(
            {"city": "Ghent"}, {"city": "Lyon"},
            user_id=self.manager.id, company_id=self.company.id,
        )  # fmt: skip

    def visible(self, model, records, user, **context):
        """Return which of `records` a user finds when searching."""
        Model = self.env[model].with_user(user).with_context(**context)
        return Model.search([("id", "in", records.ids)])

    def assert_forbidden(self, run):
        """Run; expect that rights are missing, and nothing changed."""
        self.assert_refused(AccessError, ".", run)


@tagged("post_install", "-at_install")
class TestSecurityMerge(SecurityCase):
    """Merging needs the right to change every record in it."""

    def test_who_may_not_change_all_of_them_merges_none(self):
        leads = self.create_theirs()
        mixed = leads[0] + self.create_lead(user_id=self.salesperson.id)
        for user in (self.salesperson, *self.outsiders):
            for those in (leads, mixed):
                one = those.with_user(user)
                self.assert_forbidden(lambda one=one: one.merge_opportunity())
                self.assert_forbidden(
                    lambda one=one: one.merge_opportunity(auto_unlink=False)
                )

    def test_salespeople_merge_what_is_theirs_or_nobodys(self):
        leads = self.create_leads({"user_id": self.salesperson.id}, {})
        merge = self.merge(leads, self.salesperson)
        self.assertEqual(merge.create_uid, self.salesperson)
        self.undo(merge, self.salesperson)
        self.assertEqual(len(leads.exists()), 2)

    def test_salespeople_of_all_leads_and_managers_merge_any(self):
        for user in (self.salesperson_all, self.manager):
            self.assertTrue(self.merge(self.create_theirs(), user))

    def test_dialog_tells_nothing_of_what_may_not_be_read(self):
        leads = self.create_theirs()
        leads.name = "Very secret deal"
        Dialog = self.env["crm.merge.opportunity"].with_user(self.salesperson)
        Dialog = Dialog.with_context(active_model="crm.lead", active_ids=leads.ids)
        with self.assertRaises(AccessError) as refusal:
            Dialog.create({}).read(["plan"])
        self.assertNotIn("Very secret deal", str(refusal.exception))
        self.assertFalse(leads - leads.exists())

    def test_company_that_is_not_active_is_out_of_reach(self):
        leads = self.create_theirs()
        user = self.create_user(
            "qualify_both",
            "sales_team.group_sale_salesman_all_leads",
            company_id=self.company.id,
            company_ids=[Command.set((self.company + self.other_company).ids)],
        )
        elsewhere = leads.with_user(user).with_context(
            allowed_company_ids=self.other_company.ids
        )
        self.assert_forbidden(elsewhere.merge_opportunity)
        here = elsewhere.with_context(allowed_company_ids=self.company.ids)
        here.merge_opportunity()
        merge = self.env["crm.lead.merge"].search([("survivor_id", "=", leads[0].id)])
        for model, records in (
            ("crm.lead.merge", merge),
            ("crm.lead.merge.source", merge.source_ids),
            ("crm.lead.merge.value", merge.value_ids),
        ):
            for company, found in (
                (self.other_company, records.browse()),
                (self.company, records),
            ):
                context = {"allowed_company_ids": company.ids}
                seen = self.visible(model, records, user, **context)
                self.assertEqual(seen.sudo(), found, model)
        undoing = merge.with_user(user).with_context(
            allowed_company_ids=self.other_company.ids
        )
        self.assert_forbidden(undoing.action_undo)

    def test_company_that_is_claimed_is_refused(self):
        leads = self.create_theirs().with_user(self.other_salesperson)
        both = (self.other_company + self.company).ids
        claiming = leads.with_context(allowed_company_ids=both)
        self.assert_forbidden(claiming.merge_opportunity)

    def test_what_is_one_companys_stays_its_own(self):
        leads = self.create_leads(
            {"user_id": self.manager.id, "company_id": False},
            {"user_id": self.salesperson_all.id, "company_id": self.company.id},
        )
        self.assertFalse(leads[0].company_id)
        self.merge(leads)
        self.assertEqual(leads[0].company_id, self.company)
        self.assertFalse(self.visible("crm.lead", leads[0], self.other_salesperson))


@tagged("post_install", "-at_install")
class TestSecurityJournal(SecurityCase):
    """What a journal says, who may read the lead may read; nobody writes it."""

    def test_who_may_not_read_the_result_reads_nothing_of_the_merge(self):
        merge = self.merge(self.create_theirs(), self.manager)
        value = merge.value_ids[:1]
        for user in (self.salesperson, *self.outsiders):
            for record in (merge, merge.source_ids, value):
                with self.assertRaises(AccessError):
                    record.with_user(user).read(["create_date"])
            self.assert_forbidden(merge.with_user(user).action_undo)
            self.assert_forbidden(
                lambda user=user: merge.with_user(user).action_undo(force=True)
            )
            self.assert_forbidden(value.with_user(user).action_take)

    def test_rights_follow_the_result_when_it_is_handed_on(self):
        leads = self.create_leads({"city": "Ghent"}, {"city": "Lyon"})
        leads[0].user_id = self.salesperson
        merge = self.merge(leads, self.salesperson)
        parts = (merge, merge.source_ids, merge.value_ids)
        for owner, other in (
            (self.salesperson, self.colleague),
            (self.colleague, self.salesperson),
        ):
            leads[0].user_id = owner
            self.env.flush_all()
            for part in parts:
                self.assertEqual(self.visible(part._name, part, owner).sudo(), part)
                self.assertFalse(self.visible(part._name, part, other))
        for lost in leads[0]:
            lost.active = False
            self.assertTrue(self.visible(merge._name, merge, self.colleague))
        self.assert_forbidden(merge.with_user(self.salesperson).action_undo)

    def test_what_came_back_is_its_owners_again(self):
        leads = self.create_leads({}, {"user_id": self.manager.id})
        merge = self.merge(leads)
        leads[0].user_id = self.colleague
        source = merge.source_ids
        self.assertTrue(self.visible(source._name, source, self.colleague))
        self.assert_forbidden(
            lambda: merge.with_user(self.colleague).action_undo(force=True)
        )
        self.undo(merge, force=True)
        self.assertEqual(source.lead_id, leads[1])
        for user, sees in ((self.colleague, False), (self.salesperson_all, True)):
            self.assertEqual(bool(self.visible(source._name, source, user)), sees)

    def test_nobody_writes_a_journal(self):
        merge = self.merge(self.create_theirs())
        lead = self.create_lead(user_id=self.salesperson.id)
        conversion = lead.env["crm.lead.conversion"]._convert_one(lead)
        records = {
            "crm.lead.conversion": conversion,
            "crm.lead.journal.line": merge.line_ids[:1],
            "crm.lead.merge": merge,
            "crm.lead.merge.source": merge.source_ids,
            "crm.lead.merge.value": merge.value_ids[:1],
        }
        self.assertEqual(set(records), set(JOURNAL_MODELS))
        users = (*self.outsiders, self.salesperson, self.manager, self.administrator)
        for user in users:
            for name, record in records.items():
                mine = record.with_user(user)
                with self.assertRaises(AccessError, msg=(user.login, name)):
                    mine.create({})
                with self.assertRaises(AccessError, msg=(user.login, name)):
                    mine.web_save({"create_date": "2020-01-01"}, {})
                with self.assertRaises(AccessError, msg=(user.login, name)):
                    mine.browse().web_save({"merge_id": merge.id}, {})
                with self.assertRaises(AccessError, msg=(user.login, name)):
                    mine.unlink()

    def test_snapshots_are_for_administrators(self):
        merge = self.merge(self.create_theirs())
        for user in (self.manager, self.salesperson_all):
            with self.assertRaises(AccessError):
                merge.line_ids.with_user(user).read(["changes"])
            for name in ("line_ids", "value_ids.merge_id.line_ids"):
                with self.assertRaises(AccessError, msg=name):
                    self.env["crm.lead.merge"].with_user(user).search([(name, "!=", 0)])
        self.assertTrue(merge.line_ids.with_user(self.administrator).read(["changes"]))


@tagged("post_install", "-at_install")
class TestSecurityConversion(SecurityCase):
    """Converting needs the right to change the lead, undoing it the same, or to have
    converted it."""

    def convert(self, lead, user):
        Conversion = self.env["crm.lead.conversion"].with_user(user)
        return Conversion._convert_one(lead.with_user(user), ConversionOptions())

    def test_who_may_not_change_the_lead_does_not_convert_it(self):
        lead = self.create_lead(
            user_id=self.manager.id, company_id=self.company.id, name="Very secret deal"
        )
        for user in (self.salesperson, *self.outsiders):
            mine = lead.with_user(user)
            partner = self.env["res.partner"].with_user(user)
            with self.assertRaises(AccessError):
                mine.convert_opportunity(partner)
            with self.assertRaises(AccessError):
                mine.action_back_to_lead()
        self.assertEqual(lead.type, "lead")

    def test_dialog_converts_no_lead_that_a_context_names(self):
        lead = self.create_lead(user_id=self.manager.id, name="Very secret deal")
        own = self.create_lead(user_id=self.salesperson.id)
        Dialog = self.env["crm.lead2opportunity.partner"].with_user(self.salesperson)
        dialog = Dialog.with_context(active_id=own.id).create({"name": "convert"})
        forging = dialog.with_context(active_ids=lead.ids)
        with self.assertRaises(Exception) as refusal:
            forging.action_apply()
        self.assertNotIn("Very secret deal", str(refusal.exception))
        self.assertEqual(lead.type, "lead")

    def test_conversions_are_read_and_undone_by_those_concerned(self):
        lead = self.create_lead(user_id=self.salesperson.id, company_id=self.company.id)
        conversion = self.convert(lead, self.salesperson).sudo()
        lead.user_id = self.manager
        for user in (self.colleague, *self.outsiders):
            with self.assertRaises(AccessError):
                conversion.with_user(user).read(["name"])
            self.assert_forbidden(conversion.with_user(user).action_undo)
        conversion.with_user(self.salesperson).action_undo(force=True)
        self.assertEqual(lead.type, "lead")
        self.assertEqual(lead.user_id, self.manager)

    def test_customer_out_of_reach_is_not_linked(self):
        customer = self.create_customer(
            company_id=self.other_company.id, email="secret@example.com"
        )
        lead = self.create_lead(user_id=self.salesperson.id, company_id=False)
        dialog = (
            self.env["crm.lead2opportunity.partner"]
            .with_user(self.salesperson)
            .with_context(active_id=lead.id)
            .create({"name": "convert", "action": "exist", "partner_id": customer.id})
        )
        self.assert_forbidden(dialog.action_apply)
        self.assertFalse(lead.partner_id or lead.email_from)


@tagged("post_install", "-at_install")
class TestSecurityRun(SecurityCase):
    """A bulk run is for those who have all the companies it works in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.both = cls.company + cls.other_company
        cls.other_manager = cls.create_user(
            "qualify_other_manager",
            "sales_team.group_sale_manager",
            company_id=cls.other_company.id,
            company_ids=cls.other_company.ids,
        )
        cls.manager_of_both = cls.create_user(
            "qualify_manager_of_both",
            "sales_team.group_sale_manager",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.both.ids)],
        )

    def create_run(self, user, companies):
        Run = self.env["crm.lead.run"].with_user(user)
        Run = Run.with_context(allowed_company_ids=companies.ids)
        leads = self.create_lead(company_id=self.company.id, user_id=self.manager.id)
        return Run._create_conversions(leads.with_env(Run.env)).sudo()

    def test_managers_of_another_company_see_and_do_nothing(self):
        run = self.create_run(self.manager, self.company)
        theirs = run.with_user(self.other_manager)
        for part in (run, run.line_ids):
            self.assertFalse(self.visible(part._name, part, self.other_manager))
            with self.assertRaises(AccessError):
                part.with_user(self.other_manager).read(["name"])
        for name in ("action_start", "action_stop", "action_leave", "action_undo"):
            self.assert_forbidden(getattr(theirs, name))
        self.assert_forbidden(theirs.process)
        self.assert_forbidden(lambda: theirs.line_ids.write({"proposal": "skip"}))
        self.assertTrue(run.with_user(self.manager).action_start())

    def assert_sees(self, sees, run, user, companies):
        context = {"allowed_company_ids": companies.ids}
        for part in (run, run.line_ids):
            found = self.visible(part._name, part, user, **context)
            self.assertEqual(bool(found), sees, (user.login, part._name))
            mine = part.with_user(user).with_context(**context)
            self.assertEqual(mine.has_access("read"), sees, (user.login, part._name))

    def test_a_run_of_several_companies_is_for_those_who_have_all(self):
        run = self.create_run(self.manager_of_both, self.both)
        self.assert_sees(True, run, self.manager_of_both, self.both)
        self.assert_sees(False, run, self.manager_of_both, self.company)
        self.assert_sees(False, run, self.manager, self.company)
        self.assert_sees(False, run, self.other_manager, self.other_company)

    def test_a_company_that_is_archived_counts(self):
        run = self.create_run(self.manager_of_both, self.both)
        users = self.env["res.users"].search(
            [("company_id", "=", self.other_company.id)]
        )
        users.write({"company_id": self.company.id, "company_ids": self.company.ids})
        self.other_company.active = False
        self.assert_sees(False, run, self.manager, self.company)
