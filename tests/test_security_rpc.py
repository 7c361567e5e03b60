"""Real requests, as a program sends them: what may be called, and what is answered."""

import json

from odoo.tests import HttpCase, tagged

from .test_security_rights import SecurityCase


@tagged("post_install", "-at_install")
class TestSecurityRpc(HttpCase, SecurityCase):
    """``/json/2``, each user with a key of their own."""

    def ask(self, user, model, method, **arguments):
        # sudo: people confirm their password in a dialog before they get a key
        Keys = self.env["res.users.apikeys"].with_user(user).sudo()
        key = Keys._generate("rpc", "crm", None)
        self.env.flush_all()
        return self.url_open(
            f"/json/2/{model}/{method}",
            data=json.dumps(arguments),
            headers={
                "Authorization": f"bearer {key}",
                "Content-Type": "application/json",
            },
        )

    def test_engine_is_not_callable(self):
        leads = self.create_theirs()
        for model, method, arguments in (
            ("crm.lead.merge", "_merge", {"leads": leads.ids}),
            ("crm.lead.merge", "_undo", {"ids": [1]}),
            ("crm.lead.merge", "_restore", {"ids": [1]}),
            ("crm.lead.merge.planner", "_plan", {"leads": leads.ids}),
            ("crm.lead.merge.preview", "_describe", {"plan": {}}),
            ("crm.lead.conversion", "_convert", {"leads": leads.ids}),
            ("crm.lead.ledger", "_count", {"lead_ids": leads.ids}),
            ("crm.lead", "_write_columns", {"ids": leads.ids, "values": {}}),
            ("crm.lead", "_read_columns", {"ids": leads.ids, "names": ["name"]}),
        ):
            answer = self.ask(self.manager, model, method, **arguments)
            self.assertIn(answer.status_code, (403, 404, 422), answer.text)
            self.assertRegex(answer.text, "(?i)private|not.*callable|does not exist")
        self.assertEqual(leads.exists(), leads)

    def test_merging_by_rpc_needs_the_rights(self):
        leads = self.create_theirs()
        for user in (self.salesperson, self.other_salesperson, self.portal_user):
            answer = self.ask(user, "crm.lead", "merge_opportunity", ids=leads.ids)
            self.assertEqual(answer.status_code, 403, answer.text)
        answer = self.ask(self.manager, "crm.lead", "merge_opportunity", ids=leads.ids)
        self.assertEqual(answer.status_code, 200, answer.text)
        self.assertEqual(leads.exists(), leads[0])

    def test_undoing_by_rpc_needs_the_rights(self):
        leads = self.create_theirs()
        merge = self.merge(leads, self.manager)
        arguments = {"ids": merge.ids, "force": True}
        for user in (self.salesperson, self.other_salesperson, self.portal_user):
            answer = self.ask(user, merge._name, "action_undo", **arguments)
            self.assertEqual(answer.status_code, 403, answer.text)
        answer = self.ask(self.manager, merge._name, "action_undo", **arguments)
        self.assertEqual(answer.status_code, 200, answer.text)
        self.assertEqual(leads.exists(), leads)

    def test_owners_are_asked_only_by_who_may_read_the_question(self):
        leads = self.create_theirs()
        group = self.env["crm.lead.duplicate.group"].create({"certainty": "likely"})
        self.env["crm.lead.duplicate"].create(
            {
                "lead_id": min(leads.ids),
                "other_lead_id": max(leads.ids),
                "certainty": "likely",
                "group_id": group.id,
            }
        )
        for user in (self.salesperson, self.other_salesperson, self.portal_user):
            for model, method, ids in (
                (group._name, "action_ask_owner", group.ids),
                (leads._name, "action_ask_duplicate_owners", leads.ids),
            ):
                answer = self.ask(user, model, method, ids=ids)
                self.assertEqual(answer.status_code, 403, answer.text)
        self.assertFalse(leads.activity_ids)

    def test_old_ids_by_rpc_tell_outsiders_nothing(self):
        leads = self.create_theirs()
        gone = leads[1].id
        merge = self.merge(leads, self.manager)
        for user in (self.salesperson, self.other_salesperson, self.portal_user):
            answer = self.ask(user, merge._name, "resolve", lead_ids=[gone])
            self.assertEqual(answer.json(), {str(gone): False})

    def test_portal_users_read_their_leads_as_before(self):
        Lead = self.env["crm.lead"]
        if "partner_assigned_id" not in Lead._fields:
            self.skipTest("website_crm_partner_assign is not installed")
        leads = self.create_leads({"city": "Ghent"}, {"city": "Lyon"})
        leads[0].partner_assigned_id = self.portal_user.partner_id
        self.merge(leads)
        for names, status in (
            (["name", "merge_count"], 200),
            (["merged_value_ids"], 403),
        ):
            answer = self.ask(
                self.portal_user, "crm.lead", "read", ids=leads[:1].ids, fields=names
            )
            self.assertEqual(answer.status_code, status, answer.text)
