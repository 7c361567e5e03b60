"""What else can happen to a bulk run does not spoil it (promise B11)."""

from odoo.tests import tagged

from ..models import crm_lead_run_work as work
from .test_run import RunCase


@tagged("post_install", "-at_install")
class TestRunFaults(RunCase):
    """Runs amid faults of other addons, other workers, and too much of everything."""

    def test_b11_an_undo_that_fails_says_why_in_the_log(self):
        leads = self.create_leads(2)
        run = self.run_all(self.create_run(leads))
        Conversion = type(self.env["crm.lead.conversion"])
        original = Conversion._undo

        def hook(conversions):
            if leads[0].id in conversions.mapped("lead_res_id"):
                raise KeyError("a fault of another addon")
            return original(conversions)

        self.patch(Conversion, "_undo", hook)
        with self.assertLogs(work.__name__, "ERROR") as log:
            run.action_undo()
        self.assertEqual(run.line_ids.mapped("state"), ["kept", "undone"])
        self.assertIn("unexpected error", run.line_ids[0].reason)
        self.assertEqual(len(log.output), 1)
