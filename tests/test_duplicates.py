import gc
from unittest.mock import patch

from psycopg2 import OperationalError

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..engine.matching import blocking
from ..models.duplicate import crm_lead_scan
from ..models.merge.arrivals import MERGE_ON_ARRIVAL
from .common import LeadQualificationCase

ANN = {"contact_name": "Ann Lee", "email_from": "ann.lee@acme.com"}


class DuplicatesCase(LeadQualificationCase):
    """Leads of a salesperson and of a colleague, and a detector that is up to date."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls.create_user(
            "qualify_colleague", "sales_team.group_sale_salesman"
        )
        # an upgrade of this database may have started one
        cls.env["crm.lead.scan"].search([("state", "!=", "done")]).unlink()
        cls.compare()

    @classmethod
    def create_lead(cls, **values):
        return super().create_lead(**{"user_id": cls.salesperson.id, **values})

    @classmethod
    def compare(cls):
        """Do what the scheduled action does every minute."""
        cls.env.flush_all()
        queue = cls.env["crm.lead.match.queue"]
        while taken := queue._take():
            cls.env["crm.lead.matcher"]._compare_changed(taken)

    def pairs(self, *leads, state=None):
        ids = [lead.id for lead in leads]
        domain = [("lead_id", "in", ids), ("other_lead_id", "in", ids)]
        pairs = self.env["crm.lead.duplicate"].search(domain)
        return pairs.filtered(lambda pair: pair.state == state) if state else pairs

    def groups(self, *leads):
        groups = self.pairs(*leads).group_id
        return {tuple(group.lead_ids.ids) for group in groups}


@tagged("post_install", "-at_install")
class TestDetector(DuplicatesCase):
    """One detector behind the form, the dialogs, the jobs and the scan."""

    def test_b7_form_names_the_best_match_at_once(self):
        one, two = self.create_lead(**ANN), self.create_lead(**ANN)
        own = one.with_user(self.salesperson)
        self.assertEqual(own.duplicate_best_id, two)
        self.assertEqual(own.duplicate_best_certainty, "certain")
        self.assertIn("Same e-mail address", own.duplicate_best_reasons)
        self.assertEqual(own.duplicate_lead_count, 1)

    def test_b7_what_is_stored_is_what_is_found_at_once(self):
        """Once everything was compared nothing is compared again; what changes since,
        a decision, and what the settings say all count at once."""
        one, two = self.create_lead(**ANN), self.create_lead(**ANN)
        other = self.create_lead(contact_name="Bob Roy", email_from="bob@roy.org")
        leads = (one + two + other).with_user(self.salesperson)
        names = [name for name in leads._fields if name.startswith("duplicate_")]

        def read():
            self.env.invalidate_all()
            return [{name: lead[name] for name in names} for lead in leads]

        at_once = read()
        self.compare()
        matcher = self.env.registry["crm.lead.matcher"]
        with patch.object(matcher, "_match") as match:
            self.assertEqual(read(), at_once)
            one.action_keep_duplicate_separate()
            self.assertEqual([each["duplicate_lead_count"] for each in read()], [0] * 3)
            self.pairs(one, two).action_ask_again()
            self.assertEqual(read(), at_once)
        match.assert_not_called()
        other.email_from = ANN["email_from"]
        self.assertEqual([each["duplicate_lead_count"] for each in read()], [2] * 3)
        two.contact_name = two.email_from = False
        self.assertEqual([each["duplicate_lead_count"] for each in read()], [1, 0, 1])

    def test_b8_a_banner_that_has_become_old_says_so(self):
        one, two = self.create_lead(**ANN), self.create_lead(**ANN)
        lead = one.with_user(self.salesperson)
        self.assertTrue(lead.duplicate_best_id)
        two.unlink()
        self.env.invalidate_all()
        for action in (
            lead.action_keep_duplicate_separate,
            lead.action_merge_duplicate,
            lead.action_compare_duplicate,
        ):
            with self.assertRaisesRegex(UserError, "any more. Reload"):
                action()

    def test_b7_other_settings_have_all_leads_compared_again(self):
        one, two = self.create_lead(**ANN), self.create_lead(**ANN)
        self.compare()
        waiting = self.env["crm.lead.match.queue"]._get_waiting
        self.env["res.config.settings"].create({}).execute()
        self.assertFalse(waiting(limit=1) is None, "nothing was changed")
        settings = self.env["res.config.settings"].create(
            {"duplicate_compare_email": False, "duplicate_compare_person": False}
        )
        settings.execute()
        self.assertTrue(waiting(limit=1) is None, "all leads are")
        self.assertFalse(one.duplicate_lead_count, "compared at once by what counts")
        self.env["crm.lead.scan"].search([], limit=1)._run()
        self.assertFalse(waiting(limit=1) is None)
        self.assertFalse(self.pairs(one, two))

    def test_b7_a_scan_keeps_what_is_found_while_it_runs(self):
        scan = self.env["crm.lead.scan"]._start()
        while scan.state != "compare":
            scan._step()
        one, two = self.create_lead(**ANN), self.create_lead(**ANN)
        self.compare()
        scan._run()
        self.assertTrue(self.pairs(one, two))
        two.email_from = two.contact_name = False
        self.compare()
        self.assertFalse(self.pairs(one, two))

    def test_b7_a_scan_that_begins_again_forgets_what_it_found(self):
        one = self.create_lead(email_from=ANN["email_from"], contact_name="Ann Lee")
        two = self.create_lead(email_from=ANN["email_from"], contact_name="Ann Lee")
        scan = self.env["crm.lead.scan"]._start()
        while scan.state != "groups":
            scan._step()
        self.assertTrue(self.pairs(one, two))
        settings = self.env["res.config.settings"].create(
            {"duplicate_compare_email": False, "duplicate_compare_person": False}
        )
        settings.execute()
        self.assertEqual(scan.state, "keys")
        scan._run()
        self.assertFalse(self.pairs(one, two))

    def test_b7_a_scan_reads_once_how_rare_values_are(self):
        self.create_lead(**ANN)
        self.create_lead(**ANN)
        terms = type(self.env["crm.lead.match.term"])
        original = terms._get_all_frequencies
        with (
            patch.object(
                terms, "_get_all_frequencies", autospec=True, side_effect=original
            ) as read,
            patch.object(crm_lead_scan, "BATCH", 1),
        ):
            self.env["crm.lead.scan"]._start()._run()
        self.assertEqual(read.call_count, 1)

    def test_b7_an_error_while_comparing_leaves_garbage_collected(self):
        scan = self.env["crm.lead.scan"]._start()
        while scan.state != "compare":
            scan._step()
        self.env.cr.execute(
            "INSERT INTO crm_lead_match_pair (lead_id, other_lead_id) VALUES (1, 2)"
        )
        broken = patch.object(type(scan), "_compare_pairs", side_effect=ValueError)
        with broken, self.assertRaises(ValueError):
            scan._step()
        self.assertTrue(gc.isenabled())

    def test_b7_a_common_domain_is_no_similar_lead(self):
        one = self.create_lead(email_from="ann@acme.com")
        self.create_lead(email_from="bob@acme.com")
        self.assertFalse(one.duplicate_lead_count)

    def test_b7_compare_says_why_not(self):
        one = self.create_lead(contact_name="Ann Lee", email_from="ann@acme.com")
        other = self.create_lead(contact_name="Bob Roy", email_from="bob@acme.com")
        Duplicate = self.env["crm.lead.duplicate"].with_user(self.salesperson)
        told = Duplicate.explain(one.id, other.id)
        self.assertFalse(told["certainty"])
        labels = {reason["label"] for reason in told["reasons"] if reason["bits"] < 0}
        self.assertIn("Different contact", labels)
        self.assertAlmostEqual(
            told["score"], sum(one["bits"] for one in told["reasons"]), delta=0.5
        )

    def test_b7_compare_any_two_that_are_selected(self):
        one = self.create_lead(contact_name="Ann Lee", email_from="ann@acme.com")
        other = self.create_lead(contact_name="Bob Roy", email_from="bob@acme.com")
        both = (one + other).with_user(self.salesperson)
        action = both.action_compare()
        comparison = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(comparison.certainty, "different")
        against = comparison.line_ids.filtered(lambda line: line.bits < 0)
        self.assertIn(
            ("Different contact", "ann lee", "bob roy"),
            [(line.label, line.value, line.other_value) for line in against],
        )
        self.assertAlmostEqual(
            comparison.score, sum(comparison.line_ids.mapped("bits")), delta=0.5
        )
        with self.assertRaisesRegex(UserError, "you have selected 1"):
            both[0].action_compare()
        action = comparison.with_user(self.salesperson).action_keep_separate()
        self.assertIn("Kept separate", action["params"]["message"])
        self.assertEqual(self.pairs(one, other).state, "separate")

    def test_b9_comparing_names_nothing_that_may_not_be_read(self):
        mine = self.create_lead(**ANN)
        hidden = self.create_lead(**ANN, user_id=self.colleague.id)
        with self.assertRaises(AccessError):
            (mine + hidden).with_user(self.salesperson).action_compare()
        with self.assertRaises(AccessError):
            self.env["crm.lead.comparison"].with_user(self.salesperson).create(
                {"lead_id": mine.id, "other_lead_id": hidden.id}
            )

    def test_p8_the_door_of_the_dialog_offers_the_same_address(self):
        one = self.create_lead(
            contact_name="Ann Lee", email_from="annbob@leefamily.org"
        )
        two = self.create_lead(
            contact_name="Bob Roy", email_from="AnnBob@leefamily.org"
        )
        found = self.env["crm.lead"]._get_lead_duplicates(
            email="Ann <annbob@leefamily.org>"
        )
        self.assertEqual(found, one + two)
        careful = one.with_context(crm_lead_certain_duplicates_only=True)
        self.assertEqual(careful._get_lead_duplicates(email=one.email_from), one)

    def test_dummy_addresses_match_nothing(self):
        for email in ("none@", "n/a", "test@test.com", "x" * 10_000):
            one = self.create_lead(name=f"One {email[:9]}", email_from=email)
            self.create_lead(name="Two", email_from=email)
            self.assertFalse(one.duplicate_lead_count, email[:20])
            self.assertLessEqual(one._get_lead_duplicates(email=email), one)

    def test_keys_follow_their_source_fields_only(self):
        lead = self.create_lead(**ANN)
        self.compare()
        queue = self.env["crm.lead.match.queue"]
        lead.write({"priority": "2", "description": "Called", "expected_revenue": 7})
        self.env.flush_all()
        self.assertFalse(queue.search([("lead_id", "=", lead.id)]))
        lead.write({"phone": "+32 2 290 34 90"})
        self.env.flush_all()
        self.assertTrue(queue.search([("lead_id", "=", lead.id)]))

    def test_keys_follow_the_tax_number_of_the_customer(self):
        customer = self.create_customer()
        lead = self.create_lead(partner_id=customer.id)
        self.compare()
        customer.write({"vat": "BE0477472701"})
        waiting = self.env["crm.lead.match.queue"].search([("lead_id", "=", lead.id)])
        self.assertTrue(waiting)

    def test_keys_follow_a_customer_who_becomes_a_company(self):
        company = self.create_customer(name="Big", is_company=True)
        person = self.create_customer(name="Ann", parent_id=company.id)
        lead = self.create_lead(partner_id=person.id)
        self.compare()
        person.with_user(self.salesperson).is_company = True
        waiting = self.env["crm.lead.match.queue"].search([("lead_id", "=", lead.id)])
        self.assertTrue(waiting)
        self.assertEqual(person.commercial_partner_id, person)

    def test_keys_follow_the_phone_numbers_of_other_addons(self):
        lead = self.create_lead(**ANN).with_user(self.salesperson)
        self.compare()
        names = ["phone", "referred"]
        Lead = self.env.registry["crm.lead"]
        with patch.object(Lead, "_phone_get_number_fields", lambda self: names):
            lead.referred = "+32 2 290 34 90"
            self.env.flush_all()
        waiting = self.env["crm.lead.match.queue"].search([("lead_id", "=", lead.id)])
        self.assertTrue(waiting)

    def test_what_merged_leads_said_finds_the_survivor(self):
        one = self.create_lead(**ANN)
        two = self.create_lead(**{**ANN, "email_from": "annlee@private.org"})
        self.env["crm.lead.merge"]._merge(one + two)
        new = self.create_lead(email_from="annlee@private.org")
        self.assertEqual(new.duplicate_best_id, one)

    def test_p12_none_of_many_is_left_out_where_nobody_looks(self):
        leads = [self.create_lead(**ANN, name=f"Lead {n}") for n in range(45)]
        careful = leads[0].with_context(crm_lead_certain_duplicates_only=True)
        found = careful._get_lead_duplicates(email=ANN["email_from"])
        self.assertEqual(sorted(found.ids), [lead.id for lead in leads])

    def test_b8_what_is_kept_separate_stays_so_while_typing(self):
        one, two = self.create_lead(**ANN), self.create_lead(**ANN)
        self.env["crm.lead.duplicate"]._keep_separate(one, two)
        with Form(one) as form:
            form.city = "Leeds"
            self.assertFalse(form.duplicate_lead_count)
            form.phone = "+32 2 290 34 90"

    def test_similar_leads_of_a_list_take_few_queries(self):
        leads = [self.create_lead(**ANN, name=f"Lead {n}") for n in range(40)]
        few, many = (
            leads[0].browse([one.id for one in leads[:4]]),
            leads[0].browse([one.id for one in leads]),
        )
        counted = []
        for records in (few, many):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records.mapped("duplicate_lead_count")
            counted.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counted[1], counted[0] + 2)

    def test_install_in_a_full_database_builds_keys_in_the_background(self):
        lead = self.create_lead(**ANN)
        self.compare()
        self.env["crm.lead.match.profile"]._forget(lead.ids)
        self.env["crm.lead.match.queue"]._append_missing()
        self.compare()
        self.assertTrue(
            self.env["crm.lead.match.key"].search_count([("lead_id", "=", lead.id)])
        )


@tagged("post_install", "-at_install")
class TestDecisions(DuplicatesCase):
    """B8: what people decided is remembered, and asked again only with a reason."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one, cls.two = cls.create_lead(**ANN), cls.create_lead(**ANN)
        cls.compare()

    def keep_separate(self):
        pair = self.pairs(self.one, self.two).with_user(self.salesperson)
        return pair.action_keep_separate()

    def test_b8_who_keeps_separate_is_told_where_to_ask_again(self):
        self.switch_leads(True)
        lead = self.one.with_user(self.salesperson)
        action = lead.action_keep_duplicate_separate()
        self.assertIn("Leads → Kept Separate", action["params"]["message"])
        self.assertEqual(action["params"]["next"]["tag"], "soft_reload")
        self.switch_leads(False)
        action = self.keep_separate()
        self.assertEqual(action["params"]["message"], "Kept separate.")

    def test_b8_kept_separate_by_whom_and_when(self):
        self.keep_separate()
        pair = self.pairs(self.one, self.two)
        self.assertEqual(
            (pair.state, pair.separate_uid), ("separate", self.salesperson)
        )
        self.assertTrue(pair.separate_date)
        self.assertFalse(pair.group_id)
        self.assertFalse(self.one.duplicate_lead_count)

    def test_b8_nobody_has_decided_about_what_is_asked_again(self):
        self.keep_separate()
        (self.one + self.two).phone = "+32 2 290 34 90"
        self.compare()
        pair = self.pairs(self.one, self.two)
        self.assertEqual(pair.state, "open")
        self.assertFalse(pair.separate_uid or pair.separate_date)

    def test_b8_not_asked_again_when_other_values_change(self):
        self.keep_separate()
        self.one.city = "Leeds"
        self.compare()
        self.env["crm.lead.scan"]._start()._run()
        self.assertEqual(self.pairs(self.one, self.two).state, "separate")

    def test_b8_asked_again_when_a_matching_value_changes(self):
        self.keep_separate()
        (self.one + self.two).phone = "+32 2 290 34 90"
        self.compare()
        self.assertEqual(self.pairs(self.one, self.two).state, "open")
        self.assertEqual(self.one.duplicate_lead_count, 1)

    def test_b8_survivor_inherits_and_undo_gives_back(self):
        third = self.create_lead(**ANN)
        self.compare()
        self.keep_separate()
        merge = self.env["crm.lead.merge"]._merge(self.two + third)
        self.assertEqual(merge.survivor_id, self.two)
        self.assertEqual(self.pairs(self.one, self.two).state, "separate")
        merge.action_undo(force=True)
        self.assertEqual(self.pairs(self.one, self.two).state, "separate")
        self.assertTrue(self.pairs(self.two, third, state="open"))

    def test_merging_a_group_ends_its_pairs(self):
        group = self.pairs(self.one, self.two).group_id.with_user(self.salesperson)
        action = group.action_merge()
        dialog = (
            self.env[action["res_model"]]
            .with_user(self.salesperson)
            .with_context(**action["context"])
            .create({})
        )
        dialog.action_merge()
        self.assertFalse(self.two.exists())
        pair = self.env["crm.lead.duplicate"].search([("lead_id", "=", self.one.id)])
        self.assertEqual(pair.state, "merged")

    def test_b11_several_groups_are_merged_in_a_run(self):
        bob = {"contact_name": "Bob Roy", "email_from": "bob.roy@quill.net"}
        others = self.create_lead(**bob) + self.create_lead(**bob)
        self.compare()
        groups = self.pairs(self.one, self.two).group_id + self.pairs(*others).group_id
        action = groups.with_user(self.salesperson).action_merge()
        run = self.env["crm.lead.run"].browse(action["res_id"])
        self.assertEqual((run.kind, run.state, run.line_count), ("merge", "draft", 4))
        self.assertEqual((self.two + others).exists(), self.two + others)
        run.with_user(self.salesperson).action_start()
        self.assertEqual(run.with_user(self.salesperson).process(), 4)
        self.assertFalse((self.two + others[1]).exists())

    def test_a_group_shows_lost_records_too(self):
        self.two.action_set_lost()
        self.compare()
        group = self.pairs(self.one, self.two).group_id
        self.assertEqual(group.lead_ids, self.one + self.two)

    def test_b9_a_group_of_one_readable_lead_is_not_merged(self):
        self.two.user_id = self.colleague
        self.compare()
        group = self.pairs(self.one, self.two).group_id.with_user(self.salesperson)
        with self.assertRaisesRegex(UserError, "Ask the owner"):
            group.action_merge()

    def test_b12_no_chain_swallows_who_differs(self):
        ann = self.create_lead(
            contact_name="Ann Stone",
            email_from="ann@stone.org",
            phone="+44 113 496 0990",
            city="Leeds",
        )
        bob = self.create_lead(
            contact_name="Bob Quill",
            email_from="bquill@quill.net",
            phone="+44 20 7946 0321",
            city="London",
        )
        link = self.create_lead(email_from="ann@stone.org", phone="+44 20 7946 0321")
        self.compare()
        self.assertTrue(self.pairs(ann, link))
        self.assertTrue(self.pairs(link, bob))
        for group in self.groups(ann, link, bob):
            self.assertFalse({ann.id, bob.id} <= set(group))


