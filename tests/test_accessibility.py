import json
import os
from pathlib import Path

from odoo.tests import HttpCase, tagged
from odoo.tools import file_open

from ..engine.plan import MergeOptions
from .test_duplicates import DuplicatesCase

# Where axe-core is; ./dev/test says so.
AXE_PATH = "AXE_CORE_PATH"
CHECK = "crm_lead_qualification/static/tests/accessibility/check_accessibility.js"


@tagged("post_install", "-at_install")
class TestAccessibility(HttpCase, DuplicatesCase):
    """No dialog and no page of ours has a serious finding of axe-core."""

    def test_no_serious_finding(self):
        path = os.environ.get(AXE_PATH)
        if not path:
            self.skipTest(f"{AXE_PATH} does not say where axe.min.js is")
        self.switch_leads(True)
        with file_open(CHECK) as check:
            script = Path(path).read_text() + check.read()
        places = json.dumps(self.get_places())
        self.assertIn("crm.lead.undo", places)
        self.browser_js(
            "/odoo/crm",
            f"{script};checkAccessibility({places}).catch(e => "
            f"console.error(e.message))",
            "!!(odoo.__WOWL_DEBUG__?.root && document.querySelector('.o_content'))",
            login=self.administrator.login,
            timeout=180,
        )

    def get_places(self):
        leads = self.env["crm.lead"]
        for number, city in enumerate(("Paris", "Lyon", "Athens", "Madrid")):
            leads += self.create_lead(
                name=f"Lead {number}",
                city=city,
                referred="By Ann" if number == 3 else False,
                email_from="ana@example.com",
                user_id=self.salesperson.id,
                team_id=self.lead_channel.id,
            )
        selected = leads[:2]
        merge = self.env["crm.lead.merge"]._merge(leads[2:], MergeOptions())
        merge.survivor_id.referred = "By Bob"
        selection = {"active_model": "crm.lead", "active_ids": selected.ids}
        one = {"active_model": "crm.lead", "active_id": selected[0].id}
        self.compare()
        group = self.pairs(*selected).group_id
        # as in the browser: those of several companies see it while all are active
        Run = self.env["crm.lead.run"].with_context(
            allowed_company_ids=self.env.company.ids
        )
        run = Run._create_merges([selected.ids])
        addon = "crm_lead_qualification"
        page = ".o_action_manager"
        report = f"{addon}.crm_lead_qualification_report_action"
        history = f"{addon}.crm_lead_merge_action"
        runs = f"{addon}.crm_lead_run_action"
        duplicates = f"{addon}.crm_lead_duplicate_group_action"
        separate = f"{addon}.crm_lead_duplicate_action"
        merge_dialog = "crm.action_merge_opportunities"
        convert = "crm.action_crm_lead2opportunity_partner"
        return [
            [
                "merge dialog",
                merge_dialog,
                selection,
                ".modal-content .o_lead_merge_plan",
                None,
            ],
            ["convert dialog", convert, one, ".modal-content .o_form_view", None],
            [
                "undo dialog",
                # a dialog is shown to nobody but who opened it
                merge.with_user(self.administrator).action_undo(),
                {},
                ".modal-content .o_form_view",
                None,
            ],
            [
                "compare dialog",
                selected.with_user(self.administrator).action_compare(),
                {},
                ".modal-content .o_form_view",
                None,
            ],
            [
                "bulk dialog",
                "crm.action_crm_send_mass_convert",
                selection,
                ".modal-content .o_form_view",
                None,
            ],
            *(
                [record._name, self.open_form(record), {}, f"{page} .o_form_view", None]
                for record in (merge, group, run)
            ),
            ["history", history, {}, f"{page} .o_list_view", None],
            ["runs", runs, {}, f"{page} .o_list_view", None],
            ["duplicates", duplicates, {}, f"{page} .o_list_view", None],
            ["kept separate", separate, {}, f"{page} .o_list_view", None],
            *(
                ["report", report, {}, f"{page} .o_{view}_view", view]
                for view in ("graph", "pivot", "list")
            ),
        ]

    @staticmethod
    def open_form(record):
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [[False, "form"]],
        }
