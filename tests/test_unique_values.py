from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.crm_lead_qualification.exceptions import MergeRefused

from .merging import MergeCase

EXPRESSION = "CREATE UNIQUE INDEX only_one ON crm_lead (lower(referred))"
PARTIAL = "CREATE UNIQUE INDEX only_one ON crm_lead (referred) WHERE active"
CONSTRAINT = "ALTER TABLE crm_lead ADD CONSTRAINT only_one UNIQUE (referred)"
TOGETHER = "CREATE UNIQUE INDEX only_one ON crm_lead (team_id, lower(referred))"


class UniqueCase(MergeCase):
    """Leads of which only one may have a number, kept in *Referred By*."""

    def make_unique(self, statement):
        """Have the database take a value once, as an addon does."""
        self.env.cr.execute("UPDATE crm_lead SET referred = NULL")
        self.env.cr.execute(statement)
        self.env.registry.clear_cache()
        self.addCleanup(self.env.registry.clear_cache)

    def ask(self, merge):
        """Undo, expect the question, and return {(record, field): (stays, was)}."""
        action = self.undo(merge)
        self.assertEqual(action["res_model"], "crm.lead.undo")
        lines = self.env["crm.lead.undo"].browse(action["res_id"]).line_ids
        self.assertEqual(merge.state, "done", "nothing is done before the answer")
        return {
            (line.record, line.label): (line.value_now, line.value_before)
            for line in lines
        }

    def take(self, merge, field):
        row = merge.value_ids.filtered(lambda value: value.field_name == field)
        row.with_user(self.salesperson_all).action_take()
        self.env.flush_all()


@tagged("post_install", "-at_install")
class TestUniqueValuesMerged(UniqueCase):
    """P10: what only one record may have stays its own, however it is made unique."""

    def test_p10_each_record_keeps_its_own(self):
        for statement in (EXPRESSION, PARTIAL, CONSTRAINT, TOGETHER):
            with self.subTest(statement), self.env.cr.savepoint() as savepoint:
                self.make_unique(statement)
                leads = self.create_leads({}, {"referred": "L-2"})
                merge = self.merge(leads)
                self.assertFalse(leads[0].referred)
                self.assertEqual(self.set_aside(merge)["referred"], ["L-2"])
                self.undo(merge)
                self.assertEqual(leads[1].referred, "L-2")
                savepoint.rollback()

    def test_p10_condition_of_an_index_is_no_value_of_its_own(self):
        self.make_unique("CREATE UNIQUE INDEX x ON crm_lead (referred) WHERE city > ''")
        leads = self.create_leads({}, {"city": "Lyon"})
        self.merge(leads)
        self.assertEqual(leads[0].city, "Lyon")

    def test_p10_what_a_number_counts_within_is_no_value_of_its_own(self):
        self.make_unique(TOGETHER)
        leads = self.create_leads({"team_id": False}, {"referred": "L-2"})
        self.merge(leads)
        self.assertEqual(leads[0].team_id, self.lead_channel)

    def test_p10_part_of_a_bundle_is_each_records_own(self):
        self.env.cr.execute("UPDATE crm_lead SET email_from = NULL")
        self.make_unique("CREATE UNIQUE INDEX x ON crm_lead (lower(email_from))")
        leads = self.create_leads(
            {}, {"contact_name": "Ann", "email_from": "ann@example.com"}
        )
        merge = self.merge(leads)
        self.assertEqual(leads[0].contact_name, "Ann")
        self.assertFalse(leads[0].email_from)
        self.assertEqual(self.set_aside(merge)["email_from"], ["ann@example.com"])

    def test_p10_clash_with_a_third_record_names_it(self):
        self.make_unique(TOGETHER)
        leads = self.create_leads(
            {"team_id": False, "referred": "L-1", "name": "Chairs"},
            {},
            {"referred": "l-1", "name": "Desks"},
        )
        with mute_logger("odoo.sql_db"):
            self.assert_refused(
                MergeRefused,
                "‘Chairs’.*Sales Team, Referred By.*‘Desks’ has it",
                lambda: self.merge(leads[:2]),
            )

    def test_p10_taking_what_a_third_record_has_names_it(self):
        self.make_unique(EXPRESSION)
        leads = self.create_leads(
            {"name": "Chairs"}, {"referred": "L-2"}, {"name": "Desks"}
        )
        merge = self.merge(leads[:2])
        leads[2].referred = "l-2"
        self.env.flush_all()
        with mute_logger("odoo.sql_db"):
            self.assert_refused(
                MergeRefused,
                "‘Chairs’.*Referred By.*‘Desks’ has it",
                lambda: self.take(merge, "referred"),
            )


