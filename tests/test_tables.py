"""B4, P10: tables are told apart by what they are, in whatever schema, and however they
are divided."""

from odoo import Command
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.crm_lead_qualification.engine.conversion import (
    CREATE,
    ConversionOptions,
)
from odoo.addons.crm_lead_qualification.exceptions import UnknownReference

from .lossless.hiding import divide
from .merging import MergeCase


@tagged("post_install", "-at_install")
class TestTables(MergeCase):
    def setUp(self):
        super().setUp()
        self.leads = self.create_leads({}, {})
        # SQL: what another program, or the keeper of the database, has made there
        self.env.cr.execute("CREATE SCHEMA elsewhere")

    def execute(self, *statements):
        self.env.flush_all()
        for statement in statements:
            self.env.cr.execute(statement)
        self.env.invalidate_all()

    def select(self, query):
        self.env.flush_all()
        return self.env.execute_query(SQL(query))

    # ------------------------------------------------------------
    # Foreign keys of other programs
    # ------------------------------------------------------------

    def test_b4_a_table_of_another_schema_is_named(self):
        self.execute(
            "CREATE TABLE elsewhere.calls (lead_id int REFERENCES crm_lead (id))"
        )
        merge = self.merge(self.leads)  # it points to none of them
        self.undo(merge)
        self.execute(f"INSERT INTO elsewhere.calls VALUES ({self.leads[1].id})")
        self.assert_refused(
            UnknownReference,
            "lead_id of the table elsewhere.calls",
            lambda: self.merge(self.leads),
        )

    def test_b4_a_table_that_is_called_like_a_known_one_keeps_its_rows(self):
        """Though its rows would be deleted with the leads they point to."""
        self.execute(
            """CREATE TABLE elsewhere.calendar_event (
                   opportunity_id int REFERENCES crm_lead (id) ON DELETE CASCADE)""",
            f"INSERT INTO elsewhere.calendar_event VALUES ({self.leads[1].id})",
        )
        self.assert_refused(
            UnknownReference,
            "opportunity_id of the table elsewhere.calendar_event",
            lambda: self.merge(self.leads),
        )

    def test_b4_odd_names_are_no_obstacle(self):
        self.execute(
            'CREATE SCHEMA "Else where"',
            """CREATE TABLE "Else where"."The ""100 %"" list" (
                   "Lead No." int REFERENCES crm_lead (id))""",
            f"""INSERT INTO "Else where"."The ""100 %"" list"
                VALUES ({self.leads[1].id})""",
        )
        self.assert_refused(
            UnknownReference,
            'Lead No. of the table Else where.The "100 %" list',
            lambda: self.merge(self.leads),
        )

    def test_b4_a_key_to_something_else_than_the_id_is_found(self):
        self.execute(
            "ALTER TABLE crm_lead ADD COLUMN number varchar UNIQUE",
            f"UPDATE crm_lead SET number = 'A1' WHERE id = {self.leads[1].id}",
            """CREATE TABLE elsewhere.numbers (
                   lead_number varchar REFERENCES crm_lead (number)
                       ON DELETE CASCADE)""",
            "INSERT INTO elsewhere.numbers VALUES ('A1')",
        )
        self.assert_refused(
            UnknownReference,
            "lead_number of the table elsewhere.numbers",
            lambda: self.merge(self.leads),
        )

    def test_b4_a_table_that_may_not_be_read_is_named(self):
        [(user, may_do_all)] = self.select(
            "SELECT rolname, rolsuper FROM pg_roles WHERE rolname = current_user"
        )
        if not may_do_all:
            self.skipTest("the user of the database may not create others")
        self.execute(
            "CREATE TABLE elsewhere.secret (lead_id int REFERENCES crm_lead (id))",
            "CREATE ROLE crm_lead_stranger",
            "ALTER TABLE elsewhere.secret OWNER TO crm_lead_stranger",
            "CREATE ROLE crm_lead_owner",
            f'GRANT "{user}" TO crm_lead_owner',
            "SET LOCAL ROLE crm_lead_owner",  # who may do less than this user
        )
        self.assert_refused(
            UnknownReference,
            "lead_id of the table elsewhere.secret.*Grant SELECT",
            lambda: self.merge(self.leads),
        )
        self.execute("RESET ROLE")

    def test_undo_leaves_a_customer_whom_another_program_needs(self):
        lead = self.create_lead(contact_name="Ann")
        conversion = self.env["crm.lead.conversion"]._convert_one(
            lead, ConversionOptions(customer=CREATE)
        )
        customer = lead.partner_id
        self.execute(
            """CREATE TABLE elsewhere.res_users (
                   partner_id int REFERENCES res_partner (id) ON DELETE CASCADE)""",
            f"INSERT INTO elsewhere.res_users VALUES ({customer.id})",
        )
        why = "Used by: elsewhere.res_users.partner_id"
        self.assertIn(
            ("res_partner", customer.id, None, None, why), conversion._get_conflicts()
        )
        conversion._undo()
        self.assertTrue(customer.exists())
        self.assertFalse(lead.partner_id)

    # ------------------------------------------------------------
    # Tables that are divided
    # ------------------------------------------------------------

    def divide(self, table, column):
        self.env.flush_all()
        divide(self.env, table, column, "elsewhere")
        self.env.invalidate_all()

    def test_b4_a_partition_is_moved_by_its_root(self):
        self.divide("calendar_event", "id")
        self.execute(
            """ALTER TABLE calendar_event ADD FOREIGN KEY (opportunity_id)
                   REFERENCES crm_lead (id) ON DELETE CASCADE"""
        )
        meetings = self.env["calendar.event"].create(
            [
                {"name": "Call", "start": "2026-03-01 10:00:00",
                 "stop": "2026-03-01 11:00:00", "opportunity_id": lead.id}
                for lead in (*self.leads, *self.leads)
            ]
        )  # fmt: skip
        self.assert_undone_exactly(self.leads)
        self.merge(self.leads)
        self.assertEqual(meetings.opportunity_id, self.leads[0])

    def test_b4_rows_that_a_move_takes_to_another_partition_come_back(self):
        self.divide("crm_tag_rel", "lead_id")
        tags = self.env["crm.tag"].create([{"name": f"Tag {one}"} for one in range(4)])
        leads = self.create_leads(*({} for _one in range(5)))
        leads[0].tag_ids = tags[:1]
        for lead, tag in zip(leads[1:], tags, strict=True):
            lead.tag_ids = [Command.set((tags[0] + tag).ids)]
        self.assert_undone_exactly(leads)
        self.merge(leads)
        self.assertEqual(leads[0].tag_ids, tags)

    # ------------------------------------------------------------
    # Tables that inherit
    # ------------------------------------------------------------

    def test_b4_messages_of_a_table_that_inherits_move(self):
        messages = self.env["mail.message"].create(
            [
                {"model": "crm.lead", "res_id": lead.id, "body": "Old"}
                for lead in self.leads
            ]
        )
        self.execute(
            "CREATE TABLE elsewhere.mail_message () INHERITS (mail_message)",
            f"""WITH gone AS (DELETE FROM ONLY mail_message WHERE id = {messages[1].id}
                              RETURNING *)
                INSERT INTO elsewhere.mail_message SELECT * FROM gone""",
        )
        self.assert_undone_exactly(self.leads)
        merge = self.merge(self.leads)
        self.assertEqual(messages.mapped("res_id"), self.leads[0].ids * 2)
        self.assertFalse(self.env["crm.lead.ledger"]._count(self.leads[1].ids))
        self.undo(merge)
        self.assertEqual(messages.mapped("res_id"), self.leads.ids)
        [(table,)] = self.select(
            f"""SELECT tableoid::regclass::text FROM mail_message
                 WHERE id = {messages[1].id}"""
        )
        self.assertEqual(table, "elsewhere.mail_message")

    def test_b2_what_hangs_on_leads_is_known_by_name_though_others_inherit(self):
        """As of a table with no heirs: who deleted a message, stopped following, or
        reads where a message comes from."""
        self.execute(
            "CREATE TABLE elsewhere.mail_message () INHERITS (mail_message)",
            "CREATE TABLE elsewhere.mail_followers () INHERITS (mail_followers)",
        )
        customer = self.create_customer()
        for lead in self.leads:
            lead.message_subscribe(customer.ids)
        messages = self.leads[1].message_post(body="Bye")
        messages += self.leads[1].message_post(body="Hello")
        self.assert_undone_exactly(self.leads)
        name = self.leads[1].name
        merge = self.merge(self.leads)
        self.assertEqual(messages._find_merged_from()[messages[1].id]["name"], name)
        messages[0].unlink()
        self.leads[0].message_unsubscribe(customer.ids)
        asked = self.undo(merge)
        dialog = self.env["crm.lead.undo"].browse(asked["res_id"])
        labels = dict(dialog.line_ids.mapped(lambda line: (line.label, line.record)))
        self.assertEqual(labels["Deleted since"], f"Message {messages[0].id}")
        self.assertIn("Followers", labels)
        self.undo(merge, force=True)
        self.assertNotIn(customer, self.leads.message_follower_ids.partner_id)

    def test_b4_rows_are_moved_though_only_the_table_that_inherits_has_any(self):
        self.execute(
            "CREATE TABLE elsewhere.old_rel () INHERITS (crm_tag_rel)",
            "TRUNCATE crm_tag_rel",
        )
        tag = self.env["crm.tag"].create({"name": "Old"})
        self.execute(
            f"INSERT INTO elsewhere.old_rel (lead_id, tag_id)"
            f" VALUES ({self.leads[1].id}, {tag.id})"
        )
        self.assert_undone_exactly(self.leads)
        self.merge(self.leads)
        self.assertEqual(self.leads[0].tag_ids, tag)

    def test_b4_links_of_other_leads_in_a_table_that_inherits_stay(self):
        """Where a row is, is said by its place and its table together."""
        tags = self.env["crm.tag"].create([{"name": "One"}, {"name": "Two"}])
        stranger = self.create_lead()
        self.execute(
            "TRUNCATE crm_tag_rel",
            "CREATE TABLE elsewhere.old_rel () INHERITS (crm_tag_rel)",
            f"""INSERT INTO crm_tag_rel (lead_id, tag_id)
                VALUES ({self.leads[1].id}, {tags[0].id})""",
            f"""INSERT INTO elsewhere.old_rel (lead_id, tag_id)
                VALUES ({stranger.id}, {tags[1].id})""",
        )
        self.assert_undone_exactly(self.leads)
        self.merge(self.leads)
        self.assertEqual(self.leads[0].tag_ids, tags[0])
        self.assertEqual(stranger.tag_ids, tags[1])

    def test_undo_leaves_the_same_link_in_a_table_that_inherits(self):
        tag = self.env["crm.tag"].create({"name": "One"})
        survivor, source = self.leads
        self.execute(
            "CREATE TABLE elsewhere.old_rel () INHERITS (crm_tag_rel)",
            f"""INSERT INTO crm_tag_rel (lead_id, tag_id)
                VALUES ({source.id}, {tag.id})""",
            f"""INSERT INTO elsewhere.old_rel (lead_id, tag_id)
                VALUES ({survivor.id}, {tag.id})""",
        )
        self.assert_undone_exactly(self.leads)
