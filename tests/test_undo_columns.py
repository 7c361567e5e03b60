from odoo.tests import tagged

from .merging import MergeCase


class ColumnCase(MergeCase):
    """Tables that become others after the merge."""

    def setUp(self):
        # once the fields that a test adds are rolled back
        self.addCleanup(lambda: self.registry._setup_models__(self.cr))
        super().setUp()

    def sql(self, query, *args):
        """Change the database as an update of an addon does."""
        self.env.flush_all()
        self.env.cr.execute(query, args)
        self.env.invalidate_all()

    def read_column(self, column, leads):
        """Return the values of a column, as PostgreSQL has them."""
        self.env.flush_all()
        self.env.cr.execute(
            f"SELECT {column} FROM crm_lead WHERE id = ANY(%s) ORDER BY id", [leads.ids]
        )
        return [value for (value,) in self.env.cr.fetchall()]

    def ask(self, merge):
        """Undo, expect the question, and return {(record, field): (stays, was)}."""
        action = self.undo(merge)
        self.assertEqual(action["res_model"], "crm.lead.undo")
        lines = self.env["crm.lead.undo"].browse(action["res_id"]).line_ids
        return {
            (line.record, line.label): (line.value_now, line.value_before)
            for line in lines
        }

    def add_field(self, name, ttype, **values):
        """Add a field to leads, as a customer does."""
        self.env["ir.model.fields"].create(
            {"model_id": self.env["ir.model"]._get_id("crm.lead"), "name": name,
             "field_description": name, "ttype": ttype, **values}
        )  # fmt: skip


@tagged("post_install", "-at_install")
class TestUndoColumns(ColumnCase):
    """B1, B2: undo where tables have other columns than at the merge."""

    def test_b1_required_column_without_default_added_since(self):
        leads = self.create_leads({}, {"city": "Lyon"}, {"city": "Nice"})
        merge = self.merge(leads)
        self.sql("ALTER TABLE crm_lead ADD COLUMN grade varchar")
        self.sql("UPDATE crm_lead SET grade = 'first'")
        self.sql("ALTER TABLE crm_lead ALTER COLUMN grade SET NOT NULL")
        self.undo(merge)
        self.assertEqual(leads.mapped("city"), [False, "Lyon", "Nice"])
        self.assertEqual(self.read_column("grade", leads), ["first", "", ""])

    def test_b1_required_link_added_since_is_the_survivors(self):
        leads = self.create_leads({}, {"city": "Lyon"})
        merge = self.merge(leads)
        self.sql("ALTER TABLE crm_lead ADD COLUMN keeper int REFERENCES res_partner")
        self.sql("UPDATE crm_lead SET keeper = %s", self.env.user.partner_id.id)
        self.sql("ALTER TABLE crm_lead ALTER COLUMN keeper SET NOT NULL")
        self.undo(merge)
        self.assertEqual(
            self.read_column("keeper", leads), [self.env.user.partner_id.id] * 2
        )

    def test_b1_column_required_since(self):
        leads = self.create_leads({"referred": "By Ann"}, {"city": "Lyon"})
        merge = self.merge(leads)
        self.sql("UPDATE crm_lead SET referred = '' WHERE referred IS NULL")
        self.sql("ALTER TABLE crm_lead ALTER COLUMN referred SET NOT NULL")
        self.undo(merge)
        self.assertEqual(self.read_column("referred", leads), ["By Ann", ""])

    def test_b2_text_that_became_a_number_is_asked_about(self):
        self.sql("ALTER TABLE crm_lead ADD COLUMN seats varchar")
        leads = self.create_leads({}, {"name": "Seven"}, {"name": "Many"})
        self.sql("UPDATE crm_lead SET seats = '7' WHERE id = %s", leads[1].id)
        self.sql("UPDATE crm_lead SET seats = 'many' WHERE id = %s", leads[2].id)
        merge = self.merge(leads)
        self.sql("ALTER TABLE crm_lead ALTER COLUMN seats TYPE int USING seats::int")
        self.assertEqual(
            self.ask(merge),
            {("Many", "seats"): ("The field cannot hold this any more", "many")},
        )
        self.undo(merge, force=True)
        self.assertEqual(self.read_column("seats", leads), [None, 7, None])

    def test_b1_other_types_that_convert(self):
        for before, value, after, expected in (
            ("int", "12", "varchar", "12"),
            ("float8", "2.7", "int", 3),
            ("bool", "true", "int", 1),
            ("int", "1", "bool", True),
            ("varchar", "'2026-01-31'", "date", "2026-01-31"),
            ("date", "'2026-01-31'", "timestamp", "2026-01-31 00:00:00"),
            ("numeric", "1.50", "float8", 1.5),
        ):
            with self.subTest(before=before, after=after):
                self.sql(f"ALTER TABLE crm_lead ADD COLUMN trial {before}")
                leads = self.create_leads({}, {})
                self.sql(
                    f"UPDATE crm_lead SET trial = {value} WHERE id = %s", leads[1].id
                )
                merge = self.merge(leads)
                self.sql("ALTER TABLE crm_lead DROP COLUMN trial")
                self.sql(f"ALTER TABLE crm_lead ADD COLUMN trial {after}")
                self.undo(merge)
                [_survivor, read] = self.read_column("trial", leads)
                is_time = after in ("date", "timestamp")
                self.assertEqual(str(read) if is_time else read, expected)
                self.sql("ALTER TABLE crm_lead DROP COLUMN trial")

    def test_b1_generated_column(self):
        self.sql(
            """ALTER TABLE crm_lead ADD COLUMN place varchar
               GENERATED ALWAYS AS (upper(city)) STORED"""
        )
        leads = self.create_leads({}, {"city": "Lyon"})
        merge = self.merge(leads)
        self.undo(merge)
        self.assertEqual(self.read_column("place", leads), [None, "LYON"])

    def test_b1_generated_column_is_no_question(self):
        self.sql(
            """ALTER TABLE crm_lead ADD COLUMN place varchar
               GENERATED ALWAYS AS (upper(city)) STORED"""
        )
        leads = self.create_leads({}, {"city": "Lyon"})
        merge = self.merge(leads)
        leads[0].city = "Nice"
        self.assertEqual(list(self.ask(merge)), [(leads[0].name, "City")])
        self.undo(merge, force=True)
        self.assertEqual(self.read_column("place", leads), ["NICE", "LYON"])

    def test_b1_column_of_another_table_required_since(self):
        leads = self.create_leads({}, {})
        leads.message_subscribe(self.salesperson.partner_id.ids)
        merge = self.merge(leads)
        self.sql("ALTER TABLE mail_followers ADD COLUMN since date")
        self.sql("UPDATE mail_followers SET since = '2020-01-01'")
        self.sql("ALTER TABLE mail_followers ALTER COLUMN since SET NOT NULL")
        self.undo(merge)
        for lead in leads:
            self.assertIn(self.salesperson.partner_id, lead.message_partner_ids)


