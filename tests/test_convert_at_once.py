"""Two users convert overlapping selections at once, in two connections."""

import threading

import psycopg2

from odoo import SUPERUSER_ID, api, fields
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged

from ..engine.conversion import ConversionOptions
from ..exceptions import ConversionRefused

PREFIX = "converted at once"


@tagged("post_install", "-at_install")
class TestConvertAtOnce(BaseCase):
    """Real transactions: what they leave behind is removed by hand."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.addCleanup(self.clean_up)
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            values = [{"name": f"{PREFIX} {one}", "type": "lead"} for one in range(6)]
            self.lead_ids = env["crm.lead"].create(values).ids

    def clean_up(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            runs = env["crm.lead.run"].search(
                [("line_ids.lead_res_id", "in", self.lead_ids)]
            )
            runs.unlink()
            leads = env["crm.lead"].browse(self.lead_ids).exists()
            leads.partner_id.filtered(lambda one: one.name.startswith(PREFIX)).unlink()
            leads.unlink()

    def count_conversions(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            conversions = env["crm.lead.conversion"].search(
                [("lead_res_id", "in", self.lead_ids), ("state", "=", "done")]
            )
            return sorted(conversions.mapped("lead_res_id")), len(conversions)

    def test_overlapping_selections(self):
        first, second = self.lead_ids[:4], self.lead_ids[2:]
        with self.registry.cursor() as cr, self.registry.cursor() as other:
            convert = self.convert
            convert(cr, first)
            with self.assertRaises(ConversionRefused):
                convert(other, second)
            cr.commit()  # pylint: disable=invalid-commit
            other.rollback()
            skipped = convert(other, second)
            other.commit()
        self.assertEqual(sorted(skipped), first[2:])
        self.assertEqual(self.count_conversions(), (self.lead_ids, 6))

    def convert(self, cr, lead_ids):
        env = api.Environment(cr, SUPERUSER_ID, {})
        leads = env["crm.lead"].browse(lead_ids)
        _conversions, skipped = env["crm.lead.conversion"]._convert(
            leads, ConversionOptions(customer="create")
        )
        return skipped

    def test_b11_one_worker_is_at_a_run_at_a_time(self):
        """Two would each create the company that leads of both name."""
        run_id = self.create_run()
        with self.registry.cursor() as cr, self.registry.cursor() as other:
            run = api.Environment(cr, SUPERUSER_ID, {})["crm.lead.run"].browse(run_id)
            same = api.Environment(other, SUPERUSER_ID, {})["crm.lead.run"].browse(
                run_id
            )
            self.assertEqual(run.process(4), 4)
            self.assertEqual(same.process(4), 0, "without waiting")
            cr.commit()  # pylint: disable=invalid-commit
            other.rollback()
            self.assertEqual(same.process(4), 2, "what is left")
            other.commit()
        self.assertEqual(self.count_conversions(), (self.lead_ids, 6))

    def test_b11_the_scheduled_action_leaves_a_run_to_who_is_at_it(self):
        run_id = self.create_run()
        with self.registry.cursor() as cr, self.registry.cursor() as other:
            run = api.Environment(cr, SUPERUSER_ID, {})["crm.lead.run"].browse(run_id)
            self.assertEqual(run.process(4), 4)
            cron = api.Environment(other, SUPERUSER_ID, {})["ir.cron"]
            told, awaited = [], []
            self.patch(
                type(cron), "_trigger", lambda _cron, at=None: awaited.append(at)
            )
            self.patch(
                type(cron),
                "_commit_progress",
                lambda _cron, done=0, *, remaining=None: told.append((done, remaining)),
            )
            cron.env["crm.lead.run"]._cron_process()
            self.assertEqual(told, [(0, 0)], "nothing to come back to at once")
            self.assertGreater(awaited[0], fields.Datetime.now(), "but soon")

    def test_b11_what_was_not_committed_is_done_again(self):
        run_id = self.create_run()
        with self.registry.cursor() as cr:
            run = api.Environment(cr, SUPERUSER_ID, {})["crm.lead.run"].browse(run_id)
            run.process(4)
            cr.rollback()  # as when the process is killed
        with self.registry.cursor() as cr:
            run = api.Environment(cr, SUPERUSER_ID, {})["crm.lead.run"].browse(run_id)
            self.assertEqual(run.waiting_count, 6)
            while run.process(4):
                cr.commit()  # pylint: disable=invalid-commit
            self.assertEqual(run.state, "done")
        self.assertEqual(self.count_conversions(), (self.lead_ids, 6))

    def test_b11_workers_in_parallel(self):
        run_id = self.create_run()
        workers = [
            threading.Thread(target=self.work, args=(run_id,)) for _worker in range(2)
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        self.assertEqual(self.count_conversions(), (self.lead_ids, 6))

    def create_run(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            run = env["crm.lead.run"]._create_conversions(
                env["crm.lead"].browse(self.lead_ids),
                ConversionOptions(customer="create"),
            )
            run.action_start()
            return run.id

    def work(self, run_id):
        """Work as a worker does: what the database refuses is tried again."""
        threading.current_thread().dbname = get_db_name()
        for _attempt in range(50):
            try:
                with self.registry.cursor() as cr:
                    env = api.Environment(cr, SUPERUSER_ID, {})
                    if not env["crm.lead.run"].browse(run_id).process(1):
                        return
            except psycopg2.OperationalError:
                continue
