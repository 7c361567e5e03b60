"""Forged requests: ids of other records, other models, contexts, plans."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..engine.conversion import ConversionOptions
from ..exceptions import MergeRefused, UndoRefused
from ..models.common.merging import MERGING
from .test_security_rights import SecurityCase


@tagged("post_install", "-at_install")
class TestSecurityForged(SecurityCase):
    """What no dialog would send is refused in plain words, and tells nothing."""

    def open_dialog(self, leads, user=None, **values):
        Dialog = self.env["crm.merge.opportunity"].with_user(user or self.salesperson)
        return Dialog.create({"opportunity_ids": leads.ids, **values})

    def create_own(self):
        return self.create_leads({}, {}, user_id=self.salesperson.id)

    def test_dialog_plans_nothing_of_records_that_may_not_be_read(self):
        leads = self.create_theirs()
        for user in (self.salesperson, self.other_salesperson):
            with self.assertRaises(AccessError):
                dialog = self.open_dialog(leads, user)
                dialog.read(["shown", "survivor_id"])

    def test_button_tells_nothing_of_a_lead_that_may_not_be_read(self):
        """Promise B9: the superuser, who computes, has filled the cache."""
        leads = self.create_theirs()
        leads.name = "Very secret deal"
        self.env.flush_all()
        for user in (self.salesperson, *self.outsiders):
            lead = leads[0].with_user(user)
            for name in (
                "action_keep_duplicate_separate",
                "action_merge_duplicate",
                "action_compare_duplicate",
                "action_ask_duplicate_owners",
                "action_open_merge",
                "action_back_to_lead",
            ):
                lead.sudo().read(["name", "display_name", "won_status"])
                with self.assertRaises(AccessError, msg=name) as refusal:
                    getattr(lead, name)()
                self.assertNotIn("Very secret", str(refusal.exception))

    def test_dialog_takes_in_no_lead_that_may_not_be_read(self):
        hidden = self.create_theirs()[0]
        own = self.create_lead(user_id=self.salesperson.id)
        for name, field, more in (
            ("crm.merge.opportunity", "survivor_id", {}),
            ("crm.lead2opportunity.partner", "lead_id", {"name": "convert"}),
            ("crm.lead2opportunity.partner", "survivor_id", {"name": "convert"}),
            ("crm.lead.comparison", "lead_id", {"other_lead_id": own.id}),
        ):
            Dialog = self.env[name].with_user(self.salesperson)
            Dialog = Dialog.with_context(active_id=own.id)
            vals = {**more, field: hidden.id}
            dialog = Dialog.create({**more, field: own.id})
            shown = {field: {"fields": {"display_name": {}}}}
            defaults = {f"default_{field}": hidden.id}
            for run in (
                lambda Dialog=Dialog, vals=vals: Dialog.create(vals),
                lambda dialog=dialog, name=field: dialog.write({name: hidden.id}),
                lambda Dialog=Dialog, vals=vals, shown=shown: Dialog.onchange(
                    vals, [], shown
                ),
                lambda Dialog=Dialog, defaults=defaults, shown=shown: (
                    Dialog.with_context(**defaults).onchange({}, [], shown)
                ),
            ):
                self.assert_forbidden(run)

    def test_dialog_is_for_nobody_but_who_has_opened_it(self):
        leads = self.create_leads({}, {})
        dialog = self.open_dialog(leads, self.salesperson_all)
        for user in (self.manager, self.other_salesperson):
            self.assertFalse(self.visible(dialog._name, dialog, user))
            self.assert_forbidden(lambda user=user: dialog.with_user(user).read())

    def test_choices_of_other_records_are_refused(self):
        leads, others = self.create_own(), self.create_theirs()
        for choices in ({"city": others[0].id}, {"address": others[1].id}):
            dialog = self.open_dialog(leads)
            dialog.write({"choices": choices, "shown": False})
            self.assert_refused(MergeRefused, "not among those", dialog.action_merge)

    def test_choices_that_are_none_change_nothing(self):
        leads = self.create_own()
        for choices in ([], "x", [["city", 1]], {"no_such_field": leads[0].id}):
            dialog = self.open_dialog(leads)
            dialog.write({"choices": choices, "shown": False})
            self.assertTrue(dialog._plan().survivor_id)

    def test_survivor_outside_the_selection_is_refused(self):
        leads, other = self.create_own(), self.create_lead(user_id=self.salesperson.id)
        dialog = self.open_dialog(leads)
        dialog.write({"survivor_id": other.id, "shown": False})
        self.assert_refused(MergeRefused, "not among those", dialog.action_merge)

    def test_plan_that_nobody_was_shown_is_refused(self):
        for shown in ({"city": "forged"}, ["leads"], "x", {"leads": 1, "nothing": 2}):
            dialog = self.open_dialog(self.create_own())
            dialog.write({"shown": shown})
            self.assert_refused(UserError, "have changed since", dialog.action_merge)

    def test_undo_dialog_undoes_nothing_but_merges_and_conversions(self):
        Undo = self.env["crm.lead.undo"].with_user(self.salesperson)
        for model in ("res.users", "crm.lead.journal", "no.such.model"):
            undo = Undo.create({"res_model": model, "res_id": 1})
            self.assert_refused(UndoRefused, "nothing that can", undo.action_undo)

    def test_undo_dialog_gives_no_right_to_undo(self):
        merge = self.merge(self.create_theirs(), self.manager)
        Undo = self.env["crm.lead.undo"].with_user(self.salesperson)
        undo = Undo.create({"res_model": merge._name, "res_id": merge.id})
        self.assert_forbidden(undo.action_undo)

    def test_undo_dialog_shows_nothing_that_may_not_be_read(self):
        lead = self.create_lead(user_id=self.salesperson.id)
        conversion = self.env["crm.lead.conversion"].with_user(self.salesperson)
        conversion = conversion._convert_one(
            lead.with_user(self.salesperson),
            ConversionOptions(team_id=self.direct_channel.id),
        )
        secret = self.create_channel(name="Very secret channel")
        lead.write({"user_id": self.manager.id, "name": "Very secret deal"})
        lead.team_id = secret
        self.env.flush_all()
        action = conversion.action_undo()
        lines = self.env["crm.lead.undo"].browse(action["res_id"]).line_ids
        self.assertTrue(lines)
        told = str(lines.read(["record", "label", "value_now", "value_before"]))
        self.assertNotIn("Very secret", told)

    def test_customer_that_a_dialog_names_tells_nothing_of_itself(self):
        customer = self.create_customer(
            company_id=self.other_company.id, email="secret@example.com", phone="0123"
        )
        Candidate = self.env["crm.lead2opportunity.candidate"]
        Candidate = Candidate.with_user(self.salesperson)
        self.assert_forbidden(lambda: Candidate.create({"partner_id": customer.id}))
        candidate = Candidate.create({})
        self.assert_forbidden(lambda: candidate.write({"partner_id": customer.id}))
        asked = {"email": {}, "partner_id": {"fields": {"display_name": {}}}}
        self.assert_forbidden(
            lambda: Candidate.onchange({"partner_id": customer.id}, [], asked)
        )

    def test_what_became_of_a_lead_is_told_to_those_who_may_read_it(self):
        leads = self.create_theirs()
        leads[1].name = "Very secret deal"
        merge = self.merge(leads, self.manager)
        gone = merge.source_ids.source_res_id
        own = self.create_lead(user_id=self.salesperson.id)
        Lead = self.env["crm.lead"]
        for user, knows in (
            (self.salesperson, False),
            (self.other_salesperson, False),
            (self.salesperson_all, True),
        ):
            with self.assertRaises(UserError) as refusal:
                Lead.with_user(user).browse([own.id, gone]).merge_opportunity()
            self.assertEqual("Very secret deal" in str(refusal.exception), knows)
        for user in (self.portal_user, self.public_user):
            with self.assertRaises(AccessError):
                Lead.with_user(user).browse([own.id, gone]).merge_opportunity()

    def test_old_ids_lead_only_those_who_may_read_the_result(self):
        leads = self.create_theirs()
        gone = leads[1].id
        self.merge(leads, self.manager)
        Merge = self.env["crm.lead.merge"]
        for user in (self.salesperson, *self.outsiders):
            answer = Merge.with_user(user).resolve([gone, leads[0].id, 2**31 - 1])
            self.assertEqual(set(answer.values()), {False})
        answer = Merge.with_user(self.manager).resolve([gone])
        self.assertEqual(answer, {str(gone): leads[0].id})

    def test_contexts_switch_nothing_off(self):
        """The keys that the engine uses for itself, sent by an RPC client."""
        other = self.merge(self.create_theirs(), self.manager)
        note = other.note_id
        leads = self.create_leads(
            {"description": "<p>One</p>"}, {"description": "<p>Two</p>"},
            user_id=self.salesperson.id,
        )  # fmt: skip
        message = leads[1].message_post(body="Kept")
        forging = leads.with_user(self.salesperson).with_context(
            **{
                MERGING: other.id,
                "crm_lead_type_from_channel": True,
                "crm_lead_keep_channel_flags": True,
                "crm_lead_foreign_stage_changes": {str(leads[0].id): {}},
                "tracking_disable": True,
                "mail_notrack": True,
            }
        )
        forging.merge_opportunity()
        self.assertEqual(other.note_id, note)
        self.assertEqual(message.res_id, leads[0].id)
        merge = self.env["crm.lead.merge"].search([("survivor_id", "=", leads[0].id)])
        self.assertEqual(merge.note_id.res_id, leads[0].id)
        self.assertTrue(leads[0].with_env(forging.env).duration_tracking)
        self.assertIn("crm_lead", merge.line_ids.mapped("table_name"))

    def test_context_with_an_id_is_no_merge_that_is_under_way(self):
        lead = self.create_own()[0].with_user(self.salesperson)
        self.assertFalse(lead.with_context(**{MERGING: 1})._is_merging())
        self.assertFalse(lead.with_context(**{MERGING: [1]})._is_merging())
