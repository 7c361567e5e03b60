import re

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.crm_lead_qualification.engine.plan import MergeOptions
from odoo.addons.crm_lead_qualification.exceptions import (
    MergeRefused,
    NotAnId,
    PlanOutdated,
    UnknownReference,
)

from .merging import MergeCase


@tagged("post_install", "-at_install")
class TestMergeErrors(MergeCase):
    """What cannot be merged is refused by name, and leaves everything as it was."""

    def test_one_record(self):
        leads = self.create_leads({})
        for few in (leads, leads.browse()):
            self.assert_refused(
                MergeRefused, "at least two", lambda few=few: self.merge(few)
            )
            with self.assertRaisesRegex(UserError, "at least two|more than one"):
                few.with_user(self.salesperson_all).merge_opportunity()

    def test_salesperson_who_cannot_be_chosen(self):
        leads = self.create_leads({}, {})
        archived = self.create_user("gone", "sales_team.group_sale_salesman")
        archived.active = False
        merging = leads.with_user(self.salesperson_all)
        for user_id in (archived.id, self.portal_user.id, 2**30):
            self.assert_refused(
                MergeRefused,
                "Choose another salesperson",
                lambda user_id=user_id: merging.merge_opportunity(user_id=user_id),
            )
        self.assert_refused(
            MergeRefused,
            "Choose another",
            lambda: merging.merge_opportunity(team_id=2**30),
        )
        leads[1].user_id = archived
        self.assertEqual(
            merging.merge_opportunity(user_id=archived.id).user_id, archived
        )

    def test_what_is_no_id_is_refused_by_name(self):
        merging = self.create_leads({}, {}).with_user(self.salesperson_all)
        for name in ("user_id", "team_id"):
            for value in ("abc", [1], 2.5, True, merging):
                self.assert_refused(
                    NotAnId,
                    re.escape(f"‘{value}’ is not the id of one"),
                    lambda values={name: value}: merging.merge_opportunity(**values),
                )

    def test_no_permission_names_the_record(self):
        leads = self.create_leads({}, {"name": "Not yours"})
        leads[0].user_id = self.salesperson
        leads[1].user_id = self.manager
        self.assert_refused(
            AccessError, ".", lambda: self.merge(leads, self.salesperson)
        )

    def test_record_that_may_be_read_but_not_changed(self):
        self.env["ir.rule"].create(
            {"name": "No writing", "model_id": self.env["ir.model"]._get_id("crm.lead"),
             "domain_force": "[('name', '!=', 'Sealed')]", "perm_read": False,
             "perm_create": False, "perm_unlink": False}
        )  # fmt: skip
        leads = self.create_leads({}, {"name": "Sealed"})
        self.assert_refused(
            AccessError, "‘Sealed’.*ask its salesperson", lambda: self.merge(leads)
        )

    def test_two_companies(self):
        leads = self.create_leads(
            {"company_id": self.company.id},
            {"company_id": self.other_company.id, "name": "Elsewhere"},
            team_id=False,
        )
        self.manager.company_ids = [Command.link(self.other_company.id)]
        merging = leads.with_context(
            allowed_company_ids=[self.company.id, self.other_company.id]
        )
        self.assert_refused(
            MergeRefused,
            "‘Elsewhere’ belongs to Second Company",
            lambda: self.merge(merging, self.manager),
        )

    def test_in_the_second_company(self):
        leads = self.create_leads(
            {}, {"city": "Lyon"}, company_id=self.other_company.id, team_id=False
        )
        merge = self.merge(leads, self.other_salesperson)
        self.assertEqual(leads[0].city, "Lyon")
        self.undo(merge, self.other_salesperson)
        self.assertEqual(leads.exists(), leads)

    def test_record_of_another_company_stays_out_of_sight(self):
        leads = self.create_leads({}, {"company_id": self.other_company.id})
        self.assert_refused(AccessError, ".", lambda: self.merge(leads))

    def test_merged_record_in_the_selection(self):
        leads = self.create_leads({}, {"name": "Gone in"}, {})
        self.merge(leads[:2])
        self.assert_refused(
            MergeRefused,
            f"‘Gone in’ was merged by qualify_all.*number {leads[0].id}",
            lambda: self.merge(leads[1:]),
        )

    def test_deleted_record_in_the_selection(self):
        leads = self.create_leads({}, {})
        gone_id = leads[1].id
        leads[1].unlink()
        self.assert_refused(
            MergeRefused, f"number {gone_id}.*deleted", lambda: self.merge(leads)
        )

    def test_outdated_plan(self):
        leads = self.create_leads({}, {"city": "Lyon"})
        merging = leads.with_user(self.salesperson_all)
        Merge = merging.env["crm.lead.merge"]
        options = MergeOptions()
        shown = Merge._plan(merging, options).fingerprint
        leads[1].city = "Paris"
        self.assert_refused(
            PlanOutdated, "City", lambda: Merge._apply_shown(merging, options, shown)
        )
        shown = Merge._plan(merging, options).fingerprint
        Merge._apply_shown(merging, options, shown)
        self.assertEqual(leads[0].city, "Paris")

    def test_plan_is_the_same_when_nothing_changed(self):
        leads = self.create_leads({}, {"city": "Lyon"})
        merging = leads.with_user(self.salesperson_all)
        plan = merging.env["crm.lead.merge"]._plan
        self.assertEqual(plan(merging).fingerprint, plan(merging[::-1]).fingerprint)

    def test_b4_unknown_foreign_key(self):
        leads = self.create_leads({}, {})
        # SQL: what a removed module, or another program, may have left behind
        self.env.cr.execute(
            "CREATE TABLE left_behind (lead_id int REFERENCES crm_lead (id))"
        )
        self.env.cr.execute("INSERT INTO left_behind VALUES (%s)", [leads[1].id])
        self.assert_refused(
            UnknownReference, "lead_id of the table left_behind",
            lambda: self.merge(leads),
        )  # fmt: skip
        self.env.cr.execute("DELETE FROM left_behind")
        self.assertTrue(self.merge(leads))

    def test_b4_reference_that_cannot_be_moved(self):
        self.env["ir.model"].create({"name": "Trial", "model": "x_one_a_lead"})
        self.env["ir.model.fields"].create(
            {"model_id": self.env["ir.model"]._get_id("x_one_a_lead"),
             "name": "x_lead_id", "ttype": "many2one", "relation": "crm.lead",
             "field_description": "Lead"}
        )  # fmt: skip
        self.addCleanup(self.registry._setup_models__, self.cr)
        leads = self.create_leads({"name": "Chairs"}, {})
        # SQL: as the unique constraint of a module
        self.env.cr.execute(
            "CREATE UNIQUE INDEX one_a_lead ON x_one_a_lead (x_lead_id)"
        )
        rows = self.env["x_one_a_lead"].create([{"x_lead_id": one.id} for one in leads])
        with mute_logger("odoo.sql_db"):
            self.assert_refused(
                MergeRefused,
                "‘Chairs’.*table x_one_a_lead.*one_a_lead",
                lambda: self.merge(leads),
            )
        rows[1].unlink()
        self.merge(leads)
        self.assertEqual(rows[0].x_lead_id, leads[0])

    def test_foreign_error_leaves_everything_as_it_was(self):
        leads = self.create_leads({}, {"email_from": "ann@example.com"})

        def fail(self, opportunities):
            raise IntegrityError("from another addon")

        self.patch(type(self.env["crm.lead"]), "_merge_dependences", fail)
        self.assert_refused(IntegrityError, "another", lambda: self.merge(leads))
