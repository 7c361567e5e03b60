"""P10, B5: leads within the file of their customers, imported again after a merge."""

from odoo.tests import tagged

from .test_import_again import ImportCase

FIELDS = ["id", "name", *(
    f"opportunity_ids/{name}" for name in ("id", "name", "email_from", "phone")
)]  # fmt: skip


@tagged("post_install", "-at_install")
class TestImportNested(ImportCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesperson_all.group_ids |= cls.env.ref("base.group_partner_manager")

    def load_customers(self, *rows, fields=None):
        """Import a customer a row, with a lead each; return the customers."""
        Partner = self.env["res.partner"].with_user(self.salesperson_all)
        result = Partner.load(fields or FIELDS, [list(row) for row in rows])
        self.assertTrue(result["ids"], result["messages"])
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["res.partner"].browse(result["ids"])

    def setUp(self):
        super().setUp()
        self.ann = (
            "crm_test.ann", "Ann", "crm_test.chairs", "Chairs", "ann@example.com", "",
        )  # fmt: skip
        self.bob = (
            "crm_test.bob", "Bob", "crm_test.desks", "Desks", "bob@example.com", "",
        )  # fmt: skip
        self.customers = self.load_customers(self.ann, self.bob)
        self.leads = self.env.ref("crm_test.chairs") + self.env.ref("crm_test.desks")
        self.leads.team_id = self.lead_channel
        self.merging = self.merge(self.leads, survivor_id=self.leads[0].id)
        self.lead = self.leads[0]
        self.before = self.say(self.lead)

    def test_p10_the_same_file_again_changes_nothing(self):
        aside = self.imported_aside(self.lead)
        for rows in ((self.ann, self.bob), (self.bob, self.ann)):
            self.assertEqual(len(self.load_customers(*rows)), 2)
            self.assertEqual(self.say(self.lead), self.before)
            self.assertEqual(self.lead.partner_id, self.customers[0])
            self.assertEqual(self.imported_aside(self.lead), aside)
        self.assertFalse(self.merging._get_conflicts())
        self.undo(self.merging)
        self.assertEqual(self.leads.partner_id, self.customers)

    def test_p10_news_fills_a_blank_or_is_set_aside(self):
        bob = (*self.bob[:4], "robert@example.com", "0475 12 34 56")
        self.load_customers(self.ann, bob)
        self.assertEqual(self.lead.email_from, "ann@example.com")
        self.assertEqual(self.lead.phone, "0475 12 34 56")
        self.assertIn(
            ("email_from", "robert@example.com"), self.imported_aside(self.lead)
        )
        self.undo(self.merging, force=True)
        self.assertEqual(self.leads[1].email_from, "robert@example.com")
        self.assertEqual(self.leads[1].partner_id, self.customers[1])
        self.assertFalse(self.leads[0].phone)

    def test_p10_what_the_survivor_says_anew_is_written(self):
        ann = (*self.ann[:4], "ann@example.org", "")
        self.load_customers(ann, self.bob)
        self.assertEqual(self.lead.email_from, "ann@example.org")

    def test_p10_another_customer_of_the_merged_lead_is_set_aside(self):
        eve = ("crm_test.eve", "Eve", *self.bob[2:])
        self.load_customers(self.ann, eve)
        self.assertEqual(self.lead.partner_id, self.customers[0])
        eve = self.env.ref("crm_test.eve")
        self.assertIn(("partner_id", eve.id), self.imported_aside(self.lead))
        self.undo(self.merging, force=True)
        self.assertEqual(self.leads[1].partner_id, eve)

    def test_b5_database_ids_of_merged_leads(self):
        fields = [FIELDS[0], FIELDS[1], "opportunity_ids/.id", *FIELDS[3:]]
        bob = (*self.bob[:2], str(self.leads[1].id), "Desks", "bob@example.com", "")
        self.load_customers(bob, fields=fields)
        self.assertEqual(self.say(self.lead), self.before)
        self.assertEqual(self.lead.partner_id, self.customers[0])

    def test_leads_that_were_never_merged_are_written_as_always(self):
        row = ("crm_test.zoe", "Zoe", "crm_test.lamps", "Lamps", "zoe@example.com", "")
        [zoe] = self.load_customers(row)
        lamps = self.env.ref("crm_test.lamps")
        self.load_customers((*row[:3], "Lights", "", ""))
        self.assertEqual((lamps.name, lamps.partner_id), ("Lights", zoe))
        self.load_customers((*self.ann[:2], *row[2:]))
        self.assertEqual(lamps.partner_id, self.customers[0])
