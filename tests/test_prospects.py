"""Which leads become one where nobody looks at each pair: no chains, and nothing that
somebody keeps separate (promises B8 and B12)."""

from unittest.mock import patch

from odoo.tests import tagged

from .merging import MergeCase

ANN = {
    "contact_name": "Ann Peeters",
    "partner_name": "Zyx Chairs",
    "email_from": "ann@zyxchairs.com",
}
BOTH = {
    **ANN,
    "email_from": "ann@zyxchairs.com, apeeters@wvutables.com",
    "phone": "+32 2 290 34 90",
}
OTHER = {
    "contact_name": "A. Janssens",
    "email_from": "apeeters@wvutables.com",
    "phone": "+32 2 290 34 90",
}
EXTENDED = (
    "odoo.addons.crm_lead_qualification.models.conversion.crm_lead_conversion_prospects"
    ".is_extended"
)


@tagged("post_install", "-at_install")
class TestProspects(MergeCase):
    """Leads that resemble each other by way of a third one."""

    def compare(self):
        """Compare what has changed, as the scheduled action does."""
        self.env.flush_all()
        while taken := self.env["crm.lead.match.queue"]._take():
            self.env["crm.lead.matcher"]._compare_changed(taken)

    def create_chain(self):
        """Return a lead, one that certainly is the same, and one that certainly is the
        same as that, but clearly not as the first."""
        leads = self.create_leads(
            {"name": "First", **ANN},
            {"name": "Between", **BOTH},
            {"name": "Last", **OTHER},
            type="lead",
            team_id=False,
        )
        self.compare()
        return leads

    def find(self, leads):
        prospects = self.env["crm.lead.conversion.prospects"].with_user(self.manager)
        return prospects._find(leads.with_user(self.manager))

    def test_b12_a_bulk_conversion_makes_no_chains(self):
        first, between, last = self.create_chain()
        for leads in (first + between + last, between + first + last):
            groups = sorted(sorted(group) for group in self.find(leads))
            self.assertEqual(groups, [(first + between).ids, last.ids])

    def test_b8_what_is_kept_separate_is_not_merged_by_way_of_a_third(self):
        leads = self.create_leads(
            {"contact_name": "Ann Peeters"},
            {"contact_name": "Bob Claes"},
            {"contact_name": "Dora Maes"},
            type="lead",
            email_from="office@zyxchairs.com",
        )
        self.compare()
        self.assertEqual([set(one) for one in self.find(leads)], [set(leads.ids)])
        self.env["crm.lead.duplicate"]._keep_separate(leads[1], leads[2])
        self.assertEqual(len(self.find(leads)), 2)

    def test_p7_an_addon_that_finds_duplicates_is_asked_of_each_lead(self):
        leads = self.create_leads(
            {"contact_name": "Ann Peeters", "email_from": "ann@zyxchairs.com"},
            {"contact_name": "Zoe Quill", "email_from": "zoe@wvutables.com"},
            {"contact_name": "Zoe Quill", "email_from": "zoe@wvutables.com"},
            type="lead",
        )
        self.compare()
        with patch(EXTENDED, lambda *_args: True):
            self.assertEqual(self.find(leads), [leads[0].ids, leads[1:].ids])
            self.env["crm.lead.duplicate"]._keep_separate(leads[1], leads[2])
            self.assertEqual(len(self.find(leads)), 3)

    def assign(self):
        """Let the assignment job share the leads out to the only channel."""
        others = self.env["crm.team"].search([("id", "!=", self.lead_channel.id)])
        others.active = False
        self.env["crm.team.member"].create(
            {
                "user_id": self.salesperson.id,
                "crm_team_id": self.lead_channel.id,
                "assignment_max": 30,
            }
        )
        self.lead_channel.assignment_optout = False
        self.lead_channel._allocate_leads(creation_delta_days=0)
        self.env.flush_all()
        self.env.invalidate_all()

    def check_last_is_left(self, first, between, last):
        """Nothing of the last one went into another."""
        self.assertEqual(len((first + between).exists()), 1)
        self.assertTrue(last.exists())
        self.assertIn("Precious", last.message_ids.mapped("preview"))

    def test_p10_the_assignment_job_does_not_merge_into_what_it_deletes(self):
        """What was merged is there until the job is done, and is not found again."""
        self.env["crm.lead"].search([]).user_id = self.manager
        leads = self.create_chain()
        leads[0].priority = "3"  # the first in turn
        leads[2].message_post(body="Precious")
        self.assign()
        self.check_last_is_left(*leads)

    def test_b12_the_assignment_job_merges_nothing_into_what_it_has_merged(self):
        """Who resembles both, and was there first, takes in one of them."""
        self.env["crm.lead"].search([]).user_id = self.manager
        leads = self.create_chain()
        self.set_create_date(leads[1], "2024-12-31")
        leads[0].priority = "3"
        leads[2].message_post(body="Precious")
        self.assign()
        self.check_last_is_left(*leads)

    def test_b12_the_assignment_job_makes_no_chains(self):
        self.env["crm.lead"].search([]).user_id = self.manager
        leads = self.create_chain()
        leads[1].priority = "3"  # the one that resembles both
        leads[2].message_post(body="Precious")
        self.assign()
        self.check_last_is_left(*leads)
