"""How all that points to the sources of a merge moves to its survivor (promise B4)."""

from psycopg2 import IntegrityError

from odoo.tools import SQL

from ...exceptions import MergeRefused


def find_references(sources):
    """Return where something points to any of the leads.

    :raise UnknownReference: if no module says what it is
    """
    ledger = sources.env["crm.lead.ledger"]
    ledger._check_complete(sources.ids)
    sources.env.flush_all()
    return list(ledger._count(sources.ids))


def check_empty(sources):
    """Prove that nothing points to the leads any more.

    :raise MergeRefused: naming the places
    """
    env = sources.env
    left = env["crm.lead.ledger"]._count(sources.ids)
    if left:
        raise MergeRefused(
            env._(
                "Something still points to the merged records (%s), so nothing was "
                "merged. Tell whoever looks after this database.",
                ", ".join(sorted(place.name for place in left)),
            )
        )


class Moving:
    """Moves what points to the sources of one merge, and remembers where it was.

    :param merge: the merge, as the engine has it
    :param survivor: the lead that everything goes to
    :param sources: the leads that it comes from
    """

    def __init__(self, merge, survivor, sources):
        self.env = merge.env
        self.merge = merge
        self.survivor = survivor
        self.sources = sources

    def move(self, references):
        """Move everything that points to the sources.

        :param references: see `find_references`
        """
        for reference in references:
            try:
                self.move_reference(reference)
            except IntegrityError as error:
                raise MergeRefused(
                    self.env._(
                        "‘%(lead)s’ and another of these records each have a row of "
                        "their own in the table %(table)s, which takes one a record "
                        "(%(constraint)s). Remove one of the two, then merge again.",
                        lead=self.merge.name,
                        table=reference.place,
                        constraint=error.diag.constraint_name,
                    )
                ) from error

        # what is cached of links that SQL has moved is no longer true
        (self.survivor + self.sources).invalidate_recordset(flush=False)
        self.env["crm.lead.journal"]._drop_caches(
            {reference.table for reference in references}
        )
        pairs = self.env["crm.lead.duplicate"]
        pairs._end_pairs(self.merge, self.survivor, self.sources)

    def move_reference(self, reference):
        """Move what is stored in one place."""
        move = reference.move(self.sources.ids, self.survivor.id)
        if reference.is_transient:
            # Raw SQL: as all that a ledger moves, see `references.reference`.
            self.env.cr.execute(SQL("WITH %s SELECT count(*) FROM changed", move))
            return
        journal = self.merge.journal_id
        for table, cascade in reference.cascades(self.sources.ids, self.survivor.id):
            journal._record(table, cascade)
        row_ids = journal._record(reference.place, move)
        if reference.model:
            self._tell_orm(reference, row_ids)
        else:
            self._forget_links(reference.table)

    def _forget_links(self, table):
        """Drop what is cached of a link table, on the other side of the leads."""
        for relation, sides in self.env.registry.many2many_relations.items():
            if relation[0] == table:
                for model_name, field_name in sides:
                    if model_name != "crm.lead":
                        self.env[model_name].invalidate_model([field_name], flush=False)

    def _tell_orm(self, reference, row_ids):
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
            moved._update_cache(records, self.survivor.id)
        with self.env.protecting(typed, records):
            records.modified([reference.field])
