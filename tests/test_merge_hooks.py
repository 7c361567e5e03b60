"""What another addon does in a hook of a merge comes back as well (B1)."""

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_lead_qualification.engine.plan import UNDECIDED
from odoo.addons.crm_lead_qualification.exceptions import MergeRefused

from .merging import MergeCase


@tagged("post_install", "-at_install")
class TestMergeHooks(MergeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # messages about what was changed are written once a test is over
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.tags = cls.env["crm.tag"].create([{"name": "Seen"}, {"name": "New"}])
        cls.partner = cls.env["res.partner"].create({"name": "Bystander"})

    def merge_others(self, leads):
        self.env["crm.lead.merge"].with_user(self.salesperson_all)._merge(
            leads.with_user(self.salesperson_all)
        )

    def test_b1_links_that_a_hook_adds_and_removes_come_back(self):
        leads = self.create_leads({"tag_ids": [Command.set(self.tags[0].ids)]}, {})
        category = self.env["res.partner.category"].create({"name": "C"})

        def react(survivor, _sources):
            survivor.tag_ids = [Command.unlink(self.tags[0].id)]
            survivor.tag_ids |= self.tags[1]
            self.partner.category_id = category
            category.partner_ids |= survivor.env.user.partner_id

        self.hook(react)
        self.assert_undone_exactly(leads)
        merge = self.merge(leads)
        self.assertEqual(leads[0].tag_ids, self.tags[1])
        self.undo(merge)
        self.assertEqual(leads[0].tag_ids, self.tags[0])
        self.assertFalse(self.partner.category_id)

    def test_b1_links_that_a_hook_computes_come_back(self):
        leads = self.create_leads({}, {})
        field = self.env["crm.lead"]._fields["tag_ids"]
        self.patch(
            field, "compute", lambda lead: lead.update({"tag_ids": self.tags.ids})
        )
        computed = {**self.env.registry.field_computed, field: [field]}
        self.patch(self.env.registry, "field_computed", computed)
        self.hook(lambda survivor, _sources: survivor._compute_field_value(field))
        self.assert_undone_exactly(leads)

    def test_b1_records_that_a_hook_deletes_come_back_with_all_that_points_to_them(
        self,
    ):
        campaign = self.env["utm.campaign"].create({"name": "Fair"})
        aside = self.create_lead(campaign_id=campaign.id, tag_ids=self.tags.ids)
        leads = self.create_leads({"campaign_id": campaign.id}, {})
        child = self.env["res.partner"].create(
            {"name": "Child", "parent_id": self.partner.id}
        )

        def react(survivor, _sources):
            self.tags[1].name = "Changed first"
            self.tags.unlink()
            campaign.unlink()
            self.partner.unlink()

        self.hook(react)
        self.assert_undone_exactly(leads)
        merge = self.merge(leads)
        self.assertFalse(aside.campaign_id)
        self.undo(merge)
        self.assertEqual(aside.campaign_id, campaign)
        self.assertEqual(aside.tag_ids, self.tags)
        self.assertEqual(self.tags[1].name, "New")
        self.assertEqual(child.parent_id, self.partner)

    def test_b1_a_record_that_a_hook_creates_and_deletes_stays_away(self):
        leads = self.create_leads({}, {})
        self.hook(
            lambda lead, _sources: lead.tag_ids.create({"name": "Short"}).unlink()
        )
        self.assert_undone_exactly(leads)

    def test_b1_a_merge_in_a_hook_is_undone_with_what_the_hook_does_after_it(self):
        leads = self.create_leads({}, {})
        others = self.create_leads({"city": "Ghent"}, {"phone": "+32 2 555 01 01"})

        def react(survivor, _sources):
            self.partner.name = "Before"
            others[0].city = "Lyon"
            self.merge_others(others)
            self.partner.name = "After"
            others[0].city = "Paris"
            others[0].tag_ids = self.tags

        self.hook(react)
        self.assert_undone_exactly(leads)
        merge = self.merge(leads)
        self.assertEqual(others.exists(), others[0])
        self.assertFalse(merge._get_conflicts())
        self.undo(merge)
        self.assertEqual(others.exists(), others)
        self.assertEqual(others[0].city, "Ghent")
        self.assertEqual(self.partner.name, "Bystander")
        inner = self.env["crm.lead.merge"].search([("outer_id", "=", merge.id)])
        self.assertEqual(inner.state, "undone")

    def test_b1_a_merge_in_a_hook_of_several_is_undone_with_its_own(self):
        leads = self.create_leads({}, {}, {}, {})
        others = self.create_leads({}, {})

        def react(survivor, _sources):
            if survivor.id == leads[0].id:
                self.merge_others(others)
                self.partner.name = "After"

        self.hook(react)
        user = self.salesperson_all
        merges = (
            self.env["crm.lead.merge"]
            .with_user(user)
            ._merge_groups(
                [(group.with_user(user), UNDECIDED) for group in (leads[:2], leads[2:])]
            )
        )
        self.assertEqual(self.partner.name, "After")
        self.undo(merges[1])
        self.assertEqual(others.exists(), others[0])
        self.undo(merges[0])
        self.assertEqual(others.exists(), others)
        self.assertEqual(self.partner.name, "Bystander")

    def test_b2_what_was_changed_in_an_inner_merge_since_is_asked_about(self):
        leads = self.create_leads({}, {})
        others = self.create_leads({}, {"city": "Ghent"})
        self.hook(lambda _survivor, _sources: self.merge_others(others))
        merge = self.merge(leads)
        others[0].city = "Later"
        self.env.flush_all()
        [conflict] = merge._get_conflicts()
        self.assertEqual(conflict[:3], ("crm_lead", others[0].id, "city"))
        self.undo(merge, force=True)
        self.assertEqual(others[0].city, "Later")
        self.assertEqual(others.exists(), others)

    def test_b1_an_inner_merge_is_undone_by_itself_first(self):
        leads = self.create_leads({}, {})
        others = self.create_leads({}, {})
        self.hook(lambda _survivor, _sources: self.merge_others(others))
        merge = self.merge(leads)
        self.undo(self.env["crm.lead.merge"].search([("outer_id", "=", merge.id)]))
        self.assertEqual(others.exists(), others)
        self.undo(merge)
        self.assertEqual(leads.exists(), leads)

    def test_b1_a_conversion_in_a_hook_is_undone_with_the_merge(self):
        leads = self.create_leads({}, {})
        other = self.create_lead(type="lead", partner_name="Azure", contact_name="Ann")

        def react(survivor, _sources):
            lead = other.with_user(self.salesperson_all)
            lead.env["crm.lead.conversion"]._convert_one(lead)
            self.partner.name = "After"

        self.hook(react)
        self.assert_undone_exactly(leads)
        merge = self.merge(leads)
        self.assertEqual(other.type, "opportunity")
        self.undo(merge)
        self.assertEqual(other.type, "lead")
        self.assertEqual(self.partner.name, "Bystander")

    def test_a_merge_in_a_hook_leaves_the_records_of_the_outer_one_alone(self):
        leads = self.create_leads({"name": "Office chairs"}, {})
        other = self.create_lead()
        self.hook(lambda survivor, _sources: self.merge_others(survivor + other))
        self.assert_refused(
            MergeRefused, "‘Office chairs’ is being merged", lambda: self.merge(leads)
        )
