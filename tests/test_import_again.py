"""P10, B5: files that are imported again after their leads were merged."""

from base64 import b64encode
from io import BytesIO

from odoo.tests import tagged
from odoo.tools.convert import convert_xml_import

from ..engine.plan import UNDECIDED
from .merging import MergeCase

FIELDS = ["id", "name", "email_from", "phone", "city", "website", "user_id/.id"]


class ImportCase(MergeCase):
    """Leads that came from a file, whose rows are imported again."""

    def load(self, rows, fields=None, user=None, **context):
        """Import rows as a salesperson; return the leads."""
        Lead = self.env["crm.lead"].with_user(user or self.salesperson_all)
        result = Lead.with_context(**context).load(fields or FIELDS, rows)
        self.assertFalse([one for one in result["messages"] if one["type"] == "error"])
        self.messages = result["messages"]
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["crm.lead"].browse(result["ids"])

    def row(self, number, name, email="", phone="", city="", website="", user=""):
        return [f"crm_test.lead_{number}", name, email, phone, city, website, user]

    def import_leads(self, *rows, fields=None):
        """Import rows, the first one being the oldest lead."""
        return self.load(list(rows), fields)

    def setUp(self):
        super().setUp()
        self.user_id = str(self.salesperson_all.id)
        self.first = self.row(
            1,
            "Chairs",
            "ann@example.com",
            "+32 2 555 01 01",
            "Ghent",
            user=self.user_id,
        )
        self.second = self.row(2, "Desks", "bob@example.com", user=str(self.manager.id))

    def merge_imported(self, *rows):
        leads = self.import_leads(*(rows or (self.first, self.second)))
        return leads, self.merge(leads, survivor_id=leads[0].id)

    def say(self, lead):
        return {
            name: lead[name] or ""
            for name in ("name", "email_from", "phone", "city", "website", "user_id")
        }

    def imported_aside(self, lead):
        return [
            (one.field_name, one.value) for one in lead.merged_value_ids.sorted("id")
        ]


