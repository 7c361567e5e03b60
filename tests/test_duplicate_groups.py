"""Groups of duplicates stay the records they are while their leads change."""

from unittest.mock import patch

from odoo.tests import tagged

from ..models.duplicate.grouping import Grouping
from .test_duplicates import ANN, DuplicatesCase

BOB = {"contact_name": "Bob Roy", "email_from": "bob.roy@quill.net"}


@tagged("post_install", "-at_install")
class TestDuplicateGroups(DuplicatesCase):
    """P8: somebody may be looking at a group when others change its leads."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one, cls.two = cls.create_lead(**ANN), cls.create_lead(**ANN)
        cls.compare()

    def setUp(self):
        super().setUp()
        self.group = self.pairs(self.one, self.two).group_id
        self.assertEqual(self.group.lead_count, 2)

    def scan(self):
        self.env["crm.lead.scan"]._start()._run()

    def assertGroup(self, *leads):
        """The group is still the record that it was, and has these leads."""
        self.assertTrue(self.group.exists())
        self.assertEqual(self.pairs(*leads).group_id, self.group)
        self.assertEqual(self.group.lead_count, len(leads))
        self.assertEqual(set(self.group.lead_ids.ids), {lead.id for lead in leads})

    def test_p8_a_scan_keeps_groups(self):
        self.scan()
        self.assertGroup(self.one, self.two)

    def test_p8_a_scan_writes_nothing_where_nothing_has_changed(self):
        with patch.object(Grouping, "_move_pairs") as move:
            self.scan()
        move.assert_called_once_with({})

    def test_p8_a_group_grows_and_shrinks(self):
        third = self.create_lead(**ANN)
        self.compare()
        self.assertGroup(self.one, self.two, third)
        pairs = self.pairs(third, self.one) | self.pairs(third, self.two)
        pairs.action_keep_separate()
        self.assertGroup(self.one, self.two)

    def test_p8_what_a_group_says_follows_its_leads(self):
        score = self.group.score
        (self.one + self.two).phone = "+32 2 290 34 90"
        self.compare()
        self.assertGroup(self.one, self.two)
        self.assertGreater(self.group.score, score)
        self.assertIn("phone", self.group.shared)

    def test_p8_of_two_groups_that_become_one_the_other_goes(self):
        bobs = self.create_lead(**BOB) + self.create_lead(**BOB)
        self.compare()
        other = self.pairs(*bobs).group_id
        bobs.write(ANN)
        self.compare()
        left = self.pairs(self.one, self.two, *bobs).group_id
        self.assertEqual(left, (self.group + other).exists())
        self.assertEqual(left.lead_count, 4)

    def test_p8_a_group_that_falls_apart_goes(self):
        self.two.write(BOB)
        self.compare()
        self.assertFalse(self.group.exists())

    def test_p8_a_group_that_was_decided_goes(self):
        self.pairs(self.one, self.two).action_keep_separate()
        self.assertFalse(self.group.exists())

    def test_p8_a_group_that_was_merged_goes(self):
        merge = self.env["crm.lead.merge"]._merge(self.one + self.two)
        self.assertFalse(self.group.exists())
        merge.action_undo(force=True)
        self.compare()
        self.assertEqual(self.pairs(self.one, self.two).group_id.lead_count, 2)

    def test_b2_undo_asks_nothing_about_a_group_that_went_with_the_merge(self):
        merge = self.env["crm.lead.merge"]._merge(self.one + self.two)
        self.assertFalse(self.group.exists())
        action = merge.action_undo()
        self.assertEqual(action["tag"], "crm_lead_qualification.undone", action)

    def test_p8_a_group_of_which_a_part_is_merged_says_at_once_what_is_left(self):
        third = self.create_lead(**ANN, phone="+32 2 290 34 90")
        self.one.phone = third.phone
        self.compare()
        score = self.group.score
        merge = self.env["crm.lead.merge"]._merge(self.one + third)
        self.assertGroup(self.one, self.two)
        self.assertLess(self.group.score, score)
        merge.action_undo(force=True)
        self.assertGroup(self.one, self.two, third)
        self.assertEqual(self.group.score, score)

    def test_p8_a_group_whose_lead_is_deleted_goes(self):
        self.two.unlink()
        self.compare()
        self.assertFalse(self.group.exists())

    def test_p8_a_group_that_loses_a_lead_says_so(self):
        third = self.create_lead(**ANN)
        self.compare()
        third.unlink()
        self.compare()
        self.assertGroup(self.one, self.two)

    def test_p8_a_scan_clears_groups_that_were_left_empty(self):
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM crm_lead WHERE id = %s", [self.two.id])
        self.env.invalidate_all()
        self.scan()
        self.assertFalse(self.group.exists())
