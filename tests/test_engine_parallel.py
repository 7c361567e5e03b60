"""A second processor makes a scan faster, and changes nothing else."""

import os
import time
from unittest.mock import patch

from odoo.tests import BaseCase, tagged

from ..engine.matching import parallel
from .common import LeadQualificationCase


def who(items):
    """Return the process that computes, and the items."""
    return os.getpid(), items


@tagged("post_install", "-at_install")
class TestEngineParallel(BaseCase):
    """What is computed in halves is computed once each, whatever happens."""

    def setUp(self):
        super().setUp()
        self.startPatcher(patch.object(parallel, "WORTHWHILE", 2))
        self.startPatcher(
            patch.object(parallel, "_has_second_processor", return_value=True)
        )

    def test_another_process_computes_the_second_half(self):
        (mine, first), (its, second) = parallel.halves(who, [1, 2, 3])
        self.assertEqual(mine, os.getpid())
        self.assertNotEqual(its, mine)
        self.assertEqual((first, second), ([1], [2, 3]))

    def test_little_is_computed_here(self):
        with patch.object(parallel, "WORTHWHILE", 4):
            (mine, _first), (its, _second) = parallel.halves(who, [1, 2, 3])
        self.assertEqual(mine, its)

    def test_where_there_is_one_processor_it_computes_all(self):
        with patch.object(parallel, "_has_second_processor", return_value=False):
            (mine, _first), (its, _second) = parallel.halves(who, [1, 2, 3])
        self.assertEqual(mine, its)

    def test_a_killed_process_is_replaced(self):
        self.assertReplaced(lambda: os._exit(1))

    def test_a_process_that_hangs_is_replaced(self):
        with patch.object(parallel, "PATIENCE", 0.1):
            self.assertReplaced(lambda: time.sleep(600))

    def assertReplaced(self, fail):
        """All is computed, and said, if a copy of this process calls `fail`."""
        here = os.getpid()

        def compute(items):
            if os.getpid() != here:
                fail()
            return items

        with self.assertLogs(parallel.__name__, "WARNING"):
            self.assertEqual(parallel.halves(compute, [1, 2, 3]), [[1], [2, 3]])

    def test_without_another_process_all_is_computed_here(self):
        with (
            patch.object(parallel, "_start", side_effect=OSError("none left")),
            self.assertLogs(parallel.__name__, "WARNING"),
        ):
            (mine, _first), (its, _second) = parallel.halves(who, [1, 2, 3])
        self.assertEqual(mine, its)

    def test_an_error_is_raised(self):
        with (
            self.assertRaises(TypeError),
            self.assertLogs(parallel.__name__, "WARNING"),
        ):
            parallel.halves(sum, [1, 2, "a"])


@tagged("post_install", "-at_install")
class TestScanParallel(LeadQualificationCase):
    """B8: a scan finds the same on two processors as on one."""

    def test_a_scan_finds_the_same(self):
        for number in range(6):
            for _twice in range(2):
                self.create_lead(
                    name=f"Lead {number}", email_from=f"ann.{number}@example.com"
                )
        alone = self.scan()
        self.assertTrue(alone)
        with (
            patch.object(parallel, "WORTHWHILE", 2),
            patch.object(parallel, "_has_second_processor", return_value=True),
            patch.object(parallel, "halves", wraps=parallel.halves) as used,
        ):
            self.assertEqual(self.scan(), alone)
        self.assertTrue(used.called)

    def scan(self):
        """Scan anew; return what is found, with score and reasons."""
        Duplicate = self.env["crm.lead.duplicate"]
        Duplicate.search([]).unlink()
        self.env["crm.lead.scan"]._start()._run()
        return [
            (one.lead_id, one.other_lead_id, one.score, one.reasons, one.fingerprint)
            for one in Duplicate.search([], order="lead_id, other_lead_id")
        ]
