from odoo.tests import tagged

from .merging import MergeCase


@tagged("post_install", "-at_install")
class TestMergeSurvivor(MergeCase):
    """P9, P12: which record everything goes into."""

    def test_p9_first_created_survives(self):
        leads = self.create_leads({}, {"probability": 90}, {"priority": "3"})
        for order in (leads, leads[::-1]):
            with self.env.cr.savepoint() as savepoint:
                self.assertEqual(self.merge(order).survivor_id, leads[0])
                savepoint.rollback()

    def test_p9_opportunity_comes_before_older_lead(self):
        lead, opportunity = self.create_leads({"type": "lead"}, {})
        self.assertEqual(self.merge(lead + opportunity).survivor_id, opportunity)

    def test_p9_among_leads_the_first_created(self):
        leads = self.create_leads({}, {}, type="lead")
        merge = self.merge(leads)
        self.assertEqual(merge.survivor_id, leads[0])
        self.assertEqual(merge.survivor_id.type, "lead")

    def test_p9_open_comes_before_lost(self):
        lost, opened = self.create_leads({}, {})
        lost.action_set_lost()
        merge = self.merge(lost + opened)
        self.assertEqual(merge.survivor_id, opened)
        self.assertEqual(opened.won_status, "pending")

    def test_p9_merge_into_means_that_one(self):
        leads = self.create_leads({"city": "Ghent"}, {"city": "Lyon"}, {})
        merge = self.merge(leads, survivor_id=leads[2].id)
        self.assertEqual(merge.survivor_id, leads[2])
        self.assertEqual(leads[2].city, "Ghent", "the oldest of the others fills it")

    def test_p9_one_opportunity_makes_the_result_one(self):
        lead, opportunity = self.create_leads({"type": "lead"}, {})
        merge = self.merge(lead + opportunity, survivor_id=lead.id)
        self.assertEqual(merge.survivor_id.type, "opportunity")

    def test_p9_lost_one_that_is_merged_into_opens_with_an_open_one(self):
        lost, opened = self.create_leads({}, {"date_deadline": "2025-05-05"})
        lost.action_set_lost()
        closed = lost.date_closed
        merge = self.merge(lost + opened, survivor_id=lost.id)
        self.assertTrue(lost.active)
        self.assertEqual(lost.won_status, "pending")
        self.assertFalse(lost.date_closed)
        self.assertEqual(str(lost.date_deadline), "2025-05-05")
        self.assertEqual(self.set_aside(merge)["date_closed"], [str(closed)])

    def test_p9_lost_ones_stay_lost(self):
        leads = self.create_leads({}, {})
        leads.action_set_lost()
        merge = self.merge(leads)
        self.assertEqual(merge.survivor_id, leads[0])
        self.assertEqual(leads[0].won_status, "lost")

    def test_p11_won_one_takes_part(self):
        opened, won = self.create_leads({}, {})
        won.action_set_won()
        stage = won.stage_id
        merge = self.merge(opened + won)
        self.assertEqual(merge.survivor_id, opened)
        self.assertEqual(merge.source_ids.source_res_id, won.id)
        self.assertEqual(self.set_aside(merge)["stage_id"], [stage.id])

    def test_p12_any_number(self):
        for number in (2, 6, 40):
            leads = self.create_leads(
                *({"city": f"City {one}"} for one in range(number))
            )
            merge = self.merge(leads)
            self.assertEqual(leads.exists(), leads[0])
            self.assertEqual(len(merge.source_ids), number - 1)
            self.assertEqual(len(self.set_aside(merge)["city"]), number - 1)

    def test_p12_stock_method_takes_more_than_five(self):
        leads = self.create_leads(*({} for _one in range(7)))
        survivor = leads.with_user(self.salesperson_all).merge_opportunity()
        self.assertEqual(survivor, leads[0])
        self.assertEqual(survivor.env.uid, self.salesperson_all.id)

    def test_confidence_is_stocks_order(self):
        self.env["ir.config_parameter"].set_param(
            "crm_lead_qualification.survivor", "confidence"
        )
        leads = self.create_leads({"probability": 10}, {"probability": 90}, {})
        leads[2].type = "lead"
        expected = leads._sort_by_confidence_level(reverse=True)[0]
        self.assertEqual(self.merge(leads).survivor_id, expected)
