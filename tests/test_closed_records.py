"""A deal that was won, and what was lost: named so wherever a record is offered, never
proposed to merge into, and merged only by whoever was asked."""

from lxml import etree

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..models.common.offered import OFFERED, SHOW_OUTCOME
from .merging import MergeCase

KNOWN = {
    "contact_name": "Ann Lee",
    "email_from": "ann@lee.example.com",
    "phone": "+32 2 290 12 34",
}
ADDON = "crm_lead_qualification"


@tagged("post_install", "-at_install")
class TestClosedRecords(MergeCase):
    """A returning customer's inquiry stays one of its own (P9, B6)."""

    def setUp(self):
        super().setUp()
        self.won, self.lost, self.inquiry = self.create_leads(
            {"name": "Deal of last year", **KNOWN},
            {"name": "Lost in spring", **KNOWN},
            {"name": "New inquiry", "type": "lead", **KNOWN},
        )
        self.won.action_set_won()
        self.lost.action_set_lost()
        self.run_cron("crm_lead_match_queue_cron")

    def as_user(self, records):
        return records.with_user(self.salesperson_all)

    def open_merge_dialog(self, leads):
        Dialog = self.as_user(self.env["crm.merge.opportunity"])
        return Dialog.with_context(active_ids=leads.ids).create({})

    def open_convert_dialog(self, lead, **values):
        context = {"active_model": "crm.lead", "active_id": lead.id}
        Dialog = self.as_user(self.env["crm.lead2opportunity.partner"])
        return Dialog.with_context(**context).create({"lead_id": lead.id, **values})

    # ------------------------------------------------------------
    # Named
    # ------------------------------------------------------------

    def test_every_field_that_offers_leads_says_what_became_of_them(self):
        """Also fields that come later: read from the registry."""
        offering = [
            (name, field.name)
            for name, model in self.env.registry.items()
            for field in model._fields.values()
            if field.type == "many2one"
            and field.comodel_name == "crm.lead"
            and (
                field._module == ADDON
                and (name.startswith("crm.lead.duplicate") or model._transient)
                or name == "crm.lead.run.line"
                or field.name == "duplicate_best_id"
            )
        ]
        self.assertGreater(len(offering), 7)
        for name, field_name in offering:
            described = self.env[name].fields_get([field_name], ["context"])
            with self.subTest(f"{name}.{field_name}"):
                self.assertTrue(described[field_name]["context"].get(SHOW_OUTCOME))

    def test_names_say_won_and_lost_where_records_are_offered_only(self):
        names = self.as_user(self.won + self.lost + self.inquiry)
        self.assertEqual(
            names.with_context(**OFFERED).mapped("display_name"),
            ["Deal of last year (won)", "Lost in spring (lost)", "New inquiry"],
        )
        self.assertEqual(names[0].display_name, "Deal of last year")
        found = names.with_context(**OFFERED).name_search("Deal of last")
        self.assertEqual(found, [(self.won.id, "Deal of last year (won)")])

    def test_banner_says_that_the_best_match_is_won(self):
        (self.lost + self.inquiry).flush_recordset()
        self.lost.unlink()
        self.run_cron("crm_lead_match_queue_cron")
        [read] = self.as_user(self.inquiry).web_read(
            {"duplicate_best_id": {"fields": {"display_name": {}}, "context": OFFERED}}
        )
        name = read["duplicate_best_id"]["display_name"]
        self.assertEqual(name, "Deal of last year (won)")

    def test_dialogs_lists_and_proposals_say_so(self):
        leads = self.won + self.inquiry
        plan = self.open_merge_dialog(leads).plan
        names = [lead["name"] for lead in plan["leads"]]
        self.assertEqual(names, ["New inquiry", "Deal of last year (won)"])
        pair = self.env["crm.lead.duplicate"]._search_of(self.won)[:1]
        self.assertIn("Deal of last year (won)", self.as_user(pair).display_name)
        self.assertIn("Ann Lee (won)", self.as_user(pair.group_id).display_name)
        comparison = self.as_user(leads).action_compare()
        self.assertIn(
            "Deal of last year (won)",
            self.env["crm.lead.comparison"].browse(comparison["res_id"]).display_name,
        )
        run = self.as_user(self.env["crm.lead.run"])._create_merges([leads.ids])
        self.assertIn("Deal of last year (won)", run.line_ids.mapped("name"))

    def test_convert_dialog_says_so_of_the_record_merged_into(self):
        dialog = self.open_convert_dialog(
            self.inquiry, name="merge", survivor_id=self.won.id
        )
        self.assertIn("‘Deal of last year (won)’", dialog.outcome)

    # ------------------------------------------------------------
    # Never proposed
    # ------------------------------------------------------------

    def test_merge_dialog_proposes_the_open_record(self):
        for closed in (self.won, self.lost, self.won + self.lost):
            dialog = self.open_merge_dialog(closed + self.inquiry)
            self.assertEqual(dialog.survivor_id.id, self.inquiry.id)

    def test_merge_dialog_proposes_the_rule_among_open_ones(self):
        early, late = self.create_leads({"name": "Early"}, {"name": "Late"})
        dialog = self.open_merge_dialog(self.won + late + self.inquiry + early)
        self.assertEqual(dialog.survivor_id.id, early.id)

    def test_merge_dialog_of_closed_ones_proposes_the_rule(self):
        dialog = self.open_merge_dialog(self.won + self.lost)
        self.assertEqual(dialog.survivor_id.id, self.won.id)

    def test_convert_dialog_proposes_the_open_record(self):
        dialog = self.open_convert_dialog(self.inquiry, name="merge")
        dialog.duplicated_lead_ids = self.as_user(self.won + self.lost + self.inquiry)
        self.assertIn("‘New inquiry’", dialog.outcome)
        dialog.action_apply()
        self.assertTrue(self.inquiry.exists())
        self.assertFalse((self.won + self.lost).exists())

    def test_run_of_merges_proposes_the_open_record(self):
        group = self.won + self.inquiry
        run = self.as_user(self.env["crm.lead.run"])._create_merges([group.ids])
        into = set(run.line_ids.mapped("survivor_res_id"))
        self.assertEqual(into, {self.inquiry.id})

    def test_unattended_merges_leave_closed_records_alone(self):
        self.env["ir.config_parameter"].set_param(f"{ADDON}.merge_on_arrival", "1")
        self.inquiry.unlink()
        arrival = self.create_lead(
            name="Came in", team_id=self.lead_channel.id, **KNOWN
        )
        self.run_cron("crm_lead_match_queue_cron")
        everything = self.won + self.lost + arrival
        self.assertEqual(everything.exists(), everything)

    def test_programs_that_name_no_record_merge_by_the_rule(self):
        """Open before lost; what is won is the opportunity created first."""
        self.as_user(self.won + self.inquiry).merge_opportunity()
        self.assertTrue(self.won.exists())

    # ------------------------------------------------------------
    # Asked first
    # ------------------------------------------------------------

    def assert_asked(self, record, method, pattern):
        """The button asks, changes nothing, and does it once the answer is yes."""
        leads = self.won + self.lost + self.inquiry
        action = getattr(record, method)()
        self.assertEqual(action["tag"], f"{ADDON}.question")
        self.assertRegex(action["params"]["message"], pattern)
        self.assertEqual(leads.exists(), leads)
        params = action["params"]
        self.assertEqual(
            (params["res_model"], params["method"]), (record._name, method)
        )
        again = self.as_user(self.env[params["res_model"]]).browse(params["res_id"])
        done = getattr(again.with_context(**params["context"]), method)(force=True)
        self.assertEqual(done["tag"], f"{ADDON}.done")

    def test_merging_into_a_won_deal_asks_first(self):
        dialog = self.open_merge_dialog(self.won + self.inquiry)
        dialog.survivor_id = self.won
        self.assert_asked(
            dialog, "action_merge_and_notify", "Deal of last year.* is won"
        )
        self.assertFalse(self.inquiry.exists())

    def test_merging_into_what_is_lost_asks_first(self):
        dialog = self.open_merge_dialog(self.lost + self.inquiry)
        dialog.survivor_id = self.lost
        self.assert_asked(dialog, "action_merge_and_notify", "Lost in spring.* is lost")

    def test_merging_a_won_deal_away_asks_first(self):
        dialog = self.open_merge_dialog(self.won + self.inquiry)
        self.assert_asked(dialog, "action_merge_and_notify", "counts as won no more")
        self.assertFalse(self.won.exists())

    def test_converting_into_a_won_deal_asks_first(self):
        dialog = self.open_convert_dialog(
            self.inquiry, name="merge", survivor_id=self.won.id
        )
        dialog.duplicated_lead_ids = self.as_user(self.won + self.inquiry)
        self.assert_asked(dialog, "action_apply_and_tell", "Deal of last year.* is won")

    def test_nothing_is_asked_about_what_stays_as_it_is(self):
        more = self.create_lead(name="Lost as well", type="opportunity", **KNOWN)
        more.action_set_lost()
        for leads in (self.lost + self.inquiry, self.lost + more):
            with (
                self.subTest(leads.mapped("name")),
                self.env.cr.savepoint() as savepoint,
            ):
                action = self.open_merge_dialog(leads).action_merge_and_notify()
                self.assertEqual(action["tag"], f"{ADDON}.done")
                savepoint.rollback()

    def test_merge_into_x_means_x_for_programs(self):
        merge = self.merge(self.won + self.inquiry, survivor_id=self.won.id)
        self.assertEqual(merge.survivor_id, self.won)

    def test_lists_of_records_that_are_offered_show_it(self):
        for model, field_name in (
            ("crm.merge.opportunity", "opportunity_ids"),
            ("crm.lead2opportunity.partner", "duplicated_lead_ids"),
            ("crm.lead.duplicate.group", "lead_ids"),
        ):
            form = etree.fromstring(self.env[model].get_view(view_type="form")["arch"])
            found = form.xpath(
                f"//field[@name='{field_name}']/list/field[@name='won_status']"
            )
            self.assertEqual(len(found), 1, model)