@tagged("post_install", "-at_install")
class TestUniqueValuesUndone(UniqueCase):
    """B1, B2: what only one record may have comes back, unless another one has it."""

    def test_b1_number_that_was_taken_goes_back(self):
        for statement in (EXPRESSION, PARTIAL, CONSTRAINT, TOGETHER):
            with self.subTest(statement), self.env.cr.savepoint() as savepoint:
                self.make_unique(statement)
                leads = self.create_leads({"referred": "L-1"}, {"referred": "L-2"})
                merge = self.merge(leads)
                self.take(merge, "referred")
                self.assertEqual(leads[0].referred, "L-2")
                self.undo(merge)
                self.assertEqual(merge.state, "undone")
                self.assertEqual(leads.mapped("referred"), ["L-1", "L-2"])
                savepoint.rollback()

    def test_b1_required_number_that_was_taken_goes_back(self):
        self.make_unique(EXPRESSION)
        self.env.cr.execute("UPDATE crm_lead SET referred = 'old' || id")
        self.env.cr.execute("ALTER TABLE crm_lead ALTER COLUMN referred SET NOT NULL")
        leads = self.create_leads({"referred": "L-1"}, {"referred": "L-2"})
        merge = self.merge(leads)
        self.take(merge, "referred")
        self.undo(merge)
        self.assertEqual(leads.mapped("referred"), ["L-1", "L-2"])

    def test_b2_number_given_to_another_lead_stays_there(self):
        for statement in (EXPRESSION, PARTIAL, CONSTRAINT, TOGETHER):
            with self.subTest(statement), self.env.cr.savepoint() as savepoint:
                self.make_unique(statement)
                leads = self.create_leads(
                    {"referred": "L-1"},
                    {"referred": "L-2", "name": "Chairs", "city": "Lyon"},
                    {"name": "Desks"},
                )
                merge = self.merge(leads[:2])
                leads[2].referred = "L-2"
                self.assertEqual(
                    self.ask(merge),
                    {("Chairs", "Referred By"):
                     ("Only one may have it: ‘Desks’ keeps it", "L-2")},
                )  # fmt: skip
                self.undo(merge, force=True)
                self.assertEqual(leads.mapped("referred"), ["L-1", False, "L-2"])
                self.assertEqual(leads[1].city, "Lyon")
                savepoint.rollback()

    def test_b2_number_typed_on_the_survivor_stays_there(self):
        self.make_unique(EXPRESSION)
        leads = self.create_leads(
            {"referred": "L-1", "name": "Chairs"}, {"referred": "L-2", "name": "Desks"}
        )
        merge = self.merge(leads)
        leads[0].referred = "l-2"
        self.assertEqual(
            self.ask(merge)["Desks", "Referred By"],
            ("Only one may have it: ‘Chairs’ keeps it", "L-2"),
        )
        self.undo(merge, force=True)
        self.assertEqual(leads.mapped("referred"), ["l-2", False])

    def test_b2_survivors_number_given_away_after_it_took_another(self):
        self.make_unique(CONSTRAINT)
        leads = self.create_leads({"referred": "L-1"}, {"referred": "L-2"}, {})
        merge = self.merge(leads[:2])
        self.take(merge, "referred")
        leads[2].referred = "L-1"
        self.undo(merge, force=True)
        self.assertEqual(leads.mapped("referred"), [False, "L-2", "L-1"])

    def test_b2_required_number_given_to_another_lead_is_drawn_anew(self):
        self.make_unique(CONSTRAINT)
        self.env.cr.execute("UPDATE crm_lead SET referred = 'old' || id")
        self.env.cr.execute("ALTER TABLE crm_lead ALTER COLUMN referred SET NOT NULL")
        leads = self.create_leads(
            {"referred": "L-1"}, {"referred": "L-2"}, {"referred": "L-3"}
        )
        merge = self.merge(leads[:2])
        leads[2].referred = "L-2"
        self.env["ir.default"].set("crm.lead", "referred", "L-4")
        self.undo(merge, force=True)
        self.assertEqual(leads.mapped("referred"), ["L-1", "L-4", "L-2"])

    def test_b2_holder_that_may_not_be_read_is_not_named(self):
        self.make_unique(CONSTRAINT)
        leads = self.create_leads({}, {"referred": "L-2", "name": "Chairs"})
        merge = self.merge(leads)
        secret = self.create_lead(
            name="Secret", referred="L-2", company_id=self.other_company.id,
            user_id=False, team_id=False,
        )  # fmt: skip
        [(stays, _before)] = self.ask(merge).values()
        self.assertNotIn("Secret", stays)
        self.undo(merge, force=True)
        self.assertEqual(secret.referred, "L-2")

    def test_b2_row_of_another_table_that_is_there_again_stands_in(self):
        """A subscription that was dropped, as the survivor had one, cannot come back
        beside one that is there again."""
        leads = self.create_leads({"name": "Chairs"}, {"name": "Desks"})
        partner = self.salesperson.partner_id
        leads.message_subscribe(partner.ids)
        [theirs] = leads[1].message_follower_ids.filtered(
            lambda follower: follower.partner_id == partner
        )
        merge = self.merge(leads)
        again = self.env["mail.followers"].create(
            {"res_model": "crm.lead", "res_id": leads[1].id, "partner_id": partner.id}
        )
        self.assertEqual(len(self.ask(merge)), 1)
        self.undo(merge, force=True)
        self.assertFalse(theirs.exists())
        self.assertEqual(leads[1].message_follower_ids & again, again)

    def test_b2_number_of_another_table_stays_with_its_holder(self):
        self.env.cr.execute("ALTER TABLE mail_followers ADD COLUMN number varchar")
        self.env.cr.execute("CREATE UNIQUE INDEX x ON mail_followers (lower(number))")
        leads = self.create_leads({}, {})
        partner = self.salesperson.partner_id
        leads.message_subscribe(partner.ids)
        [kept, theirs] = leads.message_follower_ids.filtered(
            lambda follower: follower.partner_id == partner
        ).sorted("id")
        self.number(theirs, "F-2")
        merge = self.merge(leads)
        self.number(kept, "f-2")
        self.assertEqual(
            [
                (label, was)
                for (_record, label), (_stays, was) in self.ask(merge).items()
            ],
            [("number", "F-2")],
        )
        self.undo(merge, force=True)
        self.assertEqual(self.number(kept), "f-2")
        self.assertEqual(self.number(theirs), None)

    def number(self, follower, number=None):
        """Number a subscription; return its number."""
        if number:
            self.env.cr.execute(
                "UPDATE mail_followers SET number = %s WHERE id = %s",
                [number, follower.id],
            )
        self.env.cr.execute(
            "SELECT number FROM mail_followers WHERE id = %s", [follower.id]
        )
        return self.env.cr.fetchone()[0]
