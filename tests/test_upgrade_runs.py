import importlib.util
import json
from pathlib import Path

from odoo.tests import tagged

from .test_run import RunCase

SCRIPT = Path(__file__).parents[1] / "migrations" / "19.0.1.3.0" / "post-runs.py"


@tagged("post_install", "-at_install")
class TestUpgradeRuns(RunCase):
    """B11: a run that was proposed before an upgrade is carried out after it."""

    def test_a_run_keeps_its_company_and_its_options(self):
        leads = self.create_leads(2)
        run = self.create_run(leads, user_ids=(self.salesperson_all.id,)).sudo()
        company = run.company_id
        self.env.flush_all()
        # as the version before stored it, with all its names
        before = {
            "customer": "each_exist_or_create",
            "partner_id": None,
            "team_id": None,
            "user_ids": [self.salesperson_all.id],
            "force_assignment": True,
            "company_id": company.id,
        }
        self.env.cr.execute(
            "UPDATE crm_lead_run SET company_id = NULL, options = %s WHERE id = %s",
            [json.dumps(before), run.id],
        )
        spec = importlib.util.spec_from_file_location("post_runs", SCRIPT)
        script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(script)
        script.migrate(self.env.cr, "19.0.1.2.0")
        self.env.invalidate_all()
        self.assertEqual(run.company_id, company)
        self.assertNotIn("company_id", run.options)
        self.run_all(run.with_user(self.manager))
        self.assertEqual(leads.mapped("type"), ["opportunity"] * 2)
        self.assertEqual(leads.user_id, self.salesperson_all)
