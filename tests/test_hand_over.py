"""Who sees their own documents only can hand a result to a colleague (promises P5 and
P9)."""

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .merging import MergeCase


@tagged("post_install", "-at_install")
class TestHandOver(MergeCase):
    """Dialogs of a salesperson who may not see the result any more."""

    def open_dialog(self, model, leads):
        context = {
            "active_model": "crm.lead",
            "active_ids": leads.ids,
            "active_id": leads[0].id,
        }
        return Form(self.env[model].with_user(self.salesperson).with_context(**context))

    def create_own(self, count):
        own = {"user_id": self.salesperson.id}
        return self.create_leads(*[own] * count, type="lead")

    def open_merge_of_nobodys(self):
        """Open the dialog of a lead to merge, and hand over what nobody was assigned
        to."""
        values = {"contact_name": "Ann Lee", "email_from": "ann@acme.com"}
        leads = self.create_leads(values, values, type="lead")
        with self.open_dialog("crm.lead2opportunity.partner", leads[1]) as dialog:
            dialog.name = "convert"  # which shows what is asked about the customer
            dialog.action = "create"
            dialog.name = "merge"
            dialog.user_id = self.salesperson_all
        return leads, dialog.record

    def check_handed_over(self, action, lead):
        """It is the colleague's, and the user is led elsewhere."""
        self.assertEqual(lead.user_id, self.salesperson_all)
        self.assertFalse(lead.with_user(self.salesperson)._filtered_access("read"))
        self.assertEqual(action["tag"], "crm_lead_qualification.done")
        self.check_list(action["params"]["next"])

    def check_told(self, action):
        """The user is told why there is no undo."""
        self.assertIn("colleague", action["params"]["message"])
        self.assertNotIn("res_id", action["params"])

    def check_list(self, action):
        self.assertEqual(action["target"], "main")
        self.assertFalse(action.get("res_id"))

    def test_p9_a_merge_is_handed_over(self):
        leads = self.create_own(2)
        with self.open_dialog("crm.merge.opportunity", leads) as dialog:
            dialog.user_id = self.salesperson_all
        action = dialog.record.action_merge_and_notify()
        self.assertEqual(leads.exists(), leads[0])
        self.check_handed_over(action, leads[0])
        self.check_told(action)

    def test_p9_a_merge_by_the_stock_door_is_handed_over(self):
        leads = self.create_own(2)
        with self.open_dialog("crm.merge.opportunity", leads) as dialog:
            dialog.user_id = self.salesperson_all
        self.check_list(dialog.record.action_merge())

    def test_p5_a_conversion_is_handed_over(self):
        lead = self.create_own(1)
        with self.open_dialog("crm.lead2opportunity.partner", lead) as dialog:
            dialog.user_id = self.salesperson_all
        action = dialog.record.action_apply_and_tell()
        self.assertEqual(lead.type, "opportunity")
        self.check_handed_over(action, lead)
        params = action["params"]
        self.assertIn(f"of {self.salesperson_all.name} now", params["message"])
        done = self.env[params["res_model"]].browse(params["res_id"])
        done.with_user(self.salesperson).action_undo()
        self.assertEqual(lead.type, "lead")
        self.assertEqual(lead.user_id, self.salesperson)

    def test_p5_a_merge_while_converting_is_handed_over(self):
        leads, dialog = self.open_merge_of_nobodys()
        action = dialog.action_apply_and_tell()
        self.assertEqual(leads.exists(), leads[0])
        self.assertEqual(leads[0].type, "opportunity")
        self.assertEqual(leads[0].partner_id.name, "Ann Lee")
        self.check_handed_over(action, leads[0])
        self.check_told(action)

    def test_p5_no_customer_is_created_without_the_right_to(self):
        """Handing over takes no detour around rights."""
        _leads, dialog = self.open_merge_of_nobodys()
        rights = self.env["ir.model.access"].search(
            [("model_id.model", "=", "res.partner")]
        )
        rights.perm_create = False
        with self.assertRaises(AccessError):
            dialog.action_apply_and_tell()
