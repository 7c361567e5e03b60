"""Two companies, three languages, one database."""

from odoo.tests import tagged

from ..engine.conversion import FIND_OR_CREATE, ConversionOptions
from .test_duplicates import DuplicatesCase

LANGUAGES = ("fr_FR", "de_DE")


@tagged("post_install", "-at_install")
class TestCompaniesAndLanguages(DuplicatesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for language in LANGUAGES:
            cls.env["res.lang"]._activate_lang(language)
        addon = cls.env.ref("base.module_crm_lead_qualification")
        addon._update_translations(list(LANGUAGES))
        cls.companies = cls.company + cls.other_company
        cls.french, cls.german = (
            cls.create_user(
                f"qualify_{language}",
                "sales_team.group_sale_manager,base.group_partner_manager",
                company_id=cls.company.id,
                company_ids=cls.companies.ids,
                lang=language,
            )
            for language in LANGUAGES
        )
        cls.leads = cls.env["crm.lead"].concat(
            *(
                cls.create_lead(
                    name=f"Chairs {number}",
                    contact_name="Ann Lee",
                    email_from="ann.lee@acme.com",
                    city=f"City {number}",
                    company_id=cls.companies[number // 2].id,
                    team_id=False,
                    user_id=cls.french.id,
                )
                for number in range(4)
            )
        )

    def as_user(self, user, records=None):
        companies = self.companies.ids
        records = self.env["crm.lead"] if records is None else records
        return records.with_user(user).with_context(
            lang=user.lang, allowed_company_ids=companies
        )

    def test_bulk_conversion_keeps_companies_apart(self):
        leads = self.as_user(self.french, self.leads)
        run = leads.env["crm.lead.run"]._create_conversions(
            leads, ConversionOptions(customer=FIND_OR_CREATE)
        )
        run.action_start()
        while run.process():
            pass
        self.assertEqual(run.skipped_count, 0)
        self.assertEqual(self.leads.exists(), self.leads[0] + self.leads[2])
        self.assertEqual(self.leads.exists().company_id, self.companies)
        run.action_undo(force=True)
        self.assertEqual(self.leads.exists(), self.leads)

    def test_each_is_told_in_their_language(self):
        merges = {}
        for user, leads in (
            (self.french, self.leads[:2]),
            (self.german, self.leads[2:]),
        ):
            leads = self.as_user(user, leads)
            leads.merge_opportunity()
            merges[user] = leads.env["crm.lead.merge"].search([], limit=1)
        french, german = (merges[user].note_id.body for user in merges)
        self.assertIn("fusion", french)
        self.assertIn("Zusammen", german.replace("zusammen", "Zusammen"))

    def test_b9_the_other_company_is_a_count(self):
        self.compare()
        alone = (
            self.leads[0]
            .with_user(self.french)
            .with_context(allowed_company_ids=self.company.ids)
        )
        self.assertEqual(alone.duplicate_best_id, self.leads[1])
        self.assertEqual(alone.duplicate_hidden_count, 2)
