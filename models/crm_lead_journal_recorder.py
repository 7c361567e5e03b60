import json
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field

from odoo import models
from odoo.tools import SQL

from ..exceptions import SharedChange
from .base import RECORDING

#: Written by the engine itself, which takes them back by itself.
OWN_TABLES = frozenset(
    {
        "crm_lead_journal_line",
        "crm_lead_merge",
        "crm_lead_merge_source",
        "crm_lead_merge_value",
    }
)


@dataclass
class Recording:
    """What is remembered at the moment, in one transaction.

    :param journals: of whom: one, or several if nothing but what is remembered already
        may change
    :param batch: ids of leads that are remembered by them or others of their batch
    :param seen: {table: ids of rows} that are remembered
    :param refused: the errors raised so far
    """

    journals: models.BaseModel
    batch: frozenset = frozenset()
    seen: dict = field(default_factory=lambda: defaultdict(set))
    refused: list = field(default_factory=list)

    def before_write(self, records):
        """Remember rows that the ORM is about to update or delete."""
        if news := self._note(records):
            self.journals._journal_snapshot(records._table, news)

    def after_create(self, records):
        """Remember rows that the ORM has just made."""
        if news := self._note(records):
            self.journals._journal_record_made(records._table, news)

    def _note(self, records):
        """Return the ids that are to be remembered, and take note of them."""
        table = records._table
        if table in OWN_TABLES or records._transient:
            return []
        news = [row_id for row_id in records._ids if row_id not in self.seen[table]]
        is_theirs = table == "crm_lead" and not self.batch.isdisjoint(news)
        if news and (len(self.journals) > 1 or is_theirs):
            self.refused.append(SharedChange(f"{table} {news}"))
            raise self.refused[-1]
        self.seen[table].update(news)
        return news


class CrmLeadJournal(models.AbstractModel):
    """The part of the journal that watches the ORM: see `base`."""

    _inherit = "crm.lead.journal"

    @contextmanager
    def _journal_recording(self, remembered, batch=frozenset()):
        """Remember every row the ORM updates, makes or deletes until the end.

        :param dict remembered: {table: ids of rows} that are remembered already
        :param frozenset batch: ids of leads that are remembered by this journal or
            another one of its batch
        :return: {table: ids of rows} that are remembered, filled meanwhile
        :raise SharedChange: at a lead that is another one's; and if these are several
            journals, at any row that is not remembered
        """
        recording = Recording(self, batch)
        for table, row_ids in remembered.items():
            recording.seen[table].update(row_ids)
        RECORDING[self.env.cr] = recording
        try:
            yield recording.seen
            self.env.flush_all()
        finally:
            RECORDING.pop(self.env.cr, None)
        if recording.refused:  # and whoever did it has gone on regardless
            raise recording.refused[0]

    def _journal_record_made(self, table, row_ids):
        """Remember rows that were made: which they are, as undo deletes them."""
        self._journal_record(
            table,
            SQL(
                """changed AS (SELECT id AS row_id, NULL::jsonb AS before,
                                      jsonb_build_object('id', id) AS after
                                 FROM unnest(%s) AS id)""",
                row_ids,
            ),
        )

    @contextmanager
    def _journal_adopting(self, table, row_id):
        """Let undo take back what is done to a row meanwhile as part of this journal:
        what was as it was left before counts as left as it is afterwards."""
        self.env.flush_all()
        # Raw SQL: the row as PostgreSQL writes it, see `crm.lead.journal`.
        [(before,)] = self.env.execute_query(
            SQL(
                "SELECT to_jsonb(t) FROM %s t WHERE id = %s",
                SQL.identifier(table),
                row_id,
            )
        )
        yield
        self.env.flush_all()
        # Raw SQL: as above.
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_lead_journal_line line SET changes = (
                    SELECT jsonb_agg(CASE WHEN (one ->> 'row_id')::int = %(row_id)s
                           AND one -> 'after' != 'null'
                           THEN jsonb_set(one, '{after}', one -> 'after' || (
                               SELECT COALESCE(jsonb_object_agg(key, now -> key), '{}')
                                 FROM jsonb_object_keys(now) AS key
                                WHERE one -> 'after' -> key = %(before)s::jsonb -> key))
                           ELSE one END)
                      FROM jsonb_array_elements(line.changes) AS one)
                  FROM (SELECT to_jsonb(t) AS now FROM %(table)s t
                         WHERE id = %(row_id)s) AS present
                 WHERE %(journal)s = %(id)s AND line.table_name = %(name)s
                """,
                row_id=row_id,
                before=json.dumps(before),
                table=SQL.identifier(table),
                journal=SQL.identifier("line", self._journal_field),
                id=self.id,
                name=table,
            )
        )