@tagged("post_install", "-at_install")
class TestImportAgain(ImportCase):
    def test_p10_same_file_again_changes_nothing(self):
        leads, merge = self.merge_imported()
        before, aside = self.say(leads[0]), self.imported_aside(leads[0])
        messages = leads[0].message_ids
        for rows in ([self.first, self.second], [self.second, self.first]):
            self.assertEqual(self.load(rows), leads[0] + leads[0])
            self.assertEqual(self.say(leads[0]), before)
            self.assertEqual(self.imported_aside(leads[0]), aside)
        self.assertEqual(leads[0].message_ids, messages)
        self.assertFalse(self.messages)
        self.assertFalse(merge._get_conflicts())

    def test_p10_blank_cells_of_the_survivor_leave_what_came_by_the_merge(self):
        first = self.row(1, "Chairs", "ann@example.com")
        second = self.row(2, "Chairs", "ann@example.com", "+32 2 555 01 01", "Ghent")
        leads, _merge = self.merge_imported(first, second)
        self.assertEqual(leads[0].phone, "+32 2 555 01 01")
        before = self.say(leads[0])
        self.load([first, second])
        self.assertEqual(self.say(leads[0]), before)

    def test_p10_what_the_survivor_says_anew_is_written(self):
        leads, _merge = self.merge_imported()
        first = self.row(1, "Chairs", "ann@example.org", "", "Ghent", user=self.user_id)
        self.load([self.second, first])
        self.assertEqual(leads[0].email_from, "ann@example.org")
        self.assertFalse(leads[0].phone)

    def test_p10_news_fills_a_blank_and_says_so(self):
        for order in (1, -1):
            with self.subTest(order=order), self.env.cr.savepoint() as savepoint:
                leads, merge = self.merge_imported()
                second = [*self.second[:5], "https://desks.example.com", ""]
                self.load([self.first, second][::order])
                self.assertEqual(leads[0].website, "https://desks.example.com")
                self.assertEqual(leads[0].phone, "+32 2 555 01 01")
                self.assertIn("desks.example.com", leads[0].message_ids[0].body)
                savepoint.rollback()
            self.env.invalidate_all()

    def test_p10_other_news_is_set_aside_once(self):
        leads, merge = self.merge_imported()
        aside = self.imported_aside(leads[0])
        second = self.row(2, "Desks", "bob@example.com", "0475 12 34 56", "Bruges")
        before = self.say(leads[0])
        messages = len(leads[0].message_ids)
        for rows in ([self.first, second], [second, self.first], [second]):
            self.load(rows)
            self.assertEqual(self.say(leads[0]), before)
            self.assertEqual(
                self.imported_aside(leads[0]),
                [*aside, ("city", "Bruges"), ("phone", "0475 12 34 56")],
            )
        self.assertEqual(len(leads[0].message_ids), messages + 1)
        value = leads[0].merged_value_ids.filtered(lambda one: one.value == "Bruges")
        self.assertEqual(
            (value.source_res_id, value.source_name), (leads[1].id, "Desks")
        )

    def test_p10_the_importer_is_told(self):
        self.merge_imported()
        self.load([self.row(2, "Desks", "bob@example.com", "0475 12 34 56")])
        [message] = self.messages
        self.assertEqual(message["type"], "warning")
        self.assertIn("Phone", message["message"])
        self.assertEqual(message["rows"], {"from": 0, "to": 0})

    def test_p10_a_value_that_was_taken_does_not_come_back(self):
        leads, _merge = self.merge_imported()
        second = self.row(2, "Desks", "bob@example.com", "0475 12 34 56")
        self.load([second])
        value = leads[0].merged_value_ids.filtered(
            lambda one: one.value == "0475 12 34 56"
        )
        value.with_user(self.salesperson_all).action_take()
        aside = self.imported_aside(leads[0])
        leads[0].phone = "0476"
        self.load([self.first[:3] + [""] + self.first[4:], second])
        self.assertFalse(leads[0].phone)  # the survivor's own row took it away
        self.assertEqual(self.imported_aside(leads[0]), aside)

    def test_b2_undo_asks_and_gives_news_to_whom_it_is_about(self):
        leads, merge = self.merge_imported()
        second = self.row(
            2,
            "Desks",
            "bob@example.com",
            "0475 12 34 56",
            website="https://a.example.com",
        )
        self.load([second])
        action = self.undo(merge)
        lines = self.env["crm.lead.undo"].browse(action["res_id"]).line_ids
        self.assertEqual(
            set(lines.mapped("value_now")), {"0475 12 34 56", "https://a.example.com"}
        )
        self.undo(merge, force=True)
        self.assertEqual(leads[1].phone, "0475 12 34 56")
        self.assertEqual(leads[1].website, "https://a.example.com")
        self.assertEqual(leads[0].phone, "+32 2 555 01 01")
        self.assertFalse(leads[0].website)
        self.assertFalse(leads.merged_value_ids)
        self.load([self.first, second])
        self.assertEqual(leads[1].phone, "0475 12 34 56")
        self.assertEqual(leads[0].name, "Chairs")

    def test_b2_undo_asks_about_a_fill_that_was_changed_since(self):
        leads, merge = self.merge_imported()
        self.load([[*self.second[:5], "https://a.example.com", ""]])
        leads[0].website = "https://b.example.com"
        self.assertIn(
            ("crm_lead", leads[0].id, "website", None, "https://b.example.com"),
            merge._get_conflicts(),
        )
        self.undo(merge, force=True)
        self.assertEqual(leads[0].website, "https://b.example.com")
        self.assertEqual(leads[1].website, "https://a.example.com")

    def test_b5_chains_of_merges(self):
        third = self.row(3, "Lamps", "cy@example.com", user=self.user_id)
        leads = self.import_leads(third, self.first, self.second)
        inner = self.merge(leads[1] + leads[2], survivor_id=leads[1].id)
        outer = self.merge(leads[0] + leads[1], survivor_id=leads[0].id)
        before = self.say(leads[0])
        self.load([self.second, self.first, third])
        self.assertEqual(self.say(leads[0]), before)
        second = self.row(
            2, "Desks", "bob@example.com", "0475", website="https://a.example.com"
        )
        self.load([second, self.first])
        self.assertEqual(leads[0].website, "https://a.example.com")
        self.undo(outer, force=True)
        self.assertFalse(leads[0].website)
        self.assertEqual(leads[1].website, "https://a.example.com")
        self.assertEqual(leads[1].phone, "+32 2 555 01 01")
        self.assertIn(("phone", "0475"), self.imported_aside(leads[1]))
        self.undo(inner, force=True)
        self.assertFalse(leads[1].website)
        self.assertEqual(leads[2].website, "https://a.example.com")
        self.assertEqual(leads[2].phone, "0475")

    def test_b5_database_ids_of_merged_leads(self):
        leads, _merge = self.merge_imported()
        before = self.say(leads[0])
        fields = [".id", *FIELDS[1:]]
        rows = [
            [str(lead.id), *row[1:]]
            for lead, row in zip(leads, (self.first, self.second), strict=True)
        ]
        self.assertEqual(self.load(rows[::-1], fields), leads[0] + leads[0])
        self.assertEqual(self.say(leads[0]), before)
        rows[1][3] = "0475"
        self.load(rows, fields)
        self.assertIn(("phone", "0475"), self.imported_aside(leads[0]))


