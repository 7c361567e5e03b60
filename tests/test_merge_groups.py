from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.crm_lead_qualification.engine.plan import UNDECIDED, MergeOptions
from odoo.addons.crm_lead_qualification.models.common.extended import is_extended
from odoo.addons.crm_lead_qualification.models.journal.undoing import Undoing

from .merging import MergeCase

#: What moves, in statements of its own, and what the ORM writes on the survivor.
QUERIES_A_GROUP = 12
EXTENDED = "odoo.addons.crm_lead_qualification.models.merge.crm_lead_merge.is_extended"


@tagged("post_install", "-at_install")
class TestMergeGroups(MergeCase):
    """B3: several groups merged at once end as they would one after the other."""

    def merge_groups(self, *groups):
        merges = self.env["crm.lead.merge"].with_user(self.salesperson_all)
        merges = merges._merge_groups(
            [
                (leads.with_user(self.salesperson_all), options)
                for leads, options in groups
            ]
        )
        self.env.flush_all()
        self.env.invalidate_all()
        return merges.sudo()

    def test_b3_groups_are_merged_and_undone_each_by_itself(self):
        leads = self.create_leads({}, {"city": "Ghent"}, {}, {"city": "Lyon"})
        leads[1].message_post(body="Of Ghent")
        merges = self.merge_groups(
            (leads[:2], UNDECIDED), (leads[2:], MergeOptions(survivor_id=leads[3].id))
        )
        self.assertEqual(merges.survivor_id, leads[0] + leads[3])
        self.assertEqual(leads.exists().mapped("city"), ["Ghent", "Lyon"])
        self.undo(merges[0])
        self.assertEqual(leads.exists(), leads[:2] + leads[3])
        self.assertEqual(leads[0].city, False)
        self.assertIn("Of Ghent", str(leads[1].message_ids.mapped("body")))
        self.undo(merges[1])
        self.assertEqual(leads.exists(), leads)

    def test_b3_what_a_merge_gave_the_survivor_counts_for_the_next_one(self):
        leads = self.create_leads(
            {}, {"website": "https://a.example"}, {"city": "Ghent"}
        )
        into = MergeOptions(survivor_id=leads[0].id)
        merges = self.merge_groups(
            (leads[0] + leads[1], into), (leads[0] + leads[2], into)
        )
        self.assertEqual(leads.exists(), leads[0])
        self.assertEqual(leads[0].website, "https://a.example")
        self.assertEqual(leads[0].city, "Ghent")
        for merge in reversed(merges):
            self.undo(merge)
        self.assertEqual(leads.exists(), leads)
        self.assertEqual(leads[0].website, False)

    def test_b3_a_lead_that_points_to_one_merged_before_points_to_the_survivor(self):
        self.lead_channel.lead_properties_definition = [
            {"name": "other", "type": "many2one", "string": "O", "comodel": "crm.lead"}
        ]
        leads = self.create_leads({}, {}, {}, {})
        leads[3].lead_properties = {"other": leads[1].id}
        merges = self.merge_groups((leads[:2], UNDECIDED), (leads[2:], UNDECIDED))
        self.assertEqual(leads.exists(), leads[0] + leads[2])
        self.assertEqual(leads[2].lead_properties["other"], leads[0])
        for merge, pointed_to in ((merges[1], leads[0]), (merges[0], leads[1])):
            self.undo(merge)
            self.assertEqual(leads[3].lead_properties["other"], pointed_to)

    def test_b1_what_one_merge_does_to_leads_of_another_is_its_own(self):
        leads = self.create_leads({}, {}, {"city": "Lyon"}, {})
        Lead = self.env.registry["crm.lead"]
        original = Lead._merge_dependences

        def hook(lead, others):
            if lead.id == leads[0].id:
                leads[2].city = "Ghent"
            return original(lead, others)

        self.patch(Lead, "_merge_dependences", hook)
        merges = self.merge_groups((leads[:2], UNDECIDED), (leads[2:], UNDECIDED))
        for merge, city in ((merges[1], "Ghent"), (merges[0], "Lyon")):
            self.undo(merge)
            self.assertEqual(leads[2].city, city)

    def test_b1_what_several_merges_change_comes_back_step_by_step(self):
        leads = self.create_leads({}, {}, {}, {})
        other = self.env["res.partner"].create({"name": "Counts", "color": 0})
        Lead = self.env.registry["crm.lead"]
        original = Lead._merge_dependences

        def hook(lead, others):
            other.color += 1
            return original(lead, others)

        self.patch(Lead, "_merge_dependences", hook)
        with patch(EXTENDED, lambda *_args: False):
            merges = self.merge_groups((leads[:2], UNDECIDED), (leads[2:], UNDECIDED))
        self.assertEqual(other.color, 2)
        for merge, color in ((merges[1], 1), (merges[0], 0)):
            self.assertFalse(merge._get_conflicts())
            self.undo(merge)
            self.assertEqual(other.color, color)

    def test_b1_the_notes_of_several_merges_are_known_to_undo(self):
        leads = self.create_leads({}, {}, {}, {})
        merges = self.merge_groups((leads[:2], UNDECIDED), (leads[2:], UNDECIDED))
        for merge in merges:
            self.assertEqual(merge.note_id.res_id, merge.survivor_res_id)
            self.assertIn(merge.note_id, Undoing(merge.journal_id).find_made_messages())

    def test_b4_hooks_run_as_whoever_merges(self):
        leads = self.create_leads({}, {})
        seen = []

        def note(records, others):
            seen.extend((one.env.uid, one.env.su) for one in (records, others))

        lead_class = self.env.registry["crm.lead"]
        with patch.object(lead_class, "_merge_dependences", note):
            self.merge_groups((leads, UNDECIDED))
        self.assertEqual(seen, [(self.salesperson_all.id, False)] * 2)

    def watch_deletions(self, react=lambda leads: None):
        """Return what is deleted from now on: [lead ids, …]

        :param react: what another addon does with the leads that are deleted
        """
        Lead = self.env.registry["crm.lead"]
        original, seen = Lead.unlink, []

        def hook(leads):
            seen.append(leads.ids)
            react(leads)
            return original(leads)

        self.patch(Lead, "unlink", hook)
        return seen

    def test_b11_sources_are_deleted_together_where_nobody_else_looks(self):
        leads = self.create_leads({}, {"city": "Ghent"}, {}, {"city": "Lyon"})
        before = leads.read(["city", "partner_id", "stage_id"])
        deleted = self.watch_deletions()
        with patch(EXTENDED, lambda *_args: False):
            merges = self.merge_groups((leads[:2], UNDECIDED), (leads[2:], UNDECIDED))
        self.assertEqual(deleted, [[leads[1].id, leads[3].id]])
        for merge in merges:
            self.undo(merge)
        self.assertEqual(leads.read(["city", "partner_id", "stage_id"]), before)

    def test_b11_what_odoo_itself_does_with_a_deletion_is_known(self):
        self.assertFalse(is_extended(self.env["crm.lead"], "unlink"))

    def test_b11_sources_are_deleted_one_merge_at_a_time_where_an_addon_looks(self):
        leads = self.create_leads({}, {}, {}, {})
        deleted = self.watch_deletions()
        self.merge_groups((leads[:2], UNDECIDED), (leads[2:], UNDECIDED))
        self.assertEqual(deleted, [leads[1].ids, leads[3].ids])

    def test_b1_what_changes_with_a_deletion_comes_back_with_its_own_merge(self):
        leads = self.create_leads({}, {}, {}, {})
        other = self.env["res.partner"].create({"name": "Counts", "color": 0})

        def count(deleted):
            other.color += len(deleted)

        deleted = self.watch_deletions(count)
        with patch(EXTENDED, lambda *_args: False):
            merges = self.merge_groups((leads[:2], UNDECIDED), (leads[2:], UNDECIDED))
        both = [leads[1].id, leads[3].id]
        self.assertEqual(deleted, [both, leads[1].ids, leads[3].ids])
        self.assertEqual(other.color, 2)
        self.undo(merges[1])
        self.assertEqual(other.color, 1)
        self.undo(merges[0])
        self.assertEqual(other.color, 0)
        self.assertEqual(leads.exists(), leads)

    def test_b3_a_group_more_takes_a_few_queries(self):
        self.count_queries(2)  # fills the caches
        more = self.count_queries(12) - self.count_queries(2)
        self.assertLessEqual(more, 10 * QUERIES_A_GROUP)

    def count_queries(self, number):
        """Return how many queries it takes to merge so many groups."""
        leads = self.create_leads(*({"city": f"City {one}"} for one in range(number)))
        others = self.create_leads(*({"city": f"Town {one}"} for one in range(number)))
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.merge_groups(
            *(
                (lead + other, UNDECIDED)
                for lead, other in zip(leads, others, strict=True)
            )
        )
        return self.env.cr.sql_log_count - before
