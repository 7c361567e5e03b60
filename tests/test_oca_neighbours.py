"""P10: what addons of the OCA hang on leads: see ``./dev/test --with-oca``."""

from odoo.fields import Command
from odoo.tests import tagged

from .common import requires_addon
from .merging import MergeCase


@tagged("post_install", "-at_install")
class TestOcaNeighbours(MergeCase):
    @requires_addon("auditlog")
    def test_a_log_says_what_was_done_also_after_undo(self):
        rule = self.env["auditlog.rule"].create(
            {
                "name": "Leads",
                "model_id": self.env["ir.model"]._get_id("crm.lead"),
                "log_type": "full",
            }
        )
        self.addCleanup(setattr, self.registry, "registry_invalidated", False)
        rule.write({"state": "confirmed"})
        self.addCleanup(rule._revert_methods)
        leads = self.create_leads({}, {"city": "Ghent"})
        merge = self.merge(leads)
        logs = self.env["auditlog.log"].search(
            [("model_id.model", "=", "crm.lead"), ("res_id", "in", leads.ids)]
        )
        deleted = logs.filtered(lambda log: log.method == "unlink")
        self.assertEqual(deleted.res_id, leads[1].id)
        written = logs.filtered(lambda log: log.method == "write")
        self.assertIn(leads[0].id, written.mapped("res_id"))
        before = logs.read(["res_id", "method", "line_ids"])
        self.undo(merge)
        self.assertEqual(logs.read(["res_id", "method", "line_ids"]), before)
        self.assertEqual(leads.mapped("city"), [False, "Ghent"])

    @requires_addon("crm_phonecall")
    def test_calls_move_and_come_back(self):
        leads = self.create_leads({}, {})
        calls = self.env["crm.phonecall"].create(
            [{"name": "Call", "opportunity_id": lead.id} for lead in leads]
        )
        self.assert_undone_exactly(leads)
        self.merge(leads)
        self.assertEqual(calls.opportunity_id, leads[0])

    @requires_addon("crm_lead_vat")
    def test_a_number_of_taxes_fills_the_blank_and_leaves_the_customer(self):
        customer = self.create_customer()
        leads = self.create_leads({"partner_id": customer.id}, {})
        leads[1].vat = "BE0477472701"
        self.assert_undone_exactly(leads)
        merge = self.merge(leads)
        said = [leads[0].vat, *self.set_aside(merge).get("vat", ())]
        self.assertIn("BE0477472701", said)
        self.assertFalse(customer.vat)

    @requires_addon("crm_stage_probability")
    def test_a_stage_does_not_change_the_probability_that_is_kept(self):
        stages = self.env["crm.stage"].create(
            [
                {"name": name, "probability": probability, "on_change": True,
                 "team_ids": [Command.set(self.lead_channel.ids)]}
                for name, probability in (("First", 10), ("Second", 60))
            ]
        )  # fmt: skip
        leads = self.create_leads(*({"stage_id": stage.id} for stage in stages))
        for lead, probability in zip(leads, (25, 75), strict=True):
            lead.probability = probability
        self.assert_undone_exactly(leads)
        self.undo(self.merge(leads, survivor_id=leads[1].id))
        self.assertEqual(leads.mapped("probability"), [25, 75])
        survivor = self.merge(leads, survivor_id=leads[1].id).survivor_id
        self.assertEqual((survivor.stage_id, survivor.probability), (stages[1], 75))
