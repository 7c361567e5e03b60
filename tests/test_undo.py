from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.crm_lead_qualification.exceptions import UndoRefused

from .merging import MergeCase


@tagged("post_install", "-at_install")
class TestUndo(MergeCase):
    """B1: undo brings everything back, under the same ids, row for row."""

    def test_b1_every_row_is_as_it_was(self):
        leads = self.create_leads(
            {"city": "Ghent"}, {"city": "Lyon", "priority": "3"}, {}
        )
        leads[1].message_post(body="Hello")
        self.assert_undone_exactly(leads)

    def test_b1_what_a_hook_writes_after_a_savepoint_comes_back(self):
        """A savepoint that has something to flush is no end of the memory."""
        customer = self.create_customer(name="Before", comment=False)
        leads = self.create_leads({"partner_id": customer.id}, {})
        original = type(leads)._merge_dependences

        def hook(lead, *args):
            result = original(lead, *args)
            known = customer.with_env(lead.sudo().env)
            known.message_post(body="Merged")
            with lead.env.cr.savepoint():
                known.flush_recordset()
            known.comment = "Written by a hook"
            return result

        self.patch(type(leads), "_merge_dependences", hook)
        merge = self.merge(leads)
        self.assertIn("Written by a hook", str(customer.comment))
        self.undo(merge)
        self.assertFalse(customer.comment)

    def test_b1_scoring_is_as_it_was(self):
        for states in (("lost", "open"), ("open", "lost"), ("won", "open")):
            leads = self.create_leads(
                {"state_id": self.env.ref("base.state_us_1").id}, {}
            )
            for lead, state in zip(leads, states, strict=True):
                if state == "lost":
                    lead.action_set_lost()
                if state == "won":
                    lead.action_set_won()
            self.assert_undone_exactly(leads, survivor_id=leads[0].id)

    def test_b1_scoring_of_others_goes_on_counting(self):
        leads = self.create_leads({}, {}, {})
        leads[0].action_set_lost()
        counts = self._get_counts()
        merge = self.merge(leads[:2], survivor_id=leads[0].id)
        leads[2].action_set_lost()
        self.undo(merge)
        leads[2].toggle_active()
        self.assertEqual(self._get_counts(), counts)

    def _get_counts(self):
        rows = self.env["crm.lead.scoring.frequency"].search([])
        self.env.flush_all()
        return {
            (row.variable, row.value, row.team_id.id): (row.won_count, row.lost_count)
            for row in rows
            if (row.won_count, row.lost_count) != (0.1, 0.1)
        }

    def test_b1_merge_of_merges(self):
        leads = self.create_leads({"city": "A"}, {"city": "B"}, {"city": "C"}, {})

        def there_and_back():
            first = self.merge(leads[2:])
            second = self.merge(leads[:2])
            third = self.merge(leads[0] + leads[2])
            for merge in (third, first, second):
                self.undo(merge)

        self.assert_database_unchanged(there_and_back)

    def test_b1_order_that_makes_no_sense_names_the_one_to_undo_first(self):
        leads = self.create_leads({}, {}, {})
        first = self.merge(leads[1:])
        second = self.merge(leads[:2])
        self.assert_refused(
            UndoRefused, f"number {second.id} in", lambda: self.undo(first)
        )

    def test_b1_same_survivor_twice_is_undone_latest_first(self):
        leads = self.create_leads({}, {}, {})
        first = self.merge(leads[:2])
        second = self.merge(leads[0] + leads[2])
        self.assert_refused(
            UndoRefused, f"number {second.id} in", lambda: self.undo(first)
        )
        self.undo(second)
        self.undo(first)
        self.assertEqual(leads.exists(), leads)

    def test_b1_undone_twice(self):
        merge = self.merge(self.create_leads({}, {}))
        self.undo(merge)
        self.assert_refused(UndoRefused, "undone already", lambda: self.undo(merge))

    def test_b1_sources_deleted_by_the_caller_come_back(self):
        leads = self.create_leads({"city": "Ghent"}, {"city": "Lyon"})

        def there_and_back():
            merging = leads.with_user(self.salesperson_all)
            merging._merge_opportunity(auto_unlink=False)
            self.assertEqual(leads.exists(), leads)
            leads[1].unlink()
            self.undo(self.env["crm.lead.merge"].search([], limit=1))

        self.assert_database_unchanged(there_and_back)

    def test_b1_sources_the_caller_did_not_delete_stay(self):
        leads = self.create_leads({}, {"city": "Lyon"})
        message = leads[1].message_post(body="Hello")
        leads.with_user(self.salesperson_all)._merge_opportunity(auto_unlink=False)
        self.assertEqual(message.res_id, leads[0].id)
        self.undo(self.env["crm.lead.merge"].search([], limit=1))
        self.assertEqual(message.res_id, leads[1].id)
        self.assertEqual((leads[0].city, leads[1].city), (False, "Lyon"))

    def test_b1_many_related_records(self):
        leads = self.create_leads({}, {})
        self.env["mail.message"].create(
            [
                {"model": "crm.lead", "res_id": leads[1].id, "body": str(number)}
                for number in range(500)
            ]
        )
        self.assert_undone_exactly(leads)

    def test_b1_value_that_was_taken_goes_back(self):
        leads = self.create_leads({"city": "Ghent"}, {"city": "Lyon"})

        def there_and_back():
            merge = self.merge(leads)
            row = merge.value_ids.filtered(lambda one: one.field_name == "city")
            row.with_user(self.salesperson_all).action_take()
            self.undo(merge)

        self.assert_database_unchanged(there_and_back)

    def test_b1_undo_needs_the_right_to_change_the_leads(self):
        leads = self.create_leads({}, {}, user_id=self.manager.id)
        merge = self.merge(leads)
        self.assert_refused(
            AccessError, ".", lambda: self.undo(merge, self.salesperson)
        )

    def test_b1_journal_cannot_be_written_by_anyone(self):
        merge = self.merge(self.create_leads({"city": "Ghent"}, {"city": "Lyon"}))
        for user in (self.salesperson_all, self.manager, self.administrator):
            for records in (merge, merge.source_ids, merge.value_ids, merge.line_ids):
                own = records.with_user(user)
                self.assert_refused(
                    AccessError, ".", lambda own=own: own.write({"merge_id": False})
                )
                self.assert_refused(AccessError, ".", own.unlink)
