"""The stock dialog for many leads (promises P7, B6, B11): it proposes, and shows what
each choice means."""

import ast
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from ..exceptions import ConversionRefused
from .test_run import RunCase


@tagged("post_install", "-at_install")
class TestConvertBulkDialog(RunCase):
    """The dialog of many leads."""

    def open_dialog(self, leads, user=None):
        Dialog = self.env["crm.lead2opportunity.partner.mass"].with_user(
            user or self.manager
        )
        return Form(Dialog.with_context(active_id=leads[0].id, active_ids=leads.ids))

    def test_proposals(self):
        leads = self.create_leads(4, probability=20)
        leads[1].action_archive()
        opportunity = self.create_lead(
            type="opportunity", email_from=leads[2].email_from, name="Open one"
        )
        wizard = self.open_dialog(leads).save()
        found = {one.lead_id: one for one in wizard.proposal_ids}
        self.assertEqual(found[leads[0]].proposal, "convert")
        self.assertEqual(found[leads[1]].proposal, "skip")
        self.assertIn("archived", found[leads[1]].reason)
        self.assertEqual(found[leads[2]].proposal, "merge")
        self.assertEqual(found[leads[2]].survivor_id, opportunity)
        self.assertIn("Convert: 2", wizard.summary)

    def test_a_line_is_changed(self):
        leads = self.create_leads(3)
        dialog = self.open_dialog(leads)
        with dialog.proposal_ids.edit(1) as line:
            line.proposal = "skip"
        action = dialog.save().action_convert_in_run()
        self.assertEqual(
            [lead.type for lead in leads], ["opportunity", "lead", "opportunity"]
        )
        run = self.env["crm.lead.run"].browse(action["params"]["res_id"])
        self.assertEqual(run.state, "done")
        run.with_user(self.manager).action_undo()
        self.assertEqual({lead.type for lead in leads}, {"lead"})

    def test_a_lead_leaves_its_group(self):
        leads = self.create_leads(2)
        leads[1].email_from = leads[0].email_from
        dialog = self.open_dialog(leads)
        with dialog.proposal_ids.edit(1) as line:
            line.proposal = "convert"
        dialog.save().action_convert_in_run()
        self.assertEqual([lead.type for lead in leads.exists()], ["opportunity"] * 2)

    def test_b6_the_lines_of_a_prospect_follow_what_is_chosen_for_one(self):
        leads = self.create_leads(4)
        leads[:3].email_from = leads[0].email_from
        dialog = self.open_dialog(leads)
        lines = dialog.proposal_ids

        def shown():
            rows = [lines.edit(place) for place in range(4)]
            return sorted(
                (row.lead_id.id, row.proposal, row.survivor_id.id) for row in rows
            )

        one, two, three, other = leads.ids
        merging = [(one, "merge", one), (two, "merge", one), (three, "merge", one)]
        alone = (other, "convert", False)
        self.assertEqual(shown(), [*merging, alone])
        with lines.edit(0) as line:
            line.proposal = "convert"
        rest = [(two, "merge", two), (three, "merge", two), alone]
        self.assertEqual(shown(), [(one, "convert", False), *rest])
        self.assertEqual(dialog.summary, "Convert: 2\nMerge: 2")
        with lines.edit(1) as line:
            self.assertEqual(line.lead_id.id, three)
            line.proposal = "skip"
        expected = [
            (one, "convert", False),
            (two, "convert", False),
            (three, "skip", False),
            alone,
        ]
        self.assertEqual(shown(), expected)
        rows = dialog.save().run_id.line_ids
        self.assertEqual(
            sorted((row.lead_res_id, row.proposal, row.survivor_id.id) for row in rows),
            expected,
        )

    def test_b6_what_cannot_be_converted_cannot_be_chosen(self):
        leads = self.create_leads(2)
        leads[0].action_set_lost()
        dialog = self.open_dialog(leads)
        with dialog.proposal_ids.edit(0) as line:
            line.proposal = "convert"
        row = dialog.proposal_ids.edit(0)
        self.assertEqual(row.proposal, "skip")
        self.assertIn("is lost", row.reason)

    def test_p7_in_bulk_each_prospect_is_merged_by_itself(self):
        """By the stock door alone: the dialog proposes merging lead by lead."""
        stranger, one, two, ann, too = self.create_leads(5)
        (one + two).email_from = "bob@quill.net"
        (ann + too).email_from = "ann@quill.net"
        leads = stranger + one + two + ann + too
        Dialog = self.env["crm.lead2opportunity.partner.mass"].with_user(self.manager)
        dialog = Dialog.with_context(
            active_id=stranger.id, active_ids=leads.ids, active_model="crm.lead"
        )
        dialog.create({"name": "merge"}).action_mass_convert()
        self.assertEqual(leads.exists(), stranger + one + ann)
        self.assertEqual(
            leads.exists().mapped("type"), ["lead", "opportunity", "opportunity"]
        )
        alone = Dialog.with_context(active_ids=stranger.ids, active_model="crm.lead")
        with self.assertRaisesRegex(ConversionRefused, "more than once"):
            alone.create({"name": "merge"}).action_mass_convert()

    def test_b11_by_the_stock_door_it_is_said_which_leads_were_skipped(self):
        leads = self.create_leads(2)
        leads[1].name = "Won before"
        leads[1].action_set_won()
        Dialog = self.env["crm.lead2opportunity.partner.mass"].with_user(self.manager)
        dialog = Dialog.with_context(active_ids=leads.ids, active_model="crm.lead")
        told = self.watch_bus()
        dialog.create({"deduplicate": False}).action_mass_convert()
        self.assertEqual(leads[0].type, "opportunity")
        [(user, _kind, message)] = [one for one in told if "title" in one[2]]
        self.assertEqual(user, self.manager)
        self.assertEqual(message["title"], "Leads that were not converted: 1")
        self.assertEqual(message["message"], "‘Won before’ is won already.")

    def test_same_prospects_are_searched_once_before_the_run_is_made(self):
        leads = self.create_leads(3)
        leads[1].email_from = leads[0].email_from
        Prospects = type(self.env["crm.lead.conversion.prospects"])
        with patch.object(
            Prospects, "_find", autospec=True, side_effect=Prospects._find
        ) as find:
            dialog = self.open_dialog(leads)
            self.assertEqual(find.call_count, 1)
            wizard = dialog.save()
            self.env.flush_all()
            self.assertEqual(len(wizard.duplicated_lead_ids), 2)
            self.assertEqual(wizard.summary, "Convert: 1\nMerge: 2")
            self.assertEqual(find.call_count, 1)
            wizard.action_convert_in_run()
            self.assertEqual(find.call_count, 1, "what was shown is what happens")
        self.assertEqual(len(leads.exists()), 2)

    def test_b11_what_a_dialog_proposes_is_not_listed_and_goes_within_a_day(self):
        dialog = self.open_dialog(self.create_leads(2))
        run = dialog.run_id.sudo()
        action = self.env.ref("crm_lead_qualification.crm_lead_run_action")
        listed = run.search(ast.literal_eval(action.domain))
        self.assertNotIn(run, listed)
        run._gc_proposals()
        self.assertTrue(run.exists(), "somebody may be looking at it")
        self.env.cr.execute(
            "UPDATE crm_lead_run SET write_date = %s WHERE id = %s",
            [fields.Datetime.now() - timedelta(days=2), run.id],
        )
        run.invalidate_recordset()
        run._gc_proposals()
        self.assertFalse(run.exists())

    def test_b11_what_is_reviewed_in_a_list_stays(self):
        wizard = self.open_dialog(self.create_leads(2)).save()
        run = wizard.run_id
        wizard.action_review()
        self.assertFalse(run.is_in_dialog)
        run.with_user(self.manager).action_discard()
        self.assertFalse(run.exists())

    def test_b11_a_second_click_converts_nothing_twice(self):
        leads = self.create_leads(2)
        wizard = self.open_dialog(leads).save()
        wizard.action_convert_in_run()
        again = wizard.action_convert_in_run()
        self.assertEqual(again["params"]["res_id"], wizard.run_id.id)
        self.assertEqual(wizard.run_id.done_count, 2)
        with self.assertRaisesRegex(ConversionRefused, "Undo it instead"):
            wizard.run_id.action_discard()

    def test_b11_without_deduplication_it_is_proposed_anew(self):
        leads = self.create_leads(2)
        leads.email_from = "same@example.com"
        dialog = self.open_dialog(leads)
        self.assertEqual(dialog.summary, "Merge: 2")
        dialog.deduplicate = False
        self.assertEqual(dialog.summary, "Convert: 2")
        dialog.save().action_convert_in_run()
        self.assertEqual(leads.mapped("type"), ["opportunity"] * 2)

    def test_b9_a_run_of_somebody_else_is_not_taken_in(self):
        run = self.open_dialog(self.create_leads(2)).run_id
        Dialog = self.env["crm.lead2opportunity.partner.mass"]
        with self.assertRaises(AccessError):
            Dialog.with_user(self.salesperson).create({"run_id": run.id})

    def test_above_two_hundred_a_summary(self):
        leads = self.env["crm.lead"].create(
            [{"name": f"Lead {number}", "type": "lead"} for number in range(201)]
        )
        wizard = self.open_dialog(leads).save()
        self.assertFalse(wizard.proposal_ids)
        self.assertEqual(wizard.summary, "Convert: 201")
        action = wizard.action_review()
        run = self.env["crm.lead.run"].browse(action["res_id"])
        self.assertEqual((run.state, run.line_count), ("draft", 201))

    def test_no_channel_as_long_as_there_is_no_salesperson(self):
        dialog = self.open_dialog(self.create_leads(1))
        self.assertFalse(dialog.team_id)
        self.direct_channel.member_ids = self.colleague
        dialog.user_ids.add(self.colleague)
        self.assertEqual(dialog.team_id, self.direct_channel)

    def test_nothing_selected_is_said(self):
        Dialog = self.env["crm.lead2opportunity.partner.mass"].with_user(self.manager)
        for context in ({}, {"active_ids": []}):
            for button in ("action_mass_convert", "action_convert_in_run"):
                for deduplicate in (True, False):
                    wizard = Dialog.with_context(**context).create(
                        {"name": "convert", "deduplicate": deduplicate}
                    )
                    with self.assertRaisesRegex(ConversionRefused, "at least one lead"):
                        getattr(wizard, button)()