@tagged("post_install", "-at_install")
class TestDuplicateRights(DuplicatesCase):
    """B9: hints that leak nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mine = cls.create_lead(**ANN)
        cls.hidden = cls.create_lead(**ANN, name="Secret", user_id=cls.colleague.id)
        cls.compare()

    def test_b9_a_count_and_nothing_else(self):
        mine = self.mine.with_user(self.salesperson)
        self.assertEqual(mine.duplicate_hidden_count, 1)
        self.assertFalse(mine.duplicate_best_id)
        self.assertFalse(mine.duplicate_best_reasons)
        Duplicate = self.env["crm.lead.duplicate"].with_user(self.salesperson)
        self.assertFalse(Duplicate.search([]))
        with self.assertRaises(AccessError):
            Duplicate.explain(self.mine.id, self.hidden.id)

    def test_b9_a_group_shows_what_may_be_read(self):
        Group = self.env["crm.lead.duplicate.group"].with_user(self.salesperson)
        group = Group.search([])
        self.assertEqual((group.lead_ids, group.hidden_count), (self.mine, 1))
        self.assertNotIn("Secret", group.display_name)

    def test_b9_a_group_shows_the_same_in_whatever_order_it_is_read(self):
        names = ("display_name", "hidden_count", "lead_ids", "pair_ids")
        Group = self.env["crm.lead.duplicate.group"].with_user(self.salesperson)
        group = Group.search([])
        for shown in (names, names[::-1]):
            group.invalidate_recordset()
            [row] = group.read(shown)
            self.assertEqual(row["display_name"], "Ann Lee")
            self.assertEqual((row["hidden_count"], row["lead_ids"]), (1, self.mine.ids))
            self.assertEqual(row["pair_ids"], [])

    def test_b9_the_owner_is_asked_once(self):
        mine = self.mine.with_user(self.salesperson)
        self.assertTrue(mine.duplicate_can_ask)
        mine.action_ask_duplicate_owners()
        mine.invalidate_recordset()
        self.assertFalse(mine.duplicate_can_ask)
        mine.action_ask_duplicate_owners()
        activity = self.hidden.activity_ids
        self.assertEqual(activity.user_id, self.colleague)
        self.assertNotIn("ann.lee", activity.note)

    def test_b9_the_owners_in_a_group_are_asked(self):
        group = self.env["crm.lead.duplicate.group"].search([])
        group.with_user(self.salesperson).action_ask_owner()
        activity = self.hidden.activity_ids
        self.assertEqual(activity.user_id, self.colleague)
        self.assertFalse(self.mine.activity_ids)

    def test_b9_another_company_is_counted_only(self):
        foreign = self.create_lead(
            **ANN, company_id=self.other_company.id, user_id=False, team_id=False
        )
        mine = self.mine.with_user(self.manager)
        self.assertEqual(mine.duplicate_best_id, self.hidden)
        self.assertEqual(mine.duplicate_hidden_count, len(foreign))

    def test_nobody_writes_pairs_by_hand(self):
        pair = self.pairs(self.mine, self.hidden).with_user(self.manager)
        with self.assertRaises(AccessError):
            pair.write({"state": "separate"})
        with self.assertRaises(AccessError):
            pair.unlink()

    def test_only_managers_start_a_scan(self):
        Scan = self.env["crm.lead.scan"]
        with self.assertRaisesRegex(Exception, "manager"):
            Scan.with_user(self.salesperson).action_start()
        self.assertTrue(Scan.with_user(self.manager).action_start()["res_id"])


@tagged("post_install", "-at_install")
class TestArrival(DuplicatesCase):
    """On arrival: off by default; switched on, merged, told, and undone."""

    def test_off_by_default(self):
        one = self.create_lead(**ANN)
        new = (
            self.env["crm.lead"]
            .with_context(import_file=True)
            .create({**ANN, "name": "New"})
        )
        self.compare()
        self.assertTrue((one + new).exists() == one + new)

    def test_certain_arrivals_are_merged_and_told(self):
        self.env["ir.config_parameter"].set_param(MERGE_ON_ARRIVAL, "1")
        one = self.create_lead(**ANN)
        self.compare()
        new = (
            self.env["crm.lead"]
            .with_context(import_file=True)
            .create({**ANN, "name": "New"})
        )
        self.compare()
        self.assertFalse(new.exists())
        merge = self.env["crm.lead.merge"].search([("survivor_id", "=", one.id)])
        told = self.env["mail.notification"].search(
            [("res_partner_id", "=", self.salesperson.partner_id.id)]
        )
        self.assertIn(
            "Came in again",
            " ".join(told.mail_message_id.mapped(lambda m: m.subject or "")),
        )
        merge.action_undo(force=True)
        self.assertTrue(new.exists())

    def test_what_somebody_types_is_left_to_them(self):
        self.env["ir.config_parameter"].set_param(MERGE_ON_ARRIVAL, "1")
        one = self.create_lead(**ANN)
        self.compare()
        typed = (
            self.env["crm.lead"]
            .with_user(self.salesperson)
            .create({**ANN, "name": "T"})
        )
        self.compare()
        self.assertTrue((one + typed).exists() == one + typed)

    def test_lost_records_are_left_alone(self):
        self.env["ir.config_parameter"].set_param(MERGE_ON_ARRIVAL, "1")
        lost = self.create_lead(**ANN)
        lost.action_set_lost()
        self.compare()
        new = (
            self.env["crm.lead"]
            .with_context(import_file=True)
            .create({**ANN, "name": "New"})
        )
        self.compare()
        self.assertTrue(new.exists())

    def arrive(self, **values):
        """Create a lead as an import does."""
        Lead = self.env["crm.lead"].with_user(self.salesperson)
        lead = Lead.with_context(import_file=True).create(
            {**ANN, "name": "New", **values}
        )
        return lead.sudo()

    def test_p9_of_several_arrivals_the_first_one_survives(self):
        self.env["ir.config_parameter"].set_param(MERGE_ON_ARRIVAL, "1")
        first, second, third = (self.arrive(name=name) for name in "ABC")
        self.compare()
        self.assertEqual((first + second + third).exists(), first)

    def test_an_arrival_that_cannot_be_merged_stops_nothing(self):
        self.env["ir.config_parameter"].set_param(MERGE_ON_ARRIVAL, "1")
        one = self.create_lead(**ANN)
        self.compare()
        new = self.arrive()
        Lead = self.env.registry["crm.lead"]
        error = KeyError("another addon")
        with (
            patch.object(Lead, "_merge_dependences", side_effect=error),
            self.assertLogs("odoo.addons.crm_lead_qualification", "ERROR") as logged,
        ):
            self.compare()
        self.assertIn(f"Lead {new.id} is not merged on arrival", logged.output[0])
        self.assertTrue(self.pairs(one, new))
        self.assertFalse(self.env["crm.lead.merge"].search([("name", "=", one.name)]))

    def test_an_arrival_is_tried_again_when_the_database_asks_for_it(self):
        self.env["ir.config_parameter"].set_param(MERGE_ON_ARRIVAL, "1")
        self.create_lead(**ANN)
        self.compare()
        self.arrive()
        Lead = self.env.registry["crm.lead"]
        with (
            patch.object(Lead, "_merge_dependences", side_effect=OperationalError),
            self.assertRaises(OperationalError),
        ):
            self.compare()

    def test_a_scan_leaves_arrivals_to_be_merged(self):
        self.env["ir.config_parameter"].set_param(MERGE_ON_ARRIVAL, "1")
        one = self.create_lead(**ANN)
        self.compare()
        new = self.arrive()
        self.env["crm.lead.scan"]._start()._run()
        self.assertTrue(self.pairs(one, new), "it was compared, too")
        self.compare()
        self.assertEqual((one + new).exists(), one)


@tagged("post_install", "-at_install")
class TestScan(DuplicatesCase):
    """A scan finds what the look-up of each lead finds, and goes on where it
    stopped."""

    def test_scan_and_look_up_agree(self):
        leads = self.env["crm.lead"]
        for number in range(60):
            leads += self.create_lead(
                contact_name=f"{'Ann Bob Cy'.split()[number % 3]} Lee{number % 7}",
                email_from=f"mail{number % 11}@zyx{number % 5}.com",
                phone=f"+32 2 290 34 {10 + number % 13}",
                city="Leeds" if number % 2 else "York",
            )
        self.env["crm.lead.scan"]._start()._run()
        stored = {
            (pair.lead_id.id, pair.other_lead_id.id): pair.score
            for pair in self.env["crm.lead.duplicate"].search([])
            if pair.lead_id in leads
        }
        self.assertTrue(stored)
        found = self.env["crm.lead.matcher"]._find(leads, is_thorough=True)
        looked_up = {
            (one, other): match.score
            for one, matches in found.items()
            for other, match in matches.items()
            if one < other
        }
        self.assertEqual(stored.keys(), looked_up.keys())
        for pair, score in stored.items():
            self.assertAlmostEqual(score, looked_up[pair], places=3)
            match = self.env["crm.lead.matcher"]._compare(*leads.browse(pair))
            self.assertAlmostEqual(score, match.score, places=3)

    def test_goes_on_where_it_stopped(self):
        one, two = self.create_lead(**ANN), self.create_lead(**ANN)
        scan = self.env["crm.lead.scan"]._start()
        while scan.state != "compare":
            scan._step()
        self.assertEqual(self.env["crm.lead.scan"]._start(), scan)
        scan._run()
        self.assertEqual(
            (scan.progress, scan.found_count), (100, len(self.pairs(one, two)))
        )

    def test_pairs_are_numbered_anew_by_each_scan(self):
        one, two = self.create_lead(**ANN), self.create_lead(**ANN)
        scan = self.env["crm.lead.scan"]._start()
        for _time in range(2):  # the second time it begins again
            scan.write({"state": "keys", "found_count": 0})
            while scan.state != "compare":
                scan._step()
            numbers = self.env["crm.lead.match.pair"].search([]).ids
            self.assertEqual(numbers, [*range(1, len(numbers) + 1)])
            scan._step()
        scan._run()
        self.assertTrue(self.pairs(one, two))
        self.assertEqual(scan.found_count, scan.pair_count)

    def test_a_value_everybody_has_makes_no_group_and_is_reported(self):
        leads = self.env["crm.lead"].create(
            [{"name": f"Lead {n}", "phone": "+32 2 290 34 90"} for n in range(230)]
        )
        scan = self.env["crm.lead.scan"]._start()
        scan._run()
        self.assertFalse(self.pairs(*leads))
        self.assertTrue(scan.left_out_count)

    def test_b7_so_many_of_one_prospect_that_all_keys_are_shared_are_found(self):
        with patch.object(blocking, "LARGEST_BLOCK", 10):
            leads = self.env["crm.lead"].union(
                *(self.create_lead(**ANN, name=f"Lead {n}") for n in range(25))
            )
            for state in ("new", "compared", "scanned"):
                if state == "compared":
                    self.compare()
                elif state == "scanned":
                    self.env["crm.lead.scan"]._start()._run()
                self.env.flush_all()
                self.env.invalidate_all()
                for lead in leads.with_user(self.salesperson):
                    with self.subTest(state=state, lead=lead.name):
                        self.assertTrue(lead.duplicate_best_id)
                        self.assertGreaterEqual(lead.duplicate_lead_count, 3)
