from unittest.mock import patch

from odoo.tests import tagged

from ..engine.conversion import CREATE, ConversionOptions
from .common import requires_addon
from .merging import MergeCase


@tagged("post_install", "-at_install")
class TestLedger(MergeCase):
    """B4: every stored link to a lead, in any installed module, is found."""

    def test_b4_every_foreign_key_is_known(self):
        # matches of leads are known as well; they are remembered, not moved
        known = {
            (one.table, one.column)
            for one in self.env["crm.lead.ledger"]._get_declared_references()
        }
        self.env.cr.execute("""
            SELECT relname, attname FROM pg_constraint
              JOIN pg_class ON pg_class.oid = conrelid
              JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY(conkey)
             WHERE contype = 'f' AND confrelid = 'crm_lead'::regclass
        """)
        self.assertFalse(set(self.env.cr.fetchall()) - known)

    def test_b4_every_pair_of_model_and_id_is_known(self):
        """Columns called res_id or the like, beside one with a model, in any table."""
        known = {
            (one.table, one.column)
            for one in self.env["crm.lead.ledger"]._get_references()
        }
        views = {
            one._table
            for one in self.env.registry.values()
            if not one._auto or one._transient
        }
        # what these point to is never a lead; a log of OCA says what was done to which
        # record, and stays as it was written
        others = {
            ("auditlog_log", "res_id"),
            ("ir_model_fields_selection", "field_id"),
            ("base_module_uninstall", "res_id"),
        }
        self.env.cr.execute("""
            SELECT DISTINCT id.table_name, id.column_name
              FROM information_schema.columns id JOIN information_schema.columns model
                ON model.table_name = id.table_name
               AND model.table_schema = id.table_schema
             WHERE id.table_schema = current_schema AND id.data_type = 'integer'
               AND id.column_name ~ '(^|_)res_id$'
               AND model.column_name ~ '(^|_)(res_)?model(_name|_id)?$'
        """)
        found = {row for row in self.env.cr.fetchall() if row[0] not in views}
        self.assertFalse(found - known - others)

    def test_b4_every_place_can_be_asked(self):
        """Also those whose table is empty in the database of the tests."""
        ledger = self.env["crm.lead.ledger"]
        with patch.object(type(ledger), "_spread", lambda _ledger, places: places):
            for target in ("crm.lead", "res.partner", "crm.stage"):
                places = ledger._get_references(target)
                self.assertFalse(ledger._count([0], places), target)

    @requires_addon("marketing_card")
    def test_b4_a_model_that_another_row_names_is_known(self):
        places = self.env["crm.lead.ledger"]._get_references("res.partner")
        [card] = [one for one in places if one.name == "card_card.res_id"]
        self.assertEqual(
            (card.model_column, card.model_table, card.model_name_column),
            ("campaign_id", "card_campaign", "res_model"),
        )

    @requires_addon("base_automation")
    def test_b4_automation_rules_stand_in_nobodys_way(self):
        """They point to stages and tags by a pair of which the model is computed."""
        stage = self.env["crm.stage"].search([], limit=1)
        lead_model = self.env["ir.model"]._get_id("crm.lead")
        rule = self.env["base.automation"].create(
            {
                "name": "New leads",
                "model_id": lead_model,
                "trigger": "on_stage_set",
                "trg_field_ref": stage.id,
            }
        )
        rule.action_server_ids = self.env["ir.actions.server"].create(
            {
                "name": "Say so",
                "model_id": lead_model,
                "state": "code",
                "code": "record.write({'referred': 'a rule'})",
            }
        )
        leads = self.create_leads({"contact_name": "Amy"}, {"stage_id": False})
        self.assert_undone_exactly(leads)
        lead = self.create_lead(contact_name="Bo", stage_id=False)
        conversion = self.env["crm.lead.conversion"]._convert_one(
            lead, ConversionOptions(customer=CREATE)
        )
        self.assertEqual(lead.referred, "a rule")
        customer = lead.partner_id
        conversion._undo()
        self.assertFalse(customer.exists())
        self.assertEqual(rule.trg_field_ref, stage.id)

    def test_b4_the_defaults_of_all_fields_move(self):
        leads = self.create_leads({}, {})
        Default = self.env["ir.default"]
        fields = (
            ("calendar.event", "opportunity_id"),
            ("crm.lead2opportunity.partner", "lead_id"),
        )
        for model, field in fields:
            Default.set(model, field, leads[1].id)
        merge = self.merge(leads)
        for model, field in fields:
            self.assertEqual(Default._get(model, field), leads[0].id)
        self.undo(merge)
        for model, field in fields:
            self.assertEqual(Default._get(model, field), leads[1].id)

    def test_b4_counting_takes_a_fixed_number_of_queries(self):
        leads = self.create_leads({}, {})
        ledger = self.env["crm.lead.ledger"]
        ledger._count(leads.ids)
        # the properties there are, the tables that have rows, the count
        with self.assertQueryCount(3):
            ledger._count(leads.ids)

    def test_queries_do_not_grow(self):
        """Of neither leads nor related records the number matters."""
        self.merge(self._create_full_leads(2, 1))  # fills the caches
        few = self._count_queries(self._create_full_leads(3, 2))
        # twice, as anybody may have had a cache emptied meanwhile
        counts = [
            self._count_queries(self._create_full_leads(30, 20)) for _try in range(2)
        ]
        for place, many in enumerate(zip(*counts, strict=True)):
            self.assertLessEqual(min(many), few[place])

    def _create_full_leads(self, number, related):
        leads = self.create_leads(*({"city": f"City {one}"} for one in range(number)))
        self.env["mail.message"].create(
            [
                {"model": "crm.lead", "res_id": lead.id, "body": "Hello"}
                for lead in leads
                for _one in range(related)
            ]
        )
        model_id = self.env["ir.model"]._get_id("crm.lead")
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            [
                {"res_model_id": model_id, "res_id": lead.id, "summary": "Call"}
                for lead in leads
                for _one in range(related)
            ]
        )
        self.env.flush_all()
        self.env.invalidate_all()
        return leads

    def _count_queries(self, leads):
        start = self.env.cr.sql_log_count
        merge = self.merge(leads)
        merged = self.env.cr.sql_log_count
        self.undo(merge)
        return merged - start, self.env.cr.sql_log_count - merged
