import logging
from datetime import timedelta

from odoo import fields

from ..common.attempt import attempt
from .moving import Moving, find_references

_logger = logging.getLogger(__name__)

#: For how many days a merge is looked after.
SWEPT_DAYS = 7


class LateArrivals:
    """What was filed under merged-away leads while these were being merged.

    Where the database knows no foreign key, as with messages, a row may arrive between
    the last count and the commit. It moves to the survivor, and undo takes it back like
    all others.

    :param merges: `crm.lead.merge`, as the engine has it
    """

    def __init__(self, merges):
        self.env = merges.env
        since = fields.Datetime.now() - timedelta(days=SWEPT_DAYS)
        self.merges = merges.search(
            [("state", "=", "done"), ("create_date", ">=", since)], order="id"
        )

    def sweep(self):
        """Move what is late."""
        source_ids = self.merges.source_ids.mapped("source_res_id")
        leads = self.env["crm.lead"].browse(source_ids)
        gone = leads - leads.exists()
        late = self._find_late(gone)
        for merge in self.merges if late else ():
            sources = late & gone.browse(merge.source_ids.mapped("source_res_id"))
            if sources:
                self._sweep_apart(merge, sources)
                # What arrived for a lead merged twice moves on with each of its merges.
                late |= gone & gone.browse(merge.survivor_res_id)

    def _find_late(self, gone):
        """Return those of the leads that something points to."""
        ledger = self.env["crm.lead.ledger"]
        return gone.browse(
            {
                lead_id
                for reference in ledger._count(gone.ids)
                for lead_id in ledger._find_rows(reference, gone.ids)
            }
        )

    def _sweep_apart(self, merge, sources):
        """Move what points to `sources`, so that a merge that cannot take it does not
        keep the others from theirs."""
        error = attempt(self.env, sweep_merge, merge, sources)
        if error is not None:
            _logger.error(
                "What arrived late for merge %s stays there", merge.id, exc_info=error
            )


def sweep_merge(merge, sources):
    """Move what points to leads that a merge has ended already."""
    is_remembered = merge.can_undo
    references = find_references(sources)
    survivor = sources.browse(merge.survivor_res_id)
    Moving(merge, survivor, sources).move(references)
    merge.source_ids._remember_origins(references)
    if not is_remembered:
        merge.line_ids.unlink()  # a part of a memory would bring back a ruin