class KindCase(ImportCase):
    """Two leads that were imported with some fields, and merged."""

    def merge_with(self, fields, first, second, **options):
        """Import two rows with these fields besides the id, and merge them."""
        self.fields = ["id", "name", *fields]
        rows = [["crm_test.lead_1", "Chairs", *first]]
        rows.append(["crm_test.lead_2", "Chairs", *second])
        leads = self.load(rows, self.fields)
        self.merge(leads, survivor_id=leads[0].id, **options)
        return leads[0]

    def load_second(self, *values, **context):
        return self.load(
            [["crm_test.lead_2", "Chairs", *values]], self.fields, **context
        )

    def load_first(self, *values, **context):
        return self.load(
            [["crm_test.lead_1", "Chairs", *values]], self.fields, **context
        )


@tagged("post_install", "-at_install")
class TestImportKinds(KindCase):
    """Fields of each kind, and rights."""

    def test_p10_tags_are_added_and_taken_from_nobody(self):
        tags = self.env["crm.tag"].create([{"name": f"Tag {n}"} for n in range(4)])
        ids = [str(one) for one in tags.ids]
        lead = self.merge_with(["tag_ids/.id"], [ids[0]], [ids[1]])
        self.assertEqual(lead.tag_ids, tags[:2])
        self.load_first(ids[0])
        self.load_second(ids[1])
        self.assertEqual(lead.tag_ids, tags[:2])
        lead.tag_ids -= tags[1]
        self.load_second(ids[1])  # nothing new: somebody took it away
        self.assertEqual(lead.tag_ids, tags[0])
        self.load_second(",".join(ids[1:3]))
        self.assertIn(tags[2], lead.tag_ids)
        self.load_first(ids[3])
        self.assertIn(tags[2], lead.tag_ids)
        self.assertNotIn(tags[0], lead.tag_ids)
        merge = self.env["crm.lead.merge"].search([("survivor_id", "=", lead.id)])
        source = merge.source_ids.source_res_id
        self.undo(merge, force=True)
        self.assertEqual(lead.tag_ids, tags[3])
        self.assertEqual(self.env["crm.lead"].browse(source).tag_ids, tags[1:3])

    def test_p10_selections_dates_numbers_and_links(self):
        partners = self.env["res.partner"].create([{"name": "A"}, {"name": "B"}])
        fields = ["priority", "date_deadline", "expected_revenue", "partner_id/.id"]
        first = ["Medium", "2026-01-31", "100.5", str(partners[0].id)]
        second = ["High", "2026-02-28", "200.25", str(partners[1].id)]
        lead = self.merge_with(fields, first, second)
        before = lead.read([*fields[:3], "partner_id", "email_from"])
        self.load([["crm_test.lead_2", "Chairs", *second],
                   ["crm_test.lead_1", "Chairs", *first]], self.fields)  # fmt: skip
        self.assertEqual(lead.read([*fields[:3], "partner_id", "email_from"]), before)
        aside = self.imported_aside(lead)
        self.load_second("Very High", "2026-03-31", "300", "")
        self.assertEqual(lead.read([*fields[:3], "partner_id", "email_from"]), before)
        self.assertEqual(
            sorted(set(self.imported_aside(lead)) - set(aside)),
            [("date_deadline", "2026-03-31"), ("expected_revenue", 300.0),
             ("priority", "3")],
        )  # fmt: skip
        row = lead.merged_value_ids.filtered(lambda one: one.value == "2026-03-31")
        row.with_user(self.salesperson_all).action_take()
        self.assertEqual(str(lead.date_deadline), "2026-03-31")

    def test_p10_an_address_is_not_mixed(self):
        lead = self.merge_with(
            ["street", "city", "zip"], ["Here 1", "Ghent", ""], ["", "", ""]
        )
        self.load_second("There 2", "Bruges", "8000")
        self.assertEqual((lead.street, lead.zip), ("Here 1", False))
        self.assertIn(("zip", "8000"), self.imported_aside(lead))

    def test_p10_properties(self):
        self.lead_channel.lead_properties_definition = [
            {"name": "size", "string": "Size", "type": "char"},
            {"name": "colour", "string": "Colour", "type": "char"},
        ]
        fields = ["team_id/.id", "lead_properties.size", "lead_properties.colour"]
        team = str(self.lead_channel.id)
        lead = self.merge_with(fields, [team, "big", ""], [team, "small", ""])
        self.load_second(team, "small", "")
        self.load_first(team, "big", "")
        self.assertEqual(dict(lead.lead_properties), {"size": "big", "colour": False})
        self.load_second(team, "tiny", "red")
        self.load_second(team, "tiny", "red")
        self.assertEqual(dict(lead.lead_properties), {"size": "big", "colour": "red"})
        self.assertEqual(
            [one for one in self.imported_aside(lead) if one[1] == "tiny"],
            [("lead_properties.size", "tiny")],
        )

    def test_b12_who_may_not_write_the_survivor_learns_nothing(self):
        lead = self.merge_with(
            ["email_from", "user_id/.id"],
            ["ann@example.com", str(self.manager.id)],
            ["bob@example.com", str(self.salesperson.id)],
        )
        for email in ("bob@example.com", "other@example.com"):
            Lead = self.env["crm.lead"].with_user(self.salesperson)
            result = Lead.load(["id", "email_from"], [["crm_test.lead_2", email]])
            self.assertFalse(result["ids"])
            self.assertEqual(result["messages"][0]["type"], "error")
        self.assertNotIn(
            "other@example.com", [value for _n, value in self.imported_aside(lead)]
        )

    def test_p10_a_survivor_that_was_won_or_archived(self):
        lead = self.merge_with(["email_from"], ["a@example.com"], ["b@example.com"])
        lead.action_set_won()
        self.load_second("b@example.com")
        self.assertEqual(lead.won_status, "won")
        lead.action_archive()
        self.load_second("c@example.com")
        self.assertFalse(lead.active)
        self.assertIn(("email_from", "c@example.com"), self.imported_aside(lead))

    def test_p10_once_snapshots_are_removed(self):
        lead = self.merge_with(
            ["email_from", "phone", "website"],
            ["ann@example.com", "", ""],
            ["bob@example.com", "0475 12 34 56", ""],
        )
        lead.phone = "0475 12 34 56"
        merge = self.env["crm.lead.merge"].search([("survivor_id", "=", lead.id)])
        merge.line_ids.unlink()
        before = lead.read(["name", "email_from", "phone", "website"])
        aside = self.imported_aside(lead)
        for _time in range(2):
            self.load_second("bob@example.com", "0475 12 34 56", "")
            self.load_first("ann@example.com", "", "")
            self.assertEqual(
                lead.read(["name", "email_from", "phone", "website"]), before
            )
            self.assertEqual(self.imported_aside(lead), aside)
        for _time in range(2):
            self.load_second("new@example.com", "", "")
            self.assertEqual(
                self.imported_aside(lead), [*aside, ("email_from", "new@example.com")]
            )
        self.assertFalse(merge.source_ids.imported_values)

    def as_file(self, content):
        file = BytesIO(content)
        file.name = "leads.xml"
        return file

    def test_p10_data_files(self):
        leads = self.import_leads(self.first, self.second)
        self.merge(leads, survivor_id=leads[0].id)
        before = self.say(leads[0])
        content = b"""<odoo noupdate="%d">
            <record id="crm_test.lead_2" model="crm.lead">
                <field name="name">Desks</field>
                <field name="email_from">bob@example.com</field>
                <field name="phone">0475</field>
                <field name="city"/>
            </record>
        </odoo>"""
        for noupdate, mode in ((1, "update"), (0, "update"), (0, "init")):
            convert_xml_import(
                self.env, "crm_test", self.as_file(content % noupdate), {}, mode
            )
            self.env.flush_all()
            self.assertEqual(self.say(leads[0]), before)
            aside = self.imported_aside(leads[0])
            self.assertEqual(aside.count(("phone", "0475")), 1 - noupdate)

    def test_p10_thousands_of_rows_take_no_query_each(self):
        counts = {}
        for number in (20, 120):
            rows = [
                [f"crm_test.many_{number}_{place}", f"Lead {number} {place}",
                 f"lead{place}@example.com", ""]
                for place in range(number)
            ]  # fmt: skip
            fields = ["id", "name", "email_from", "phone"]
            leads = self.load(rows, fields)
            half = number // 2
            self.env["crm.lead.merge"]._merge_groups(
                [
                    (leads[place] + leads[half + place], UNDECIDED)
                    for place in range(half)
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            for row in rows[half:]:
                row[-1] = "0475 12 34 56"
            before = self.env.cr.sql_log_count
            self.env["crm.lead"].with_user(self.salesperson_all).load(
                fields, rows[half:]
            )
            counts[number] = self.env.cr.sql_log_count - before
        self.assertLess(counts[120] - counts[20], 50, counts)


@tagged("post_install", "-at_install")
class TestImportCustomFields(KindCase):
    """Fields that somebody added."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        model_id = cls.env["ir.model"]._get_id("crm.lead")
        common = {"model_id": model_id, "field_description": "Added"}
        cls.env["ir.model.fields"].create(
            [
                {**common, "name": name, "ttype": kind, **more}
                for name, kind, more in (
                    ("x_motto", "char", {"translate": "standard"}),
                    ("x_file", "binary", {}),
                    ("x_code", "char", {"company_dependent": True}),
                    ("x_parent_id", "many2one", {"relation": "crm.lead"}),
                    ("x_is_vip", "boolean", {}),
                )
            ]
        )

    def test_p10_texts_in_a_language(self):
        self.env["res.lang"]._activate_lang("nl_BE")
        lead = self.merge_with(["x_motto"], ["Sit"], ["Sit well"])
        lead.merged_value_ids.sudo().unlink()
        self.load_second("Sit well")
        self.load_first("Sit")
        self.assertFalse(lead.merged_value_ids)
        for _time in range(2):
            self.load_second("Zit goed", lang="nl_BE")
        merged = lead.merged_value_ids
        self.assertEqual(merged.value, {"en_US": "Sit well", "nl_BE": "Zit goed"})
        merged.with_user(self.salesperson_all).action_take()
        self.assertEqual(lead.with_context(lang="nl_BE").x_motto, "Zit goed")

    def test_p10_texts_of_the_survivor_in_a_language(self):
        self.env["res.lang"]._activate_lang("nl_BE")
        lead = self.merge_with(["x_motto"], [""], ["Sit well"])
        self.load_first("", lang="nl_BE")
        self.assertEqual(lead.x_motto, "Sit well")
        self.load_first("Zit", lang="nl_BE")
        self.assertEqual(lead.with_context(lang="nl_BE").x_motto, "Zit")
        self.assertEqual(lead.x_motto, "Sit well")

    def test_p10_values_of_a_company(self):
        lead = self.merge_with(["x_code"], [""], ["A1"])
        self.load_first("")
        self.load_second("A1")
        self.assertEqual(lead.x_code, "A1")
        self.assertFalse(lead.merged_value_ids)
        for _time in range(2):
            self.load_second("A2")
        self.assertEqual(lead.x_code, "A1")
        self.assertEqual(lead.merged_value_ids.value, {str(self.env.company.id): "A2"})

    def test_p10_files(self):
        hello, world = b64encode(b"Hello").decode(), b64encode(b"World").decode()
        lead = self.merge_with(["x_file"], [""], [hello])
        self.load_second(hello)
        self.load_first("")
        self.assertEqual(lead.x_file.decode(), hello)
        self.assertFalse(lead.merged_value_ids)
        for _time in range(2):
            self.load_second(world)
        self.assertEqual(lead.x_file.decode(), hello)
        self.assertEqual(lead.merged_value_ids.file.decode(), world)
        merge = lead.merged_value_ids.merge_id
        source = lead.browse(merge.source_ids.source_res_id)
        self.undo(merge, force=True)
        self.assertEqual(source.x_file.decode(), world)
        self.assertFalse(lead.x_file)

    def test_p10_leads_that_point_to_each_other(self):
        lead = self.merge_with(["x_parent_id/id"], [""], ["crm_test.lead_1"])
        self.assertFalse(lead.x_parent_id - lead)
        was = lead.x_parent_id
        self.load_second("crm_test.lead_1")
        self.load_second("crm_test.lead_2")
        self.assertEqual(lead.x_parent_id, was)

    def test_p10_ticks_fill(self):
        lead = self.merge_with(["x_is_vip"], [""], [""])
        self.load_second("True")
        self.assertTrue(lead.x_is_vip)
        self.load_first("")
        self.assertTrue(lead.x_is_vip)
