"""P10: texts that name a lead by its number are rewritten where they say that it is a
lead's; others stay, and are named."""

from odoo.tests import tagged

from odoo.addons.crm_lead_qualification.engine.plan import MergeOptions
from odoo.addons.crm_lead_qualification.references.python_text import PythonText

from .common import requires_addon
from .merging import MergeCase


@tagged("post_install", "-at_install")
class TestTextsWithIds(MergeCase):
    def setUp(self):
        super().setUp()
        self.survivor, self.source = self.leads = self.create_leads({}, {})
        self.model_id = self.env["ir.model"]._get_id("crm.lead")

    def fill(self, text):
        """Return `text` with the ids: of the source as SOURCE, of the survivor as
        SURVIVOR."""
        text = text.replace("SURVIVOR", str(self.survivor.id))
        return text.replace("SOURCE", str(self.source.id))

    def assert_rewritten(self, record, field, before, after):
        """Merge: `record` says `after`, and `before` again when it is undone."""
        record[field] = self.fill(before)
        self.assert_undone_exactly(self.leads)
        self.merge(self.leads)
        self.assertEqual(record[field], self.fill(after))
        self.assertNotIn("left as they are", self.read_chatter())

    def assert_named(self, record, kind):
        """Merge: `record` stays, and the chatter names it."""
        record.flush_recordset()
        before = record.read()
        self.assert_undone_exactly(self.leads)
        with self.assertLogs("odoo.addons.crm_lead_qualification", "WARNING"):
            self.merge(self.leads)
        self.assertEqual(record.read(), before)
        self.assertIn(f"{kind} number {record.id}", self.read_chatter())

    def read_chatter(self):
        return " ".join(self.survivor.message_ids.mapped("body"))

    def create_action(self, **values):
        return self.env["ir.actions.server"].create(
            {"name": "Follow up", "model_id": self.model_id, **values}
        )

    # ------------------------------------------------------------
    # Rewritten
    # ------------------------------------------------------------

    def test_b4_the_lead_that_a_server_action_sets_moves(self):
        action = self.create_action(
            model_id=self.env["ir.model"]._get_id("calendar.event"),
            state="object_write",
            update_path="opportunity_id",
            evaluation_type="value",
            value=str(self.source.id),
            resource_ref=f"crm.lead,{self.source.id}",
        )
        self.assert_undone_exactly(self.leads)
        self.merge(self.leads)
        self.assertEqual(action.value, str(self.survivor.id))
        self.assertEqual(action.resource_ref, self.survivor)

    def test_b4_a_number_that_a_server_action_sets_stays(self):
        action = self.create_action(
            state="object_write",
            update_path="color",
            evaluation_type="value",
            value=str(self.source.id),
        )
        self.merge(self.leads)
        self.assertEqual(action.value, str(self.source.id))

    def test_b4_default_values_of_an_alias_move(self):
        alias = self.env["mail.alias"].create(
            {
                "alias_name": "meetings",
                "alias_model_id": self.env["ir.model"]._get_id("calendar.event"),
            }
        )
        self.assert_rewritten(
            alias,
            "alias_defaults",
            "{'name': 'Call SOURCE', 'opportunity_id': SOURCE, 'duration': SOURCE}",
            "{'name': 'Call SOURCE', 'opportunity_id': SURVIVOR, 'duration': SOURCE}",
        )

    def test_b4_saved_filters_move(self):
        favorite = self.env["ir.filters"].create(
            {"name": "Mine", "model_id": "calendar.event",
             "user_ids": self.manager.ids}
        )  # fmt: skip
        self.assert_rewritten(
            favorite,
            "domain",
            "[('opportunity_id', 'in', [SOURCE, SURVIVOR]), ('id', '=', SOURCE)]",
            "[('opportunity_id', 'in', [SURVIVOR, SURVIVOR]), ('id', '=', SOURCE)]",
        )
        self.assertEqual(favorite.user_ids, self.manager)

    def test_b4_domains_that_are_computed_are_rewritten_where_they_name_a_lead(self):
        favorite = self.env["ir.filters"].create(
            {"name": "Mine", "model_id": "crm.lead", "user_ids": False}
        )
        self.assert_rewritten(
            favorite,
            "domain",
            """[('user_id', '=', uid), # “É”
                ('id', '!=', SOURCE), ('date_deadline', '<', context_today())]""",
            """[('user_id', '=', uid), # “É”
                ('id', '!=', SURVIVOR), ('date_deadline', '<', context_today())]""",
        )

    def test_b4_defaults_in_the_context_of_a_window_move(self):
        action = self.env["ir.actions.act_window"].create(
            {"name": "Calls", "res_model": "calendar.event"}
        )
        self.assert_rewritten(
            action,
            "context",
            "{'default_opportunity_id': SOURCE, 'active_id': SOURCE,"
            " 'active_model': 'crm.lead', 'search_default_user_id': SOURCE}",
            "{'default_opportunity_id': SURVIVOR, 'active_id': SURVIVOR,"
            " 'active_model': 'crm.lead', 'search_default_user_id': SOURCE}",
        )

    @requires_addon("mass_mailing_crm")
    def test_b4_recipients_of_a_mailing_move(self):
        mailing = self.env["mailing.mailing"].create(
            {"subject": "Offer", "mailing_model_id": self.model_id}
        )
        self.assert_rewritten(
            mailing,
            "mailing_domain",
            "[('id', 'in', [SOURCE])]",
            "[('id', 'in', [SURVIVOR])]",
        )

    def test_b4_what_was_changed_since_is_kept_by_undo(self):
        favorite = self.env["ir.filters"].create(
            {"name": "Mine", "model_id": "crm.lead", "user_ids": False,
             "domain": self.fill("[('id', '=', SOURCE)]")}
        )  # fmt: skip
        merge = self.merge(self.leads)
        favorite.domain = "[]"
        [conflict] = merge._get_conflicts()
        self.assertEqual(conflict[:3], ("ir_filters", favorite.id, "domain"))
        self.undo(merge, force=True)
        self.assertEqual(favorite.domain, "[]")

    def test_b4_several_merges_at_once_rewrite_one_text(self):
        others = self.create_leads({}, {})
        favorite = self.env["ir.filters"].create(
            {"name": "Mine", "model_id": "crm.lead", "user_ids": False,
             "domain": f"[('id', 'in', [{self.source.id}, {others[1].id}])]"}
        )  # fmt: skip
        before = favorite.domain
        Merge = self.env["crm.lead.merge"].with_user(self.salesperson_all)
        merges = Merge._merge_groups(
            [
                (leads.with_user(self.salesperson_all), MergeOptions())
                for leads in (self.leads, others)
            ]
        )
        self.env.invalidate_all()
        self.assertEqual(
            favorite.domain,
            f"[('id', 'in', [{self.survivor.id}, {others[0].id}])]",
        )
        for merge in merges.sudo()[::-1]:
            self.undo(merge)
        self.assertEqual(favorite.domain, before)

    # ------------------------------------------------------------
    # Named
    # ------------------------------------------------------------

    def test_b4_a_program_that_names_a_lead_is_named(self):
        action = self.create_action(
            state="code", code=self.fill("env['crm.lead'].browse(SOURCE).unlink()")
        )
        self.assert_named(action, "Server Action")

    def test_b4_a_rule_of_access_is_not_rewritten(self):
        rule = self.env["ir.rule"].create(
            {"name": "Hidden", "model_id": self.model_id,
             "groups": self.env.ref("base.group_portal").ids,
             "domain_force": self.fill("[('id', '!=', SOURCE)]")}
        )  # fmt: skip
        self.assert_named(rule, "Record Rule")

    def test_b4_a_board_that_shows_a_lead_is_named(self):
        action = self.env.ref("crm.crm_lead_opportunities")
        view = self.env["ir.ui.view"].create(
            {"name": "Board", "type": "form", "model": "crm.lead",
             "arch": "<form/>"}
        )  # fmt: skip
        board = self.env["ir.ui.view.custom"].create(
            {
                "user_id": self.manager.id,
                "ref_id": view.id,
                "arch": f"""<form><action name="{action.id}"
                    domain="[[&quot;id&quot;,&quot;in&quot;,[{self.source.id}]]]"
                    context="{{}}"/></form>""",
            }
        )
        self.assert_named(board, "Custom View")

    def test_b4_what_nobody_can_read_is_named(self):
        favorite = self.env["ir.filters"].create(
            {"name": "Mine", "model_id": "crm.lead", "user_ids": False,
             "domain": "[]"}
        )  # fmt: skip
        # SQL: as an old version, or another program, has left it
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE ir_filters SET domain = %s WHERE id = %s",
            [self.fill("[('id', '=', SOURCE)"), favorite.id],
        )
        favorite.invalidate_recordset()
        self.assert_named(favorite, "Filters")

    def test_b4_numbers_that_are_no_leads_are_left_in_peace(self):
        self.create_action(
            state="code", code=self.fill("record.write({'color': SOURCE})")
        )
        self.env["ir.filters"].create(
            {"name": "Mine", "model_id": "crm.lead", "user_ids": False,
             "domain": self.fill("[('color', '=', SOURCE)]")}
        )  # fmt: skip
        self.merge(self.leads)
        self.assertNotIn("left as they are", self.read_chatter())

    def test_only_what_the_text_says_is_a_lead_is_rewritten(self):
        comodels = {"id": "crm.lead", "lead_id": "crm.lead", "team_id": "crm.team"}

        def get_comodel(_model, path):
            return comodels.get(path.rpartition(".")[2])

        for before, after in (
            ("[['id', 'in', (5, 6)]]", "[['id', 'in', (7, 6)]]"),
            ("[('x.lead_id', '=', 5)]", "[('x.lead_id', '=', 7)]"),
            ("[('team_id', '=', 5)]", None),
            ("[('lead_id', '=', '5')]", None),
            ("[('team_id', 'any', [('lead_id', '=', 5)])]",
             "[('team_id', 'any', [('lead_id', '=', 7)])]"),
            ("{'lead_id': [(4, 5), (6, 0, [5, 55])]}",
             "{'lead_id': [(4, 7), (6, 0, [7, 55])]}"),
            ("{'lead_id': True, 'default_lead_id': 5}",
             "{'lead_id': True, 'default_lead_id': 7}"),
            ("  {'é': 5,\r\n 'lead_id': 5} ", "  {'é': 5,\r\n 'lead_id': 7} "),
            ("5", None),
            ("", None),
        ):  # fmt: skip
            with self.subTest(text=before):
                text = PythonText(before, "x", [5], get_comodel, "crm.lead")
                self.assertEqual(text.is_found, after is not None)
                self.assertEqual(text.replaced(7), after or before)
                self.assertFalse(text.is_doubtful)
        text = PythonText("[('id', 'in', [5] + x)]", "x", [5], get_comodel, "crm.lead")
        self.assertTrue(text.is_doubtful)
