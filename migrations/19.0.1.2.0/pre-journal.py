"""Make a record of the journal of each merge and conversion."""

import logging

from psycopg2.errors import DependentObjectsStillExist

from odoo.tools import SQL

_logger = logging.getLogger(__name__)

#: Columns that are the journal's from now on, or that lead to it by another one.
MOVED = {
    "crm_lead_merge": ("state", "undo_uid", "undo_date"),
    "crm_lead_conversion": ("state", "undo_uid", "undo_date"),
    "crm_lead_journal_line": ("merge_id", "conversion_id"),
}


def migrate(cr, version):
    """Give each merge and each conversion its journal, in the order of events, so that
    what could be undone before can be undone after it."""
    cr.execute(
        """
        CREATE TABLE crm_lead_journal (
            id serial PRIMARY KEY, state varchar, undo_uid int, undo_date timestamp,
            create_uid int, create_date timestamp,
            write_uid int, write_date timestamp, merge_id int, conversion_id int)
        """
    )
    # The lines of all journals are numbered in the order of events; of what has none
    # any more nothing can be undone.
    cr.execute(
        """
        INSERT INTO crm_lead_journal (
               state, undo_uid, undo_date, create_uid, create_date, write_uid,
               write_date, merge_id, conversion_id)
        SELECT state, undo_uid, undo_date, create_uid, create_date, write_uid,
               write_date, merge_id, conversion_id
          FROM (SELECT one.*, one.id AS merge_id, NULL::int AS conversion_id, (
                       SELECT min(line.id) FROM crm_lead_journal_line line
                        WHERE line.merge_id = one.id) AS first_line
                  FROM (SELECT id, state, undo_uid, undo_date, create_uid, create_date,
                               write_uid, write_date FROM crm_lead_merge) AS one
                 UNION ALL
                SELECT one.*, NULL, one.id, (
                       SELECT min(line.id) FROM crm_lead_journal_line line
                        WHERE line.conversion_id = one.id)
                  FROM (SELECT id, state, undo_uid, undo_date, create_uid, create_date,
                               write_uid, write_date FROM crm_lead_conversion) AS one
               ) AS change
      ORDER BY first_line NULLS FIRST, create_date, merge_id, conversion_id
        """
    )
    for table, column in (
        ("crm_lead_merge", "merge_id"),
        ("crm_lead_conversion", "conversion_id"),
    ):
        names = {"table": SQL.identifier(table), "column": SQL.identifier(column)}
        cr.execute(SQL("CREATE INDEX ON crm_lead_journal (%(column)s)", **names))
        cr.execute(SQL("ALTER TABLE %(table)s ADD COLUMN journal_id int", **names))
        cr.execute(
            SQL(
                """UPDATE %(table)s t SET journal_id = journal.id
                     FROM crm_lead_journal journal WHERE journal.%(column)s = t.id""",
                **names,
            )
        )
    cr.execute("ALTER TABLE crm_lead_journal_line ADD COLUMN journal_id int")
    cr.execute(
        """
        UPDATE crm_lead_journal_line line SET journal_id = journal.id
          FROM crm_lead_journal journal
         WHERE journal.merge_id = line.merge_id
            OR journal.conversion_id = line.conversion_id
        """
    )
    cr.execute("ALTER TABLE crm_lead_journal DROP merge_id, DROP conversion_id")
    for table, columns in MOVED.items():
        for column in columns:
            drop(cr, table, column)


def drop(cr, table, column):
    """Drop a column, or leave it empty where a view that somebody has made reads it."""
    names = (SQL.identifier(table), SQL.identifier(column))
    cr.execute("SAVEPOINT drop_column")
    try:
        cr.execute(SQL("ALTER TABLE %s DROP COLUMN %s", *names), log_exceptions=False)
    except DependentObjectsStillExist as error:
        cr.execute("ROLLBACK TO SAVEPOINT drop_column")
        cr.execute(SQL("ALTER TABLE %s ALTER COLUMN %s DROP NOT NULL", *names))
        _logger.warning(
            "%s.%s is not written any more, but read by a view: %s",
            table,
            column,
            error.diag.message_detail,
        )
    cr.execute("RELEASE SAVEPOINT drop_column")
