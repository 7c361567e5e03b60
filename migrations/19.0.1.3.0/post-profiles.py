"""Have all leads read and compared again: what people write is read by other rules."""

import logging

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL, split_every

from odoo.addons.crm_lead_qualification.engine.matching.frequency import Frequencies
from odoo.addons.crm_lead_qualification.models.duplicate.crm_lead_matcher import (
    CERTAIN,
    WORTH_A_LOOK,
    compare_apart,
)

_logger = logging.getLogger(__name__)

#: Decisions that are read at a time.
BATCH = 500


def migrate(cr, version):
    """Let decisions stand, and have a scan started in the background, which builds all
    keys anew, in batches."""
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    keep_decisions(env)
    cr.execute("DELETE FROM crm_lead_match_profile")
    scan = env["crm.lead.scan"]
    if scan.search_count([("state", "!=", "done")]):
        env["crm.lead.match.queue"]._append_missing()  # as the start of a scan does
    scan._start_in_background(anew=True)
    name_thresholds(env)


def keep_decisions(env):
    """Remember by the new rules in which values the leads agree that were kept
    separate: they have not changed, and nobody is asked again."""
    pairs = env["crm.lead.duplicate"].search([("state", "=", "separate")])
    for ids in split_every(BATCH, pairs.ids):
        rows = list(read_fingerprints(env, pairs.browse(ids)))
        # Raw SQL: one statement a batch; nothing else of a decision changes.
        env.cr.execute(
            SQL(
                """UPDATE crm_lead_duplicate pair SET fingerprint = new.fingerprint
                     FROM unnest(%s::int[], %s::text[]) AS new(id, fingerprint)
                    WHERE pair.id = new.id""",
                [pair_id for pair_id, _fingerprint in rows],
                [fingerprint for _pair_id, fingerprint in rows],
            )
        )
        env.invalidate_all()


def read_fingerprints(env, pairs):
    """Yield (id of a pair, fingerprint) of each pair that can be compared."""
    leads = pairs.lead_id + pairs.other_lead_id
    profiles = env["crm.lead.match.profile"]._make(leads)
    without = env["crm.lead.matcher"]._get_left_out()
    for pair in pairs:
        ids = pair.lead_id.id, pair.other_lead_id.id
        one, other = (profiles[lead_id] for lead_id in ids)
        # how rare values are has no part in a fingerprint
        match = compare_apart(ids, one, other, Frequencies(), without)
        if match:
            yield pair.id, match.fingerprint


def name_thresholds(env):
    """Tell in the log which scores somebody has set: the scale is what it was, while
    what is read has grown."""
    for setting in (WORTH_A_LOOK, CERTAIN):
        number = setting.get(env)
        if number != setting.default:
            _logger.warning(
                "The setting %s stays at %s, where %s is usual. More ways of writing "
                "are read as one from this version on: look at what is found, and set "
                "it anew where it does not suit",
                setting.key,
                number,
                setting.default,
            )
