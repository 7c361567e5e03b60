from datetime import datetime, timedelta

from odoo.tests import Form, tagged

from .common import LeadQualificationCase

CAME_IN = datetime(2026, 3, 2, 9)


@tagged("post_install", "-at_install")
class TestQualificationReport(LeadQualificationCase):
    """Reporting → Qualification: what came in, and what has become of it (B10)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fair, cls.web = cls.env["utm.source"].create(
            [{"name": "Fair"}, {"name": "Website"}]
        )
        values = {"team_id": cls.lead_channel.id, "user_id": cls.salesperson.id}
        cls.first = cls.create_lead(
            **values, name="First", source_id=cls.fair.id, expected_revenue=100
        )
        cls.second = cls.create_lead(
            **{**values, "user_id": cls.salesperson_all.id},
            name="Second",
            source_id=cls.web.id,
            expected_revenue=30,
        )
        cls.blank = cls.create_lead(**values, name="Without source")
        cls.leads = cls.first + cls.second + cls.blank
        # Raw SQL: nobody may write when a record was created
        cls.env.cr.execute(
            "UPDATE crm_lead SET create_date = %s WHERE id IN %s",
            (CAME_IN, tuple(cls.leads.ids)),
        )
        cls.env.invalidate_all()

    def report(self, *measures, user=None, group="source_id"):
        """Return {source: measures} as the pivot shows them."""
        Report = self.env["crm.lead.qualification.report"].with_user(
            user or self.manager
        )
        groups = Report._read_group(
            [("team_id", "=", self.lead_channel.id)],
            [group],
            [f"{name}:{Report._fields[name].aggregator}" for name in measures],
        )
        return {
            key: values[0] if len(values) == 1 else tuple(values)
            for key, *values in groups
        }

    def merge(self, leads, **values):
        context = {"active_model": "crm.lead", "active_ids": leads.ids}
        Dialog = self.env["crm.merge.opportunity"].with_user(self.salesperson_all)
        with Form(Dialog.with_context(**context)) as dialog:
            for name, value in values.items():
                dialog[name] = value
        result = dialog.record.action_merge()
        return self.env["crm.lead.merge"].search(
            [("survivor_res_id", "=", result["res_id"])], limit=1
        )

    def convert(self, lead):
        lead.convert_opportunity(False)
        lead.date_conversion = CAME_IN + timedelta(days=4)
        self.env.flush_all()

    def test_leads_in_by_source(self):
        self.assertEqual(
            self.report("lead_count"),
            {self.fair: 1, self.web: 1, self.env["utm.source"]: 1},
        )

    def test_rate_and_days_of_converted_leads(self):
        self.convert(self.first)
        self.create_lead(
            type="opportunity", team_id=self.lead_channel.id, source_id=self.fair.id
        )
        self.assertEqual(
            self.report(
                "lead_count",
                "qualified_count",
                "converted_count",
                "conversion_rate",
                "days_to_opportunity",
            )[self.fair],
            (1, 1, 1, 100.0, 4.0),
        )
        rates = self.report("conversion_rate", group="team_id")
        self.assertAlmostEqual(rates[self.lead_channel], 100 / 3)

    def test_lost_ones(self):
        self.second.action_set_lost()
        self.env.flush_all()
        outcomes = self.report("lost_count", group="outcome")
        self.assertEqual(outcomes, {"waiting": 0, "lost": 1})

    def test_b10_a_merge_changes_neither_sources_nor_revenue(self):
        measures = ("lead_count", "expected_revenue")
        before = self.report(*measures)
        people = self.report("lead_count", group="user_id")
        for revenue in ("survivor", "highest", "sum"):
            with self.subTest(revenue=revenue):
                merge = self.merge(self.leads, revenue=revenue)
                self.assertEqual(self.report(*measures), before)
                self.assertEqual(self.report("lead_count", group="user_id"), people)
                merge.action_undo()
                self.assertEqual(self.report(*measures), before)

    def test_b10_a_blank_that_was_filled_counts_as_blank(self):
        before = self.report("lead_count")
        merge = self.merge(self.blank + self.second, survivor_id=self.blank)
        self.assertEqual(self.blank.source_id, self.web)
        self.assertEqual(self.report("lead_count"), before)
        self.merge(self.blank + self.first)
        self.assertEqual(self.report("lead_count"), before)
        self.assertEqual(merge.state, "done")

    def test_b10_what_is_changed_after_the_merge_counts(self):
        self.merge(self.blank + self.second, survivor_id=self.blank)
        self.blank.source_id = self.fair
        self.env.flush_all()
        self.assertEqual(self.report("lead_count"), {self.fair: 2, self.web: 1})

    def test_b10_a_lead_merged_into_an_opportunity_is_qualified(self):
        self.convert(self.first)
        self.merge(self.first + self.second)
        self.assertEqual(
            self.report("qualified_count", "converted_count", "merged_count"),
            {
                self.fair: (1, 1, 0),
                self.web: (1, 0, 1),
                self.env["utm.source"]: (0, 0, 0),
            },
        )

    def test_salespeople_see_their_own(self):
        seen = self.report("lead_count", user=self.salesperson)
        self.assertEqual(seen, {self.fair: 1, self.env["utm.source"]: 1})
        self.merge(self.first + self.second)
        seen = self.report("lead_count", user=self.salesperson)
        self.assertEqual(seen[self.web], 1)

    def test_companies_are_kept_apart(self):
        self.leads.write({"team_id": False, "user_id": False})
        self.first.company_id = self.other_company
        self.env.flush_all()
        Report = self.env["crm.lead.qualification.report"]
        seen = Report.with_user(self.manager).search([])
        self.assertNotIn(self.first, seen.lead_id)
        self.assertIn(self.second, seen.lead_id)

    def test_a_row_opens_what_the_record_is_today(self):
        self.merge(self.first + self.second)
        Report = self.env["crm.lead.qualification.report"].with_user(self.manager)
        row = Report.search([("name", "=", "Second")])
        self.assertEqual(row.outcome, "merged")
        self.assertEqual(row.action_open_lead()["res_id"], self.first.id)
