from odoo.exceptions import UserError
from odoo.tests import tagged

from ..engine.plan import UNDECIDED
from .custom_fields import add_custom_fields, add_hierarchy
from .merging import MergeCase

PROPERTIES = [
    {"name": "twin", "type": "many2one", "string": "Twin", "comodel": "crm.lead"},
    {"name": "kin", "type": "many2many", "string": "Kin", "comodel": "crm.lead"},
]


@tagged("post_install", "-at_install")
class TestMergeInnerReferences(MergeCase):
    """P10, B1: leads that point to each other are merged, the result does not point to
    itself, and nothing is lost."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        to_lead = {"ttype": "many2one", "relation": "crm.lead"}
        add_custom_fields(
            cls.env,
            x_parent_id=to_lead,
            x_twin_of_company={
                **to_lead, "company_dependent": True, "on_delete": "set null",
            },
            x_kin={"ttype": "many2many", "relation": "crm.lead",
                   "relation_table": "x_kin_rel", "column1": "lead_id",
                   "column2": "kin_id"},
            x_reference={"ttype": "reference", "selection": [("crm.lead", "Lead")]},
        )  # fmt: skip
        cls.lead_channel.lead_properties_definition = PROPERTIES

    def point(self, leads, name, *places):
        """Let each of the leads point to the one of these places; None: to none."""
        for lead, place in zip(leads, places, strict=True):
            if place is not None:
                lead[name] = leads[place]
        self.env.flush_all()

    def test_p10_a_parent_among_the_merged_is_set_aside(self):
        for places in ((1, None, None), (None, 0, None), (2, 0, 1), (1, 1, 1)):
            leads = self.create_leads({}, {"name": "Chairs"}, {})
            names = leads.mapped("display_name")
            self.point(leads, "x_parent_id", *places)
            self.assert_undone_exactly(leads)
            merge = self.merge(leads)
            self.assertFalse(leads[0].x_parent_id)
            targets = {leads[place].id for place in places if place is not None}
            self.assertEqual(set(self.set_aside(merge)["x_parent_id"]), targets)
            row = merge.value_ids.filtered(lambda row: row.label == "x_parent_id")[0]
            self.assert_refused(
                UserError,
                "cannot point to itself.*Undo the merge",
                row.with_user(self.salesperson_all).action_take,
            )
            self.assertIn(row.display_value, names)

    def test_p10_the_database_may_forbid_what_points_to_itself(self):
        self.env.cr.execute(
            "ALTER TABLE crm_lead ADD CONSTRAINT no_self CHECK (x_parent_id != id)"
        )
        leads = self.create_leads({}, {}, {})
        self.point(leads, "x_parent_id", 1, 2, 0)
        self.assert_undone_exactly(leads)

    def test_p10_another_parent_fills_the_blank(self):
        leads = self.create_leads({}, {}, {"name": "Above"})
        leads[0].x_parent_id = leads[1]
        leads[1].x_parent_id = leads[2]
        self.assert_undone_exactly(leads[:2])
        merge = self.merge(leads[:2])
        self.assertEqual(leads[0].x_parent_id, leads[2])
        self.assertEqual(self.set_aside(merge)["x_parent_id"], leads[1].ids)

    def test_p10_who_points_to_a_merged_lead_points_to_the_result(self):
        leads = self.create_leads({}, {}, {})
        leads[2].x_parent_id = leads[1]
        leads[2].x_kin = leads[0] + leads[1]
        self.assert_undone_exactly(leads[:2])
        self.merge(leads[:2])
        self.assertEqual(leads[2].x_parent_id, leads[0])
        self.assertEqual(leads[2].x_kin, leads[0])

    def test_p10_what_points_to_itself_before_goes_on(self):
        leads = self.create_leads({}, {})
        leads[0].x_parent_id = leads[0]
        leads[0].x_kin = leads[0]
        self.assert_undone_exactly(leads)
        merge = self.merge(leads)
        self.assertEqual(leads[0].x_parent_id, leads[0])
        self.assertEqual(leads[0].x_kin, leads[0])
        self.assertFalse(merge.value_ids.filtered(lambda row: "x_" in row.field_name))

    def test_p10_links_among_the_merged_are_set_aside(self):
        leads = self.create_leads({}, {}, {}, {"active": False})
        leads[0].x_kin = leads[1] + leads[3]
        leads[1].x_kin = leads[0] + leads[1] + leads[2] + leads[3]
        merged = leads[0] + leads[1] + leads[3]
        self.assert_undone_exactly(merged)
        merge = self.merge(merged)
        self.assertEqual(leads[0].with_context(active_test=False).x_kin, leads[2])
        aside = self.set_aside(merge)["x_kin"]
        self.assertEqual(
            [sorted(ids) for ids in aside], [(leads[1] + leads[3]).ids, merged.ids]
        )

    def test_p10_properties_among_the_merged_are_set_aside(self):
        leads = self.create_leads({}, {}, {})
        leads[0].lead_properties = {"twin": leads[1].id, "kin": leads[1:].ids}
        leads[1].lead_properties = {"twin": leads[0].id, "kin": leads[:2].ids}
        leads[2].lead_properties = {"twin": leads[1].id}
        self.assert_undone_exactly(leads[:2])
        merge = self.merge(leads[:2])
        self.assertEqual(leads[0].lead_properties._values, {"kin": leads[2].ids})
        self.assertEqual(leads[2].lead_properties._values, {"twin": leads[0].id})
        aside = self.set_aside(merge)
        self.assertEqual(aside["lead_properties.twin"], [leads[1].id, leads[0].id])
        self.assertIn(leads[1].ids, aside["lead_properties.kin"])

    def test_p10_references_of_other_kinds_among_the_merged_are_set_aside(self):
        leads = self.create_leads({}, {"name": "Chairs"})
        leads[0].x_reference = f"crm.lead,{leads[1].id}"
        leads[1].x_twin_of_company = leads[0]
        self.assert_undone_exactly(leads)
        merge = self.merge(leads)
        self.assertFalse(leads[0].x_reference)
        self.assertFalse(leads[0].x_twin_of_company)
        aside = self.set_aside(merge)
        self.assertEqual(aside["x_reference"], [f"crm.lead,{leads[1].id}"])
        self.assertEqual(
            aside["x_twin_of_company"], [{str(self.company.id): leads[0].id}]
        )

    def test_p10_the_dialog_says_that_it_stays_blank(self):
        leads = self.create_leads({}, {"name": "Chairs"})
        leads[0].x_parent_id = leads[1]
        leads[0].x_kin = leads[1]
        leads = leads.with_user(self.salesperson_all)
        Merge = leads.env["crm.lead.merge"]
        plan = Merge._plan(leads)
        described = leads.env["crm.lead.merge.preview"]._describe(plan)
        rows = {row["field"]: row for row in described["rows"]}
        self.assertEqual(rows["x_parent_id"]["cells"], ["Chairs", ""])
        self.assertEqual(rows["x_parent_id"]["kept"], "")
        self.assertEqual(rows["x_kin"]["cells"], ["Chairs", ""])
        self.assertEqual(rows["x_kin"]["kept"], "")
        self.merge(leads)
        self.assertFalse(leads[0].x_kin)

    def test_p10_several_groups_at_once(self):
        leads = self.create_leads({}, {}, {}, {})
        self.point(leads, "x_parent_id", 1, 2, 3, 0)
        leads[0].x_kin = leads[1:]

        def there_and_back():
            merging = leads.with_user(self.salesperson_all)
            merges = merging.env["crm.lead.merge"]._merge_groups(
                [(merging[:2], UNDECIDED), (merging[2:], UNDECIDED)]
            )
            self.assertEqual(leads[0].x_parent_id, leads[2])
            self.assertEqual(leads[2].x_parent_id, leads[0])
            for merge in reversed(merges.sudo()):
                self.undo(merge)

        self.assert_database_unchanged(there_and_back)


@tagged("post_install", "-at_install")
class TestMergeHierarchy(MergeCase):
    """P10, B1: leads above and below each other, as another addon has them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        add_hierarchy(cls)

    def create_tree(self, *parents):
        """Create leads below each other: for each the place of its parent, or None."""
        leads = self.create_leads(*({} for _parent in parents))
        for lead, parent in zip(leads, parents, strict=True):
            lead.x_parent_id = leads[parent] if parent is not None else False
        self.env.flush_all()
        self.assert_paths(leads)
        return leads

    def assert_paths(self, leads):
        for lead in leads.exists():
            path = f"{lead.id}/"
            above = lead
            while above := above.x_parent_id:
                path = f"{above.id}/{path}"
            self.assertEqual(lead.parent_path, path)

    def test_p10_paths_are_true_after_merge_and_undo(self):
        for parents, merged in (
            ((None, None, 1, 2), (0, 1)),  # below the source
            ((None, 0, 1, 2), (0, 1)),  # the source below the survivor
            ((1, None, 0, 1), (0, 1)),  # the survivor below the source
            ((None, None, 0, 1, 3), (2, 3)),
        ):
            leads = self.create_tree(*parents)
            merging = self.env["crm.lead"].union(*(leads[one] for one in merged))
            self.assert_undone_exactly(merging)
            merge = self.merge(merging)
            self.assert_paths(leads)
            self.undo(merge)
            self.assert_paths(leads)
            self.assertEqual(
                [lead.x_parent_id for lead in leads],
                [leads[one] if one is not None else leads.browse() for one in parents],
            )

    def test_p10_paths_are_true_after_what_is_below_has_moved_on(self):
        leads = self.create_tree(None, None, 1, 2, None)
        merge = self.merge(leads[:2])
        leads[2].x_parent_id = leads[4]
        self.undo(merge, force=True)
        self.assertEqual(leads[2].x_parent_id, leads[4], "changed since")
        self.assert_paths(leads)

    def test_p10_the_result_is_not_below_itself(self):
        """Neither by one step nor by several."""
        leads = self.create_tree(None, None, 1, 2)
        leads[0].x_parent_id = leads[3]
        self.env.flush_all()
        self.assert_undone_exactly(leads[:2])
        merge = self.merge(leads[:2])
        self.assertFalse(leads[0].x_parent_id)
        self.assertEqual(self.set_aside(merge)["x_parent_id"], leads[3].ids)
        self.assertEqual(leads[2].x_parent_id, leads[0])
        self.assert_paths(leads)
