"""What other addons make of core's hooks counts in a conversion (P5, P6 and B11)."""

from unittest.mock import patch

from odoo.tests import tagged

from ..engine.conversion import CREATE, FIND_OR_CREATE, ConversionOptions
from ..models.common.extended import is_extended
from .test_convert import ConvertCase
from .test_run import RunCase

ASKED = "odoo.addons.crm_lead_qualification.models.conversion.crm_lead.is_extended"


@tagged("post_install", "-at_install")
class TestConvertHooks(ConvertCase, RunCase):
    """Each hook is extended as another addon would, for the time of a test."""

    def finish_request(self):
        """Do what happens at the end of a request: what is tracked is logged."""
        self.env.flush_all()
        self.env.cr.precommit.run()

    def extend(self, name, **added):
        """Let a hook that returns values return some more."""
        Lead = type(self.env["crm.lead"])
        original = getattr(Lead, name)
        self.patch(
            Lead,
            name,
            lambda lead, *args, **kwargs: {**original(lead, *args, **kwargs), **added},
        )

    def watch_writes(self):
        """Return what is written from now on: [(lead ids, values), …]"""
        Lead = type(self.env["crm.lead"])
        original, seen = Lead.write, []

        def hook(leads, values):
            seen.append((leads.ids, dict(values)))
            return original(leads, values)

        self.patch(Lead, "write", hook)
        return seen

    def get_tracked(self, lead):
        """Return the names of the fields of which the chatter tells changes."""
        return lead.message_ids.sudo().tracking_value_ids.mapped("field_id.name")

    def test_a_hook_of_another_addon_counts(self):
        lead = self.own_lead(contact_name="Amy Wong")
        self.extend("_prepare_customer_values", ref="from the hook")
        self.convert(lead, customer=CREATE)
        self.assertEqual(lead.partner_id.ref, "from the hook")

    def test_hooks_that_want_each_lead_get_each_lead(self):
        leads = self.own_lead(contact_name="Amy") + self.own_lead(contact_name="Bo")
        for name in ("_create_customer", "_handle_partner_assignment"):
            with self.subTest(name):
                seen = []
                Lead = type(leads)
                original = getattr(Lead, name)

                def hook(one, *args, _original=original, _seen=seen, **kwargs):
                    _seen.append(one)
                    return _original(one, *args, **kwargs)

                self.patch(Lead, name, hook)
                copies = leads.copy({"type": "lead"})
                self.env["crm.lead.conversion"]._convert(
                    copies, ConversionOptions(customer=CREATE)
                )
                self.assertEqual(seen, list(copies))
                self.assertEqual(copies.mapped("partner_id.name"), ["Amy", "Bo"])

    def test_customers_and_prospects_that_another_addon_finds_count(self):
        leads = self.own_lead(email_from="amy@acme.com")
        leads += self.own_lead(email_from="bo@acme.com")
        customer = self.create_customer()
        Lead = type(leads)
        self.patch(Lead, "_find_matching_partner", lambda one, **_kwargs: customer)
        self.patch(Lead, "_get_lead_duplicates", lambda one, *args, **_kwargs: leads)
        groups = self.env["crm.lead.conversion.prospects"]._find(leads)
        self.assertEqual(groups, [leads.ids])
        self.convert(leads[0], customer=FIND_OR_CREATE)
        self.assertEqual(leads[0].partner_id, customer)

    def test_what_a_conversion_hook_returns_is_written(self):
        lead = self.own_lead()
        self.extend("_convert_opportunity_data", priority="3")
        self.convert(lead)
        self.assertEqual(lead.priority, "3")

    def test_p6_each_write_of_a_customer_is_seen(self):
        written = self.watch_writes()
        leads = self.create_leads(3)
        self.run_all(self.create_run(leads))
        seen = {
            lead_id: values["partner_id"]
            for lead_ids, values in written
            for lead_id in lead_ids
            if "partner_id" in values
        }
        self.assertEqual(seen, {lead.id: lead.partner_id.id for lead in leads})

    def test_p6_where_nobody_else_looks_customers_are_written_together(self):
        leads = self.create_leads(3)
        before = leads.read(["partner_id", "phone", "type"])
        written = self.watch_writes()
        with patch(ASKED, lambda *_args: False):
            run = self.run_all(self.create_run(leads))
        self.assertTrue(written)
        self.assertFalse([one for _ids, one in written if "partner_id" in one])
        self.assertEqual(leads.mapped("partner_id.name"), leads.mapped("contact_name"))
        for lead in leads:
            self.assertIn("partner_id", self.get_tracked(lead))
        run.with_user(self.manager).action_undo()
        self.assertEqual(leads.read(["partner_id", "phone", "type"]), before)

    def test_p6_what_odoo_itself_checks_of_a_write_is_known(self):
        self.assertFalse(is_extended(self.env["crm.lead"], "write"))

    def test_what_others_write_in_reaction_is_tracked(self):
        Lead = type(self.env["crm.lead"])
        original = Lead.write
        other = self.create_lead(name="Another")
        self.finish_request()

        def hook(leads, values):
            result = original(leads, values)
            if values.get("partner_id") or values.get("type"):
                other.with_env(leads.env).user_id = self.salesperson_all
            return result

        self.patch(Lead, "write", hook)
        for lead in (self.own_lead(contact_name="Amy"), self.own_lead()):
            other.message_unsubscribe(self.salesperson_all.partner_id.ids)
            other.user_id = False
            self.finish_request()
            notes = other.message_ids
            self.convert(lead, self.manager, customer=CREATE)
            self.finish_request()
            self.assertIn(self.salesperson_all.partner_id, other.message_partner_ids)
            tracked = (other.message_ids - notes).sudo().tracking_value_ids
            self.assertEqual(tracked.field_id.mapped("name"), ["user_id"])

    def test_a_conversion_is_told_once_whatever_savepoints_others_set(self):
        Lead = type(self.env["crm.lead"])
        original = Lead.write

        def hook(leads, values):
            result = original(leads, values)
            with leads.env.cr.savepoint():
                return result

        self.patch(Lead, "write", hook)
        lead = self.own_lead(contact_name="Amy")
        self.finish_request()
        notes = lead.message_ids
        options = {"customer": CREATE, "user_ids": (self.salesperson_all.id,)}
        self.convert(lead, self.manager, **options)
        self.finish_request()
        told = (lead.message_ids - notes).sudo().filtered("tracking_value_ids")
        self.assertEqual(len(told), 1)
        names = told.tracking_value_ids.field_id.mapped("name")
        self.assertEqual({*names}, {"type", "user_id", "partner_id"})

    def test_a_conversion_is_told_once_and_what_follows_as_well(self):
        lead = self.own_lead(expected_revenue=10)
        self.finish_request()
        lead.expected_revenue = 20
        self.convert(lead, user_ids=(self.manager.id,))
        lead.expected_revenue = 30
        self.finish_request()
        told = lead.message_ids.sudo().tracking_value_ids
        self.assertEqual(
            sorted(told.mapped("field_id.name")),
            ["expected_revenue", "type", "user_id"],
        )
        values = told.filtered(lambda one: one.field_id.name == "expected_revenue")
        self.assertEqual(values.sorted("id").mapped("new_value_float"), [20, 30])

    def test_templates_for_changes_are_sent(self):
        template = self.env["mail.template"].create(
            {
                "name": "Handed over",
                "model_id": self.env["ir.model"]._get_id("crm.lead"),
                "subject": "Handed over",
                "body_html": "<p>Somebody else takes care of you.</p>",
            }
        )
        Lead = type(self.env["crm.lead"])
        original, seen = Lead._track_template, []

        def hook(lead, changes):
            seen.append((lead.id, set(changes)))
            result = original(lead, changes)
            if "user_id" in changes:
                result["user_id"] = (template, {"subtype_xmlid": "mail.mt_note"})
            return result

        lead, kept = self.own_lead(), self.own_lead()
        self.finish_request()
        self.patch(Lead, "_track_template", hook)
        conversion = self.convert(lead, user_ids=(self.manager.id,))
        self.convert(kept)
        self.finish_request()
        self.assertEqual(seen, [(lead.id, {"type", "user_id"}), (kept.id, {"type"})])
        self.assertIn("Handed over", lead.message_ids.mapped("subject"))
        conversion.with_user(self.manager)._undo()
        self.assertNotIn("Handed over", lead.message_ids.mapped("subject"))

    def test_who_follows_a_change_is_notified_as_of_any_other(self):
        follower = self.salesperson_all.partner_id
        subtype = self.env.ref("crm.mt_lead_stage")
        leads = self.create_leads(2)
        leads.stage_id = False
        leads.message_follower_ids.unlink()
        for lead in leads:
            lead.message_subscribe(follower.ids, subtype.ids)
        self.finish_request()
        self.run_all(self.create_run(leads))
        self.finish_request()
        for lead in leads:
            self.assertTrue(lead.stage_id)
            note = lead.message_ids.filtered("tracking_value_ids")
            self.assertEqual(note.subtype_id, subtype)
            self.assertIn("Converted to an opportunity", note.body)
            self.assertEqual(note.notified_partner_ids, follower)

    def test_customers_linked_by_core_method_are_tracked(self):
        for extended in (True, False):
            leads = self.create_leads(2)
            self.finish_request()
            with patch(ASKED, lambda *_args, answer=extended: answer):
                mine = leads.with_user(self.manager)
                mine._handle_partner_assignment(create_missing=True)
            self.finish_request()
            for lead in leads:
                self.assertIn("partner_id", self.get_tracked(lead))
