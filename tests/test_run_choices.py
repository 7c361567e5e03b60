"""What people choose instead of what a run proposes counts, and what a run does not
undo says why (promise B11)."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .test_run import RunCase


@tagged("post_install", "-at_install")
class TestRunChoices(RunCase):
    """Runs of conversions and of merges, looked at and changed before they start."""

    def create_merges(self, leads):
        Run = self.env["crm.lead.run"].with_user(self.manager)
        return Run._create_merges([leads.ids])

    def create_same(self, count):
        leads = self.create_leads(count)
        leads.email_from = leads[0].email_from
        return leads

    def choose(self, run, lead, **values):
        lines = run.line_ids.with_user(run.create_uid)
        lines.filtered(lambda one: one.lead_res_id == lead.id).write(values)

    def test_b11_a_skipped_lead_is_no_result_of_a_merge(self):
        leads = self.create_leads(3)
        run = self.create_merges(leads)
        self.choose(run, leads[0], proposal="skip")
        others = run.line_ids.filtered(lambda one: one.lead_res_id != leads[0].id)
        self.assertEqual(set(others.mapped("survivor_res_id")), {leads[1].id})
        self.run_all(run)
        self.assertEqual(leads.exists(), leads[:2])
        self.assertEqual(leads[:2].mapped("merge_count"), [0, 1])

    def test_b11_a_skipped_lead_is_not_converted(self):
        leads = self.create_same(3)
        run = self.create_run(leads)
        self.choose(run, leads[0], proposal="skip")
        self.run_all(run)
        self.assertEqual(leads.exists(), leads[:2])
        self.assertEqual(leads[:2].mapped("type"), ["lead", "opportunity"])

    def test_b11_a_lead_skipped_in_the_dialog_is_not_converted(self):
        leads = self.create_same(2)
        Dialog = self.env["crm.lead2opportunity.partner.mass"].with_user(self.manager)
        context = {"active_model": "crm.lead", "active_ids": leads.ids}
        with Form(Dialog.with_context(**context)) as dialog:
            lines = dialog.proposal_ids
            ids = [lines.edit(place).lead_id for place in range(2)]
            with lines.edit(ids.index(leads[0])) as line:
                line.proposal = "skip"
        dialog = dialog.record
        dialog.action_convert_in_run()
        self.assertEqual(leads.mapped("type"), ["lead", "opportunity"])

    def test_b11_a_group_goes_into_the_record_that_any_line_names(self):
        leads = self.create_leads(3)
        run = self.create_merges(leads)
        self.choose(run, leads[1], survivor_id=leads[1].id)
        self.assertEqual(set(run.line_ids.mapped("survivor_res_id")), {leads[1].id})
        self.run_all(run)
        self.assertEqual(leads.exists(), leads[1])
        self.assertEqual(set(run.line_ids.mapped("state")), {"done"})

    def test_b11_a_lead_left_alone_is_skipped_with_the_reason(self):
        leads = self.create_leads(2)
        run = self.create_merges(leads)
        self.choose(run, leads[0], proposal="skip")
        self.run_all(run)
        self.assertEqual(run.line_ids.mapped("state"), ["skipped", "skipped"])
        self.assertIn("nothing left", run.line_ids[1].reason)

    def test_b11_a_run_of_merges_converts_nothing(self):
        leads = self.create_leads(2)
        run = self.create_merges(leads)
        with self.assertRaisesRegex(UserError, "converts nothing"):
            self.choose(run, leads[0], proposal="convert")
        self.assertEqual(run.line_ids[0].proposal_choices, ["merge", "skip"])

    def test_b11_what_the_list_lets_choose_can_be_chosen(self):
        """In the web client: until the run begins, and for what it does."""
        leads = self.create_leads(2)
        run = self.create_run(leads)
        view = "crm_lead_qualification.crm_lead_run_line_view_list"
        with Form(run.line_ids[0], view=view) as line:
            self.assertEqual(line.proposal_choices, ["convert", "merge", "skip"])
            line.proposal = "skip"
        self.run_all(run)
        with Form(run.line_ids[1], view=view) as line:
            for name in ("proposal", "survivor_id", "user_id"):
                with self.assertRaisesRegex(AssertionError, "readonly"):
                    setattr(line, name, False)

    def test_b11_nothing_goes_into_what_was_won_meanwhile(self):
        leads = self.create_leads(2)
        deal = self.create_lead(
            name="Deal",
            type="opportunity",
            user_id=self.salesperson.id,
            email_from=leads[0].email_from,
        )
        run = self.create_run(leads)
        deal.action_set_won()
        self.run_all(run)
        self.assertEqual(leads.mapped("type"), ["lead", "opportunity"])
        line = run.line_ids.filtered(lambda one: one.lead_res_id == leads[0].id)
        self.assertEqual(line.state, "skipped")
        self.assertIn("‘Deal’ is won already", line.reason)

    def test_b11_what_was_to_be_merged_into_is_gone(self):
        leads = self.create_leads(2)
        other = self.create_lead(name="Other", user_id=self.salesperson.id)
        run = self.create_run(leads)
        self.choose(run, leads[0], proposal="merge", survivor_id=other.id)
        other.unlink()
        self.run_all(run)
        self.assertEqual(leads.mapped("type"), ["lead", "opportunity"])
        self.assertIn("deleted", run.line_ids[0].reason)

    def test_b11_a_salesperson_chosen_for_a_lead_counts(self):
        leads = self.create_leads(3)
        run = self.create_run(leads, user_ids=(self.salesperson_all.id,))
        self.choose(run, leads[1], user_id=self.manager.id)
        self.run_all(run)
        expected = [self.salesperson_all, self.manager, self.salesperson_all]
        self.assertEqual([lead.user_id for lead in leads], expected)

    def test_b11_a_salesperson_chosen_for_a_lead_that_has_one_counts(self):
        leads = self.create_leads(3)
        leads[2].user_id = False
        turns = (self.salesperson_all.id,)
        run = self.create_run(leads, user_ids=turns, force_assignment=False)
        self.choose(run, leads[0], user_id=self.manager.id)
        self.run_all(run)
        expected = [self.manager, self.salesperson, self.salesperson_all]
        self.assertEqual([lead.user_id for lead in leads], expected)

    def test_b11_a_salesperson_who_is_gone_takes_no_turn(self):
        gone = self.env["res.users"].create({"name": "Gone", "login": "gone"})
        leads = self.create_leads(2)
        run = self.create_run(leads, user_ids=(gone.id, self.manager.id))
        gone.unlink()
        self.run_all(run)
        self.assertEqual(leads.user_id, self.manager)

    def test_b11_what_is_not_remembered_any_more_is_not_undone(self):
        leads = self.create_leads(3)
        run = self.run_all(self.create_run(leads))
        run.line_ids[0].conversion_id.sudo().line_ids.unlink()
        run.action_undo(force=True)
        self.assertEqual(run.line_ids.mapped("state"), ["kept", "undone", "undone"])
        self.assertIn("snapshots were removed", run.line_ids[0].reason)
        self.assertEqual(leads.mapped("type"), ["opportunity", "lead", "lead"])

    def test_b11_what_was_won_since_is_not_undone(self):
        leads = self.create_leads(2)
        run = self.run_all(self.create_run(leads))
        leads[0].action_set_won()
        run.action_undo(force=True)
        self.assertEqual(run.line_ids.mapped("state"), ["kept", "undone"])
        self.assertIn("won since", run.line_ids[0].reason)

    def test_b11_what_was_deleted_since_is_not_undone(self):
        leads = self.create_leads(2)
        run = self.run_all(self.create_run(leads))
        leads[0].unlink()
        run.action_undo(force=True)
        self.assertEqual(run.line_ids.mapped("state"), ["kept", "undone"])
        self.assertIn("‘Lead 0’ has been deleted since", run.line_ids[0].reason)

    def test_b11_what_was_not_selected_is_left_alone(self):
        """A lead found as the same prospect is no lead to convert by itself."""
        for proposal, types in (
            ("skip", ["lead", "lead"]),
            ("convert", ["opportunity", "lead"]),
        ):
            leads = self.create_same(2)
            run = self.create_run(leads[0])
            self.assertEqual(len(run.line_ids), 2)
            self.choose(run, leads[0], proposal=proposal)
            self.run_all(run)
            self.assertEqual(leads.mapped("type"), types)
            leads.unlink()

    def test_b11_what_was_not_selected_can_be_chosen(self):
        leads = self.create_same(2)
        run = self.create_run(leads[0])
        self.choose(run, leads[0], proposal="skip")
        self.choose(run, leads[1], proposal="convert")
        self.run_all(run)
        self.assertEqual(leads.mapped("type"), ["lead", "opportunity"])

    def test_b11_what_could_not_be_undone_is_tried_again(self):
        leads = self.create_leads(2)
        run = self.create_run(leads)
        self.run_all(run)
        other = self.create_lead(type="opportunity", user_id=self.salesperson.id)
        merging = (leads[0] + other).with_user(self.manager)
        merge = merging.env["crm.lead.merge"]._merge(merging)
        run.action_undo(force=True)
        self.assertEqual(run.line_ids.mapped("state"), ["kept", "undone"])
        self.assertEqual(run.state, "done")
        merge.action_undo(force=True)
        run.action_undo(force=True)
        self.assertEqual(run.line_ids.mapped("state"), ["undone", "undone"])
        self.assertEqual(run.state, "undone")
        self.assertEqual(leads.mapped("type"), ["lead", "lead"])

    def create_run_of_boss(self, leads):
        """Return a run that is not started yet, and the manager who proposed it."""
        boss = self.create_user("boss_gone", "sales_team.group_sale_manager")
        return self.create_run(leads, user=boss), boss

    def test_b11_a_manager_undoes_the_run_of_someone_who_left(self):
        leads = self.create_leads(2)
        run, boss = self.create_run_of_boss(leads)
        self.run_all(run)
        boss.active = False
        boss.group_ids = self.env.ref("base.group_user")
        run.with_user(self.manager).action_undo()
        self.assertEqual(leads.mapped("type"), ["lead", "lead"])

    def test_b11_the_run_of_a_deleted_user_stops(self):
        """It is not carried out with all rights; a manager can continue it."""
        leads = self.create_leads(2)
        run, boss = self.create_run_of_boss(leads)
        run.action_start()
        boss.unlink()
        self.env.flush_all()
        self.env.invalidate_all()
        self.run_cron("crm_lead_run_process_cron")
        run = run.with_user(self.manager)
        self.assertEqual(run.state, "stopped")
        self.assertEqual(leads.mapped("type"), ["lead", "lead"])
        self.run_all(run)
        self.assertEqual(leads.mapped("type"), ["opportunity", "opportunity"])

    def test_b8_what_was_kept_separate_meanwhile_is_not_merged(self):
        leads = self.create_leads(2)
        leads.email_from = "same@example.com"
        leads += self.create_leads(1)
        run = self.create_run(leads)
        self.assertEqual(run.line_ids.mapped("proposal"), ["merge", "merge", "convert"])
        one, other, _last = leads.with_user(self.manager)
        one.env["crm.lead.duplicate"]._keep_separate(one, other)
        self.run_all(run)
        self.assertEqual(leads.exists(), leads)
        self.assertEqual(leads.mapped("type"), ["lead", "lead", "opportunity"])
        for line in run.line_ids[:2]:
            self.assertIn("kept separate", line.reason)

    def test_b11_whoever_got_leads_is_told_when_a_run_stops(self):
        leads = self.create_leads(3)
        user = self.salesperson_all
        run = self.create_run(leads, user_ids=(user.id,))
        run.action_start()
        run.process(2)
        run.action_stop()
        conversions = run.line_ids.conversion_id
        first = conversions.notification_id
        self.assertEqual(first.notified_partner_ids, user.partner_id)
        self.assertEqual(len(conversions), 2)
        self.run_all(run)
        self.assertEqual(conversions.notification_id, first, "told once")
        last = run.line_ids[2].conversion_id.notification_id
        self.assertEqual(last.notified_partner_ids, user.partner_id)
        self.assertNotEqual(last, first)

    def test_b11_who_watches_a_run_that_stops_lets_its_last_batch_be_told(self):
        user = self.salesperson_all
        run = self.create_run(self.create_leads(2), user_ids=(user.id,))
        run.action_start()
        run.process(1)
        run.sudo().state = "stopped"  # by somebody who did not see that batch yet
        self.assertEqual(run.process(), 0)
        [told] = run.line_ids.conversion_id.notification_id
        self.assertEqual(told.notified_partner_ids, user.partner_id)

    def test_b7_the_reason_in_a_proposal_is_what_two_leads_share(self):
        leads = self.create_leads(4)
        leads[0].email_from = "one@acme.example, two@acme.example"
        leads[1].email_from = "two@acme.example"
        leads[2].partner_id = self.create_customer(email="three@acme.example")
        leads[3].email_from = "three@acme.example"
        self.env.flush_all()
        run = self.create_run(leads)
        lines = run.line_ids
        self.assertEqual(lines.mapped("proposal"), ["merge"] * 4)
        self.assertEqual({*lines.mapped("reason")}, {"Same e-mail address"})
        self.run_all(run)
        self.assertEqual({*lines.mapped("state")}, {"done"})
        self.assertEqual({*lines.mapped("reason")}, {"Same e-mail address"})
        run.action_undo(force=True)
        self.assertEqual({*lines.mapped("state")}, {"undone"})
        self.assertEqual({*lines.mapped("reason")}, {"Same e-mail address"})

    def test_b11_what_was_done_while_a_run_was_stopped_is_told(self):
        user = self.salesperson_all
        run = self.create_run(self.create_leads(2), user_ids=(user.id,))
        run.action_start()
        Run = type(run)
        original = Run.process

        def hook(run, *args):
            handled = original(run, *args)
            run.sudo().state = "stopped"
            return handled

        self.patch(Run, "process", hook)
        self.run_cron("crm_lead_run_process_cron")
        told = run.line_ids.conversion_id.notification_id
        self.assertEqual(told.notified_partner_ids, user.partner_id)

    def test_b11_lines_are_changed_in_the_form_of_the_run(self):
        leads = self.create_leads(4)
        leads[1].email_from = leads[0].email_from
        customer = self.create_customer(name="Amy Wong")
        leads[2:].partner_id = customer
        run = self.create_run(leads, user=self.salesperson)
        self.assertEqual(
            run.line_ids.mapped("reason"),
            ["Same e-mail address"] * 2 + ["Same customer"] * 2,
        )
        form = Form(run.with_user(self.salesperson))
        with form.line_ids.edit(0) as line:
            line.proposal = "skip"
        form.save()
        self.assertEqual(run.done_count, 0)
        self.assertEqual(
            run.line_ids.mapped("proposal"), ["skip", "convert", "merge", "merge"]
        )
        self.assertEqual(run.line_ids.mapped("reason")[:2], ["", ""])
        self.run_all(run)
        self.assertEqual(run.done_count, 3)

    def test_b11_nothing_else_of_a_run_is_changed(self):
        run, other = (
            self.create_run(one, self.salesperson, deduplicate=False)
            for one in self.create_leads(2)
        )
        mine = run.with_user(self.salesperson)
        for values in (
            {"name": "Mine"},
            {"state": "done"},
            {"line_ids": [Command.delete(run.line_ids.id)]},
            {"line_ids": [Command.update(run.line_ids.id, {"state": "done"})]},
            {"line_ids": [Command.update(other.line_ids.id, {"proposal": "skip"})]},
            {"line_ids": [Command.create({"lead_res_id": 1})]},
        ):
            with self.subTest(values), self.assertRaises(UserError):
                mine.write(values)
        theirs = run.with_user(self.salesperson_all)
        change = Command.update(run.line_ids.id, {"proposal": "skip"})
        with self.assertRaises(AccessError):
            theirs.write({"line_ids": [change]})
        mine.write({"line_ids": [change]})
        self.assertEqual(run.line_ids.proposal, "skip")
