import threading
from contextlib import contextmanager

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, tagged
from odoo.tests.common import get_db_name

from odoo.addons.crm_lead_qualification.exceptions import MergeRefused


@tagged("post_install", "-at_install")
class TestMergeConcurrency(BaseCase):
    """Two connections merge overlapping leads: one wins, the other is told so."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.connection() as env:
            leads = env["crm.lead"].create(
                [{"name": f"Race {one}"} for one in range(3)]
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
            env["crm.lead"].browse(self.lead_ids).exists().unlink()
            env.cr.commit()

    def merge(self, env, lead_ids):
        return env["crm.lead.merge"]._merge(env["crm.lead"].browse(lead_ids))

    def test_while_the_first_is_at_it(self):
        with self.connection() as first, self.connection() as second:
            self.merge(first, self.lead_ids[:2])
            with self.assertRaisesRegex(MergeRefused, "at this moment.*Race 1"):
                self.merge(second, self.lead_ids[1:])

    def test_after_the_first_has_committed(self):
        with self.connection() as first:
            self.merge(first, self.lead_ids[:2])
            first.cr.commit()
        with (
            self.connection() as second,
            self.assertRaisesRegex(MergeRefused, "‘Race 1’ was merged by"),
        ):
            self.merge(second, self.lead_ids[1:])

    def test_both_at_once(self):
        start = threading.Barrier(2)
        outcomes = []

        def run(lead_ids):
            with self.connection() as env:
                env["crm.lead"].browse(lead_ids).mapped("name")
                start.wait(10)
                try:
                    self.merge(env, lead_ids)
                    env.cr.commit()
                    outcomes.append("merged")
                except MergeRefused:
                    outcomes.append("refused")
                except Exception as error:  # noqa: BLE001 - told apart below
                    outcomes.append(repr(error))

        threads = [
            threading.Thread(target=run, args=[lead_ids])
            for lead_ids in (self.lead_ids[:2], self.lead_ids[1:])
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        with self.connection() as env:
            left = env["crm.lead"].browse(self.lead_ids).exists()
        self.assertEqual(sorted(outcomes), ["merged", "refused"])
        self.assertEqual(len(left), 2)