@tagged("post_install", "-at_install")
class TestKeepSeparateInPart(MergeCase):
    """*Keep separate* says what it did, and never that it did what it did not."""

    def create_group(self, *owners):
        leads = self.env["crm.lead"]
        for number, owner in enumerate(owners):
            leads += self.create_lead(
                **KNOWN,
                name=f"Secret {number}" if owner != self.salesperson else "Mine",
                user_id=owner.id,
            )
        self.run_cron("crm_lead_match_queue_cron")
        pairs = self.env["crm.lead.duplicate"]._search_of(leads[0])
        return pairs.group_id.with_user(self.salesperson)

    def test_group_of_which_one_record_is_hidden_cannot_be_kept_separate(self):
        group = self.create_group(self.salesperson, self.salesperson_all)
        with self.assertRaisesRegex(
            UserError, "Nothing was kept separate.*Ask its own"
        ):
            group.action_keep_separate()
        pairs = self.env["crm.lead.duplicate"].search([("group_id", "=", group.id)])
        self.assertEqual(pairs.mapped("state"), ["open"])

    def test_error_does_not_name_the_hidden_record(self):
        group = self.create_group(self.salesperson, self.salesperson_all)
        with self.assertRaises(UserError) as caught:
            group.action_keep_separate()
        self.assertNotIn("Secret", str(caught.exception))

    def test_group_of_which_a_third_record_is_hidden_says_what_is_left(self):
        group = self.create_group(
            self.salesperson, self.salesperson, self.salesperson_all
        )
        action = group.action_keep_separate()
        self.assertEqual(action["params"]["type"], "warning")
        self.assertIn("may not read", action["params"]["message"])
        states = self.env["crm.lead.duplicate"].search(
            [("lead_id.email_from", "=", KNOWN["email_from"])]
        )
        self.assertEqual(sorted(states.mapped("state")), ["open", "open", "separate"])

    def test_group_whose_records_one_may_read_is_kept_separate(self):
        group = self.create_group(self.salesperson, self.salesperson)
        action = group.action_keep_separate()
        self.assertEqual(action["params"]["type"], "success")

    def test_nothing_is_no_two_records(self):
        pairs = self.env["crm.lead.duplicate"].with_user(self.salesperson)
        with self.assertRaisesRegex(UserError, "no two records"):
            pairs.action_keep_separate()
