from odoo.tests import tagged

from .merging import MergeCase


@tagged("post_install", "-at_install")
class TestOldIds(MergeCase):
    """B5: `resolve` says over RPC where merged-away leads are now."""

    def resolve(self, ids, user=None):
        Merge = self.env["crm.lead.merge"].with_user(user or self.salesperson_all)
        return Merge.resolve(ids)

    def test_b5_merged_lead_is_the_survivor(self):
        leads = self.create_leads({}, {}, {})
        self.merge(leads)
        self.assertEqual(self.resolve(leads.ids), dict.fromkeys(leads.ids, leads[0].id))

    def test_b5_chains_of_any_length(self):
        leads = self.create_leads(*({} for _one in range(6)))
        for number in range(5, 0, -1):
            self.merge(leads[number - 1] + leads[number])
        self.assertEqual(self.resolve(leads.ids), dict.fromkeys(leads.ids, leads[0].id))

    def test_b5_undone_merges_do_not_count(self):
        leads = self.create_leads({}, {})
        self.undo(self.merge(leads))
        self.assertEqual(self.resolve(leads.ids), {one: one for one in leads.ids})

    def test_b5_merged_the_other_way_round_after_undo(self):
        leads = self.create_leads({}, {})
        self.undo(self.merge(leads))
        self.merge(leads, survivor_id=leads[1].id)
        self.assertEqual(self.resolve(leads.ids), dict.fromkeys(leads.ids, leads[1].id))

    def test_b5_what_the_user_may_not_read_is_not_told(self):
        leads = self.create_leads({}, {}, user_id=self.manager.id)
        self.merge(leads)
        self.assertEqual(
            self.resolve(leads.ids, self.salesperson), dict.fromkeys(leads.ids, False)
        )

    def test_b5_id_that_never_was(self):
        self.assertEqual(self.resolve([]), {})
        self.assertEqual(self.resolve([2**31 - 1]), {2**31 - 1: False})
