from odoo.tests import tagged

from .merging import MergeCase


@tagged("post_install", "-at_install")
class TestOldIds(MergeCase):
    """B5: `resolve` says over RPC where merged-away leads are now."""

    def resolve(self, ids, user=None):
        Merge = self.env["crm.lead.merge"].with_user(user or self.salesperson_all)
        return {int(lead_id): now for lead_id, now in Merge.resolve(ids).items()}

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

    def test_b5_merges_in_a_circle_end(self):
        one, other = self.create_leads({}, {})
        leads = (one + other).with_user(self.salesperson_all)
        leads.merge_opportunity(auto_unlink=False)
        one.action_set_lost()  # so that the other one is what is merged into
        leads.merge_opportunity(auto_unlink=False)
        self.env.flush_all()
        self.env.cr.execute("SET LOCAL statement_timeout = '5s'")
        merges = self.env["crm.lead.merge"].search([("survivor_id", "in", leads.ids)])
        self.assertEqual(merges.mapped("survivor_res_id"), [other.id, one.id])
        self.assertEqual(self.resolve(leads.ids), {one: one for one in leads.ids})

    def test_b5_a_lead_that_was_left_and_merged_again_is_where_it_went_last(self):
        one, other, left = self.create_leads({}, {}, {})
        (one + left).with_user(self.salesperson_all).merge_opportunity(
            auto_unlink=False
        )
        self.assertEqual(self.resolve(left.ids), {left.id: left.id})
        self.merge(other + left)
        self.assertEqual(self.resolve(left.ids), {left.id: other.id})

    def test_b5_asking_reads_few_of_many_merges(self):
        leads = self.create_leads({}, {})
        self.merge(leads)
        self.env.cr.execute(
            """
            WITH journal AS (
                INSERT INTO crm_lead_journal (state)
                SELECT 'done' FROM generate_series(1, 3000) RETURNING id
            ), made AS (
                INSERT INTO crm_lead_merge (journal_id, name, survivor_res_id)
                SELECT id, 'Survivor', 1e9 + id FROM journal
                RETURNING id, survivor_res_id
            )
            INSERT INTO crm_lead_merge_source (merge_id, source_res_id)
            SELECT id, survivor_res_id + 5000 FROM made
            """
        )
        self.env.cr.execute(
            "ANALYZE crm_lead_journal, crm_lead_merge, crm_lead_merge_source"
        )
        before = self.count_rows_read()
        self.assertEqual(self.resolve(leads.ids), dict.fromkeys(leads.ids, leads[0].id))
        self.assertLess(self.count_rows_read() - before, 100)

    def count_rows_read(self):
        """Return how many rows of merges this transaction has read."""
        self.env.cr.execute(
            """SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))
                 FROM pg_stat_xact_user_tables
                WHERE relname IN ('crm_lead_merge', 'crm_lead_merge_source')"""
        )
        return self.env.cr.fetchone()[0]