@tagged("post_install", "-at_install")
class TestUndoFields(ColumnCase):
    """B1: undo where leads have other fields than at the merge."""

    def test_b1_number_added_since_is_the_next_one(self):
        """As of an addon that numbers records in its `create`."""
        leads = self.create_leads({}, {"city": "Lyon"}, {"city": "Nice"})
        merge = self.merge(leads)
        sequence = self.env["ir.sequence"].create(
            {"name": "Leads", "code": "lead.number", "prefix": "N", "padding": 2,
             "implementation": "no_gap"}
        )  # fmt: skip
        self.add_field("x_number", "char")
        self.sql("UPDATE crm_lead SET x_number = 'old' || id")
        self.sql("ALTER TABLE crm_lead ALTER COLUMN x_number SET NOT NULL")
        self.sql("ALTER TABLE crm_lead ADD CONSTRAINT only_one UNIQUE (x_number)")
        original = type(leads).create

        def create(model, vals_list):
            numbers = model.env["ir.sequence"].sudo()
            for vals in vals_list:
                vals["x_number"] = numbers.next_by_code("lead.number")
            return original(model, vals_list)

        self.patch(type(leads), "create", create)
        count = leads.search_count([])
        self.undo(merge)
        self.assertEqual(leads.search_count([]), count + 2, "asked, nothing made")
        self.assertEqual(leads.mapped("x_number"), [f"old{leads[0].id}", "N01", "N02"])
        self.assertEqual(sequence.number_next, 3)

    def test_b1_default_of_a_field_added_since(self):
        leads = self.create_leads({}, {"city": "Lyon"})
        merge = self.merge(leads)
        self.add_field("x_level", "integer")
        self.env["ir.default"].set("crm.lead", "x_level", 4)
        self.undo(merge)
        self.assertEqual(leads[1].x_level, 4)

    def test_b1_computed_field_added_since(self):
        leads = self.create_leads({}, {"city": "Lyon"})
        merge = self.merge(leads)
        self.add_field(
            "x_place", "char", readonly=True, store=True, depends="city",
            compute="for lead in self: lead['x_place'] = (lead.city or '').upper()",
        )  # fmt: skip
        self.undo(merge)
        self.assertEqual(leads[1].x_place, "LYON")

    def test_b1_field_translated_since(self):
        self.add_field("x_motto", "char")
        leads = self.create_leads({}, {"x_motto": "Plus ultra"})
        merge = self.merge(leads)
        field = self.env["ir.model.fields"]._get("crm.lead", "x_motto")
        field.translate = "standard"
        self.undo(merge)
        self.assertEqual(leads.mapped("x_motto"), [False, "Plus ultra"])
        self.assertEqual(self.read_column("x_motto", leads)[1], {"en_US": "Plus ultra"})

    def test_b1_field_translated_no_longer(self):
        self.add_field("x_motto", "char", translate="standard")
        leads = self.create_leads({}, {"x_motto": "Plus ultra"})
        merge = self.merge(leads)
        field = self.env["ir.model.fields"]._get("crm.lead", "x_motto")
        field.translate = False
        self.undo(merge)
        self.assertEqual(leads.mapped("x_motto"), [False, "Plus ultra"])
