"""What works by itself, beside others that do: on connections of their own."""

import threading
from contextlib import contextmanager

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, tagged
from odoo.tests.common import get_db_name

from ..models.duplicate import crm_lead_matcher
from ..models.merge.arrivals import MERGE_ON_ARRIVAL


@tagged("post_install", "-at_install")
class TestBackgroundConcurrency(BaseCase):
    """Two workers that compare, a backup, and a record that somebody is at."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.connection() as env:
            env["crm.lead.match.queue"]._cron_compare()
            values = {"contact_name": "Zoe Race", "email_from": "zoe@race-lee.org"}
            leads = env["crm.lead"].create(
                [{**values, "name": f"Race {number}"} for number in range(3)]
            )
            self.lead_ids = leads.ids
            env.cr.commit()
        self.addCleanup(self.clean_up)

    @contextmanager
    def connection(self):
        """A connection of its own, as another worker has it."""
        with self.registry._db.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})
            cr.rollback()

    def clean_up(self):
        with self.connection() as env:
            env["ir.config_parameter"].set_param(MERGE_ON_ARRIVAL, False)
            env["crm.lead"].search([("contact_name", "=", "Zoe Race")]).unlink()
            env["crm.lead.scan"].search([("state", "!=", "done")]).unlink()
            env.cr.commit()

    def together(self, *actions):
        """Have each action done on a connection of its own at the same moment.

        :return: the errors
        """
        start = threading.Barrier(len(actions))
        errors = []

        def act(action):
            try:
                with self.connection() as env:
                    env["crm.lead"].browse(self.lead_ids).mapped("name")
                    start.wait(20)
                    action(env)
                    env.cr.commit()
            except Exception as error:  # noqa: BLE001 - returned
                errors.append(error)

        threads = [threading.Thread(target=act, args=[action]) for action in actions]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        return errors

    def append(self, env, is_arrival=False):
        env["crm.lead.match.queue"]._append(self.lead_ids, is_arrival)

    def find_pairs(self, env):
        return env["crm.lead.duplicate"].search([("lead_id", "in", self.lead_ids)])

    def test_b7_two_workers_compare_the_same_leads(self):
        with self.connection() as env:  # as after installation
            env.cr.execute("DELETE FROM crm_lead_match_term")
            env["crm.lead.match.profile"]._forget(self.lead_ids)
            for _time in range(3):
                self.append(env)
            env["crm.lead.scan"]._start_in_background()
            env.cr.commit()
        with self.assertNoLogs("odoo.sql_db", "ERROR"):
            errors = self.together(
                *[lambda env: env["crm.lead.match.queue"]._cron_compare()] * 2,
                *[lambda env: env["crm.lead.scan"]._cron_scan()] * 2,
            )
        self.assertFalse(errors)
        with self.connection() as env:
            self.assertEqual(len(self.find_pairs(env)), 3)
            env.cr.execute(
                """SELECT count(*) - count(DISTINCT (lead_id, key))
                     FROM crm_lead_match_key WHERE lead_id = ANY(%s)""",
                [self.lead_ids],
            )
            self.assertEqual(env.cr.fetchone(), (0,))

    def test_b7_people_read_while_others_are_compared(self):
        def read(env):
            leads = env["crm.lead"].browse(self.lead_ids)
            for _time in range(10):
                leads.web_read({"duplicate_lead_count": {}, "duplicate_best_id": {}})
                env.cr.commit()

        def compare(env):
            for _time in range(5):
                self.append(env)
                env["crm.lead.match.queue"]._cron_compare()

        with self.assertNoLogs("odoo.sql_db", "ERROR"):
            self.assertFalse(self.together(*[read] * 3, compare))

    def test_b7_a_scan_does_not_wait_for_a_backup(self):
        with self.connection() as backup, self.connection() as env:
            backup.cr.execute(
                """SELECT string_agg(quote_ident(relname), ', ') FROM pg_class
                    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"""
            )
            backup.cr.execute(
                f"LOCK TABLE {backup.cr.fetchone()[0]} IN ACCESS SHARE MODE"
            )
            env["crm.lead.scan"]._start_in_background()
            env.cr.commit()
            env.cr.execute("SET statement_timeout = '20s'")
            for action in (
                env["crm.lead.scan"]._cron_scan,
                env["crm.lead.match.queue"]._cron_compare,
                env["crm.lead.journal.line"]._cron_remove_old,
            ):
                action()
            env.cr.execute("RESET statement_timeout")
            self.assertFalse(
                env["crm.lead.scan"].search([("state", "!=", "done")], limit=1)
            )
            self.assertEqual(len(self.find_pairs(env)), 3)

    def test_b7_an_arrival_is_merged_once_the_record_is_free(self):
        """Whoever has the record open for writing is not waited for."""
        with self.connection() as env, self.connection() as other:
            env["crm.lead.match.queue"]._cron_compare()
            env["ir.config_parameter"].set_param(MERGE_ON_ARRIVAL, "True")
            env["crm.lead.match.queue"]._append(self.lead_ids[1:2], is_arrival=True)
            env.cr.commit()
            other.cr.execute(
                "SELECT FROM crm_lead WHERE id = ANY(%s) FOR NO KEY UPDATE",
                [self.lead_ids[:1] + self.lead_ids[2:]],
            )
            leads = env["crm.lead"].browse(self.lead_ids)
            for _time in range(2):
                env["crm.lead.match.queue"]._cron_compare()
                env.cr.commit()
                env.invalidate_all()
                self.assertEqual(len(leads.exists()), 3)
            other.cr.rollback()
            env["crm.lead.match.queue"]._cron_compare()
            env.cr.commit()
            env.invalidate_all()
            self.assertEqual(len(leads.exists()), 2)

    def test_b7_a_worker_that_waits_too_long_leaves_it_to_the_next_run(self):
        with self.connection() as other, self.connection() as env:
            other["crm.lead.matcher"]._be_alone()
            self.patch(crm_lead_matcher, "PATIENCE", "200ms")
            with self.assertNoLogs("odoo.sql_db", "ERROR"):
                env["crm.lead.match.queue"]._cron_compare()
            waiting = env["crm.lead.match.queue"].search([]).mapped("lead_id")
            self.assertLessEqual(set(self.lead_ids), set(waiting))
