"""Undoing a conversion (promise B3): every row of every table is as it was before."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL

from ..engine.conversion import CREATE, LINK, ConversionOptions
from ..engine.plan import MergeOptions
from ..exceptions import UndoRefused
from .common import LeadQualificationCase

# What remembers that there was a conversion, and that it was undone.
JOURNAL = (
    "crm_lead_conversion",
    "crm_lead_match",
    "crm_lead_merge",
    "crm_lead_journal",
    "crm_lead_journal_line",
    "crm_lead_run",
    "ir_cron_trigger",
    "bus_bus",
)


class UndoConversionCase(LeadQualificationCase):
    """A lead of a salesperson who sees only their own, and ways to convert it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls.create_user(
            "convert_colleague", "sales_team.group_sale_salesman"
        )
        cls.lead = cls.create_lead(
            user_id=cls.salesperson.id,
            team_id=cls.lead_channel.id,
            contact_name="Amy Wong",
            partner_name="Planet Express",
            email_from="Amy <amy@example.com>",
            phone="+32 2 290 34 90",
        )
        cls.env.flush_all()

    def convert(self, lead=None, user=None, **options):
        Conversion = self.env["crm.lead.conversion"].with_user(user or self.salesperson)
        lead = (lead or self.lead).with_user(user or self.salesperson)
        return Conversion._convert_one(lead, ConversionOptions(**options))

    def watch_bus(self):
        """Return what web clients are told from now on: [(user, kind, message), …]"""
        told = []
        self.patch(
            type(self.env["res.users"]),
            "_bus_send",
            lambda user, kind, message, **_options: told.append((user, kind, message)),
        )
        return told

    def read_database(self):
        """Return {table: its rows as text, sorted} of all tables but the journal's."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT relname FROM pg_stat_xact_user_tables "
            "WHERE schemaname = current_schema"
        )
        tables = [name for (name,) in self.env.cr.fetchall()]
        return {
            table: self.env.execute_query(
                SQL(
                    "SELECT to_jsonb(t)::text FROM %s t ORDER BY 1",
                    SQL.identifier(table),
                )
            )
            for table in tables
            if not table.startswith(JOURNAL)
        }

    def assertSameDatabase(self, before):
        now = self.read_database()
        changed = {table for table in now if now[table] != before.get(table)}
        self.assertFalse(
            {table: set(now[table]) ^ set(before.get(table, ())) for table in changed}
        )


@tagged("post_install", "-at_install")
class TestUndoConversion(UndoConversionCase):
    """One conversion, taken back by whoever made it."""

    def test_b3_the_open_chatter_forgets_what_undo_deletes(self):
        told = self.watch_bus()
        notes = self.lead.message_ids
        conversion = self.convert(customer=CREATE)
        new = self.lead.message_ids - notes
        self.assertTrue(new)
        conversion.action_undo()
        [(user, kind, message)] = told
        self.assertEqual((user, kind), (self.salesperson, "mail.message/delete"))
        self.assertLessEqual({*new.ids}, {*message["message_ids"]})
        self.assertFalse(
            self.env["mail.message"].browse(message["message_ids"]).exists()
        )

    def test_b3_all_rows_come_back(self):
        before = self.read_database()
        conversion = self.convert(
            customer=CREATE,
            user_ids=(self.colleague.id,),
            team_id=self.direct_channel.id,
        )
        self.assertEqual(self.lead.type, "opportunity")
        self.assertEqual(self.lead.user_id, self.colleague)
        self.assertEqual(self.lead.partner_id.parent_id.name, "Planet Express")
        self.assertEqual(len(conversion.created_partner_ids), 2)
        conversion.action_undo()
        self.assertEqual(self.lead.type, "lead")
        self.assertEqual(conversion.state, "undone")
        self.assertSameDatabase(before)
        # its customer is another one again: it is compared by that
        waiting = self.env["crm.lead.match.queue"].search([("is_built", "=", False)])
        self.assertIn(self.lead.id, waiting.mapped("lead_id"))

    def test_b3_conversion_says_before_and_after(self):
        conversion = self.convert(customer=CREATE, user_ids=(self.colleague.id,))
        self.assertEqual(conversion.user_before_id, self.salesperson)
        self.assertEqual(conversion.user_id, self.colleague)
        self.assertEqual(conversion.team_before_id, self.lead_channel)
        self.assertFalse(conversion.partner_before_id)
        self.assertEqual(conversion.partner_id, self.lead.partner_id)

    def test_b3_stage_deleted_since_is_said(self):
        """The lead goes back to its channel, and into the first stage there."""
        first, gone = self.env["crm.stage"].create(
            [
                {"name": name, "sequence": -1, "team_ids": self.lead_channel.ids}
                for name in ("First of all", "Gone")
            ]
        )
        self.lead.stage_id = gone
        conversion = self.convert(team_id=self.direct_channel.id)
        self.assertNotEqual(self.lead.stage_id, gone)
        gone.unlink()
        question = conversion.action_undo()
        line = self.env[question["res_model"]].browse(question["res_id"]).line_ids
        self.assertEqual((line.label, line.value_before), ("Stage", "Deleted since"))
        conversion.action_undo(force=True)
        self.assertEqual(self.lead.stage_id, first)
        self.assertEqual(self.lead.team_id, self.lead_channel)

    def test_b3_customer_in_use_stays(self):
        conversion = self.convert(customer=CREATE)
        customer = self.lead.partner_id
        followers, messages = customer.message_partner_ids, customer.message_ids
        self.assertTrue(followers and messages)
        self.create_lead(
            name="Another", partner_id=customer.id, user_id=self.salesperson.id
        )
        question = conversion.action_undo()
        self.assertEqual(question["res_model"], "crm.lead.undo")
        undo = self.env["crm.lead.undo"].browse(question["res_id"])
        line = undo.line_ids.filtered(lambda one: one.record == customer.display_name)
        self.assertEqual(line.label, "Customer")
        self.assertIn("Used by: Lead", line.value_now)
        self.assertIn("Another", line.value_now)
        self.assertEqual(line.value_before, "Did not exist")
        undo.with_user(self.salesperson).action_undo()
        self.assertTrue(customer.exists())
        self.assertTrue(customer.parent_id.exists())
        self.assertEqual(self.lead.type, "lead")
        self.assertFalse(self.lead.partner_id)
        self.assertEqual(customer.message_partner_ids, followers)
        self.assertEqual(customer.message_ids, messages)

    def test_b3_customer_that_is_a_default_stays(self):
        conversion = self.convert(customer=CREATE)
        customer = self.lead.partner_id
        self.env["ir.default"].set("crm.lead", "partner_id", customer.id)
        self.assertEqual(conversion.action_undo()["res_model"], "crm.lead.undo")
        conversion.action_undo(force=True)
        self.assertTrue(customer.exists())

    def test_b3_edited_customer_stays(self):
        conversion = self.convert(customer=CREATE)
        customer = self.lead.partner_id
        customer.phone = "+32 2 111 11 11"
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE res_partner SET write_date = create_date + interval '1 hour' "
                "WHERE id = %s",
                customer.id,
            )
        )
        customer.invalidate_recordset()
        conversion.action_undo(force=True)
        self.assertEqual(customer.exists().phone, "+32 2 111 11 11")

    def test_b3_two_leads_share_a_created_customer(self):
        other = self.create_lead(
            user_id=self.salesperson.id, email_from="amy@example.com"
        )
        leads = (self.lead + other).with_user(self.salesperson)
        leads.write({"partner_name": False})
        before = self.read_database()
        conversions, _skipped = (
            self.env["crm.lead.conversion"]
            .with_user(self.salesperson)
            ._convert(leads, ConversionOptions(customer=CREATE))
        )
        customer = leads.partner_id
        self.assertEqual(len(customer), 1)
        conversions[0].action_undo(force=True)
        self.assertTrue(customer.exists())
        conversions[1].action_undo()
        self.assertFalse(customer.exists())
        self.assertSameDatabase(before)

    def test_b2_what_changed_since_is_asked_and_kept(self):
        conversion = self.convert(user_ids=(self.colleague.id,))
        self.lead.user_id = self.manager
        self.env.flush_all()
        question = conversion.with_user(self.manager).action_undo()
        undo = self.env["crm.lead.undo"].browse(question["res_id"])
        self.assertEqual(undo.line_ids[0].value_now, self.manager.name)
        undo.with_user(self.manager).action_undo()
        self.assertEqual(self.lead.user_id, self.manager)
        self.assertEqual(self.lead.type, "lead")

    def test_b3_twice_is_refused(self):
        conversion = self.convert()
        conversion.action_undo()
        with self.assertRaisesRegex(UndoRefused, "undone already"):
            conversion.action_undo()

    def test_b3_what_was_won_since_is_no_lead_again(self):
        conversion = self.convert()
        self.lead.action_set_won()
        with self.assertRaisesRegex(UndoRefused, "won since"):
            conversion.action_undo()
        self.lead.stage_id = self.env["crm.stage"].search([("is_won", "=", False)])[:1]
        conversion.action_undo(force=True)
        self.assertEqual(self.lead.type, "lead")

    def test_b1_a_merge_that_was_won_since_is_no_lead_again(self):
        other = self.create_lead(user_id=self.salesperson.id)
        options = MergeOptions(convert=True)
        merge = self.env["crm.lead.merge"]._merge(self.lead + other, options)
        self.lead.action_set_won()
        with self.assertRaisesRegex(UndoRefused, "won since"):
            merge.action_undo()

    def test_b3_only_who_may(self):
        conversion = self.convert()
        with self.assertRaises(AccessError):
            conversion.with_user(self.colleague).action_undo()

    def test_b3_merged_since_says_what_first(self):
        conversion = self.convert()
        other = self.create_lead(type="opportunity", user_id=self.salesperson.id)
        merge = self.env["crm.lead.merge"]._merge(self.lead + other)
        with self.assertRaisesRegex(UndoRefused, str(merge.id)):
            conversion.action_undo()
        merge.action_undo(force=True)
        conversion.action_undo()
        self.assertEqual(self.lead.type, "lead")

    def test_b3_the_last_conversion_first(self):
        first = self.convert(customer=CREATE)
        self.lead.type = "lead"
        second = self.convert()
        with self.assertRaisesRegex(UndoRefused, "converted once more"):
            first.action_undo()
        second.action_undo(force=True)
        first.action_undo(force=True)
        self.assertEqual(self.lead.type, "lead")
        self.assertFalse(self.lead.partner_id)

    def test_b3_a_merge_that_converts_again_is_undone_as_a_merge(self):
        conversion = self.convert()
        self.lead.type = "lead"
        other = self.create_lead(user_id=self.salesperson.id)
        leads = (self.lead + other).with_user(self.salesperson)
        merge = leads.env["crm.lead.merge"]._merge(leads, MergeOptions(convert=True))
        leads.env["crm.lead.conversion"]._convert(self.lead, merges=merge)
        with self.assertRaisesRegex(UndoRefused, "merged after it was converted"):
            conversion.action_undo()

    def test_b3_conversion_of_a_merge_first(self):
        other = self.create_lead(user_id=self.salesperson.id)
        merge = self.env["crm.lead.merge"]._merge(self.lead + other, MergeOptions())
        conversion = self.convert(customer=CREATE)
        with self.assertRaisesRegex(UndoRefused, "[Cc]onversion"):
            merge.action_undo()
        conversion.action_undo()
        merge.action_undo()
        self.assertTrue(other.exists())

    def test_b3_what_arrives_late_does_not_change_what_comes_first(self):
        """A message for a merged lead moves on, after the result was converted."""
        source = self.create_lead(user_id=self.salesperson.id)
        merge = self.env["crm.lead.merge"]._merge(self.lead + source)
        conversion = self.convert()
        self.env["mail.message"].create(
            {
                "model": "crm.lead",
                "res_id": source.id,
                "body": "Late",
                "reply_to": "late@example.com",
            }
        )
        self.env["crm.lead.merge"]._cron_sweep_late_arrivals()
        with self.assertRaisesRegex(UndoRefused, "Undo the conversion first"):
            merge.action_undo()
        conversion.action_undo()
        self.assertEqual(self.lead.type, "lead")
        merge.action_undo()
        self.assertTrue(source.exists())

    def test_back_to_lead_undoes_the_conversion(self):
        before = self.read_database()
        self.convert(customer=CREATE)
        self.lead.with_user(self.salesperson).action_back_to_lead()
        self.assertSameDatabase(before)

    def test_undo_says_what_was_deleted(self):
        conversion = self.convert(customer=CREATE)
        customer = self.lead.partner_id
        name, company = customer.name, customer.parent_id.name
        action = conversion.action_undo()
        self.assertEqual(action["params"]["res_id"], conversion.id)
        self.assertEqual(action["params"]["next"]["res_id"], self.lead.id)
        message = action["params"]["message"]
        self.assertIn("is a lead again. Deleted: ", message)
        self.assertIn(name, message)
        self.assertIn(company, message)

    def test_undo_says_nothing_of_what_stays(self):
        conversion = self.convert(customer=CREATE)
        self.lead.partner_id.parent_id.ref = "in use"
        self.create_lead(partner_id=self.lead.partner_id.id)
        action = conversion.action_undo(force=True)
        self.assertNotIn("Deleted", action["params"]["message"])

    def test_back_to_lead_of_what_never_was_one(self):
        lead = self.create_lead(type="opportunity", user_id=self.salesperson.id)
        before = self.read_database()
        mine = lead.with_user(self.salesperson)
        question = mine.action_back_to_lead()
        self.assertEqual(question["tag"], "crm_lead_qualification.question")
        self.assertIn("never was a lead", question["params"]["message"])
        self.assertEqual(lead.type, "opportunity")
        action = mine.action_back_to_lead(force=True)
        self.assertEqual(lead.type, "lead")
        self.assertIn("is a lead now", action["params"]["message"])
        conversion = mine.env["crm.lead.conversion"].browse(action["params"]["res_id"])
        undone = conversion.action_undo()
        self.assertIn("is an opportunity again", undone["params"]["message"])
        self.assertSameDatabase(before)

    def test_back_to_lead_of_what_is_one_says_so(self):
        lead = self.create_lead(user_id=self.salesperson.id)
        with self.assertRaisesRegex(UserError, "is a lead already"):
            lead.with_user(self.salesperson).action_back_to_lead(force=True)

    def test_back_to_lead_asks_about_what_has_changed_since(self):
        lead = self.create_lead(type="opportunity", user_id=self.salesperson.id)
        mine = lead.with_user(self.salesperson)
        action = mine.action_back_to_lead(force=True)
        conversion = mine.env["crm.lead.conversion"].browse(action["params"]["res_id"])
        mine.city = "Ghent"
        conversion.action_undo(force=True)
        self.assertEqual((lead.type, lead.city), ("opportunity", "Ghent"))

    def test_back_to_lead_stands_in_nobodys_way(self):
        """Neither another conversion, nor the undo of a merge before it."""
        deal = self.create_lead(type="opportunity", user_id=self.salesperson.id)
        source = self.create_lead(user_id=self.salesperson.id)
        leads = (deal + source).with_user(self.salesperson)
        merge = leads.env["crm.lead.merge"]._merge(leads)
        leads[0].action_back_to_lead(force=True)
        conversion = leads.env["crm.lead.conversion"]._convert_one(leads[0])
        self.assertEqual(deal.type, "opportunity")
        leads[0].action_back_to_lead(force=True)
        self.assertEqual((deal.type, conversion.state), ("lead", "undone"))
        merge.action_undo(force=True)
        self.assertTrue(source.exists())

    def test_back_to_lead_of_what_a_lead_was_merged_into(self):
        deal = self.create_lead(
            name="Deal",
            type="opportunity",
            user_id=self.salesperson.id,
            email_from=self.lead.email_from,
        )
        Dialog = self.env["crm.lead2opportunity.partner"].with_user(self.salesperson)
        context = {
            "active_model": "crm.lead",
            "active_id": self.lead.id,
            "active_ids": self.lead.ids,
        }
        dialog = Dialog.with_context(**context).create(
            {"name": "merge", "action": "create"}
        )
        dialog.action_apply()
        deal.with_user(self.salesperson).action_back_to_lead(force=True)
        self.assertEqual(deal.type, "lead")
        self.assertEqual(deal.merge_count, 1)

    def test_undo_leaves_a_linked_customer_alone(self):
        customer = self.create_customer(email="amy@example.com", phone="123")
        before = self.read_database()
        conversion = self.convert(customer=LINK, partner_id=customer.id)
        self.assertEqual(self.lead.partner_id, customer)
        conversion.action_undo()
        self.assertSameDatabase(before)
