import logging
from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import api, fields, models
from odoo.tools import SQL

from ...exceptions import MergeRefused
from ..common.attempt import attempt

_logger = logging.getLogger(__name__)

#: For how many days a merge is looked after.
SWEPT_DAYS = 7


class CrmLeadMerge(models.Model):
    """How all that points to the sources moves to the survivor (promise B4)."""

    _inherit = "crm.lead.merge"

    @api.model
    def _find_references(self, sources):
        """Return where something points to any of `sources`.

        :raise UnknownReference: if no module says what it is
        """
        ledger = self.env["crm.lead.ledger"]
        ledger._check_complete(sources.ids)
        self.env.flush_all()
        return list(ledger._count(sources.ids))

    def _move_references(self, survivor, sources, references):
        """Move everything that points to the sources, and remember where it was."""
        for reference in references:
            try:
                self._move_reference(reference, survivor, sources)
            except IntegrityError as error:
                raise MergeRefused(
                    self.env._(
                        "‘%(lead)s’ and another of these records each have a row of "
                        "their own in the table %(table)s, which takes one a record "
                        "(%(constraint)s). Remove one of the two, then merge again.",
                        lead=self.name,
                        table=reference.place,
                        constraint=error.diag.constraint_name,
                    )
                ) from error

        # what is cached of links that SQL has moved is no longer true
        (survivor + sources).invalidate_recordset(flush=False)
        self.env["crm.lead.journal"]._drop_caches(
            {reference.table for reference in references}
        )

    def _move_reference(self, reference, survivor, sources):
        move = reference.move(sources.ids, survivor.id)
        if reference.is_transient:
            # Raw SQL: as all that a ledger moves, see `ledger.reference`.
            self.env.cr.execute(SQL("WITH %s SELECT count(*) FROM changed", move))
            return
        for table, cascade in reference.cascades(sources.ids, survivor.id):
            self.journal_id._record(table, cascade)
        row_ids = self.journal_id._record(reference.place, move)
        if reference.model:
            self._tell_orm(reference, survivor, row_ids)
        else:
            self._forget_links(reference.table)

    def _remember_messages(self, references):
        """Remember which of the sources each message comes from that has moved.

        :param references: what has moved
        """
        if any(reference.model == "mail.message" for reference in references):
            self.source_ids._remember_messages()

    def _forget_links(self, table):
        """Drop what is cached of a link table, on the other side of the leads."""
        for relation, sides in self.env.registry.many2many_relations.items():
            if relation[0] == table:
                for model_name, field_name in sides:
                    if model_name != "crm.lead":
                        self.env[model_name].invalidate_model([field_name], flush=False)

    def _tell_orm(self, reference, survivor, row_ids):
        """Let the ORM recompute what it computes from a link that SQL has moved; what
        people may have typed over stays."""
        # sudo: what points to the leads moves along, whoever may read it
        records = self.env[reference.model].sudo().browse(row_ids)
        typed = [
            field
            for field in records._fields.values()
            if field.store
            and field.compute
            and (not field.readonly or field.name in reference.columns)
        ]
        records.invalidate_recordset(flush=False)
        moved = records._fields[reference.field]
        if moved.type == "many2one_reference":
            # whose they are now, which the ORM would read for each merge
            records._fields[moved.model_field]._update_cache(records, reference.target)
            moved._update_cache(records, survivor.id)
        with self.env.protecting(typed, records):
            records.modified([reference.field])

    def _check_empty(self, sources):
        """Prove that nothing points to the sources any more."""
        left = self.env["crm.lead.ledger"]._count(sources.ids)
        if left:
            raise MergeRefused(
                self.env._(
                    "Something still points to the merged records (%s), so nothing was "
                    "merged. Tell whoever looks after this database.",
                    ", ".join(sorted(place.name for place in left)),
                )
            )

    # ------------------------------------------------------------
    # Late arrivals
    # ------------------------------------------------------------

    @api.model
    def _cron_sweep_late_arrivals(self):
        """Move what was filed under a merged-away lead while it was being merged.

        Where the database knows no foreign key, as with messages, a row may arrive
        between the last count and the commit. Undo takes it back like all others.
        """
        since = fields.Datetime.now() - timedelta(days=SWEPT_DAYS)
        merges = self.search(
            [("state", "=", "done"), ("create_date", ">=", since)], order="id"
        )
        leads = self.env["crm.lead"].browse(merges.source_ids.mapped("source_res_id"))
        gone = leads - leads.exists()
        late = self._find_late(gone)
        for merge in merges if late else ():
            sources = late & gone.browse(merge.source_ids.mapped("source_res_id"))
            if sources:
                merge._sweep_apart(sources)
                # What arrived for a lead merged twice moves on with each of its merges.
                late |= gone & gone.browse(merge.survivor_res_id)

    @api.model
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

    def _sweep_apart(self, sources):
        """Move what points to `sources`, so that a merge that cannot take it does not
        keep the others from theirs."""
        error = attempt(self.env, self._sweep, sources)
        if error is not None:
            _logger.error(
                "What arrived late for merge %s stays there", self.id, exc_info=error
            )

    def _sweep(self, sources):
        is_remembered = self.can_undo
        references = self._find_references(sources)
        survivor = sources.browse(self.survivor_res_id)
        self._move_references(survivor, sources, references)
        self._remember_messages(references)
        if not is_remembered:
            self.line_ids.unlink()  # a part of a memory would bring back a ruin
