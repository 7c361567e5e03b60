import os

from hypothesis import HealthCheck, Phase, given, seed, settings

from odoo.tests import tagged

from .common import LeadQualificationCase
from .lossless.imports import prove_story, stories

CASES = int(os.environ.get("LOSSLESS_STORIES", "40"))
SEED = int(os.environ.get("LOSSLESS_SEED", "20260101"))


@tagged("post_install", "-at_install")
class TestLosslessImports(LeadQualificationCase):
    """P10, B2, B5: files that are imported again, among merges and undo."""

    def test_p10_b2_b5_whatever_is_imported_again_is_lost_nowhere(self):
        print(f"{CASES} random stories, seed {SEED}")  # noqa: T201 pylint: disable=print-used

        @seed(SEED)
        @settings(
            max_examples=CASES,
            database=None,
            deadline=None,
            phases=(Phase.explicit, Phase.generate),  # shrinking takes minutes
            suppress_health_check=list(HealthCheck),
        )
        @given(story=stories())
        def run(story):
            prove_story(self.env, self.salesperson_all, story)

        run()
