"""Compares two states of a whole database within one transaction.

PostgreSQL counts, for each table, the rows that the transaction has written, those of
savepoints rolled back included. So a table whose counters stand still is unchanged, and
only the others have to be read.
"""

import json
from collections import Counter

from odoo.tools import SQL

from odoo.addons.crm_lead_qualification.ledger.table import rows_of

#: The memory of merges itself, what the ORM keeps of its own bookkeeping, and what is
#: built again from the leads.
IGNORED_TABLES = (
    "crm_lead_merge",
    "crm_lead_merge_source",
    "crm_lead_merge_source_message_rel",
    "crm_lead_merge_value",
    "crm_lead_journal_line",
    "crm_lead_match_key",
    "crm_lead_match_profile",
    "crm_lead_match_queue",
    "bus_bus",  # what open web clients are told
)


def _ignored_tables(env):
    """Return the tables left out: those above, and those of dialogs, whose rows move
    along without being remembered."""
    dialogs = {one._table for one in env.registry.values() if one._transient}
    links = {
        field.relation
        for model in env.registry.values()
        for field in model._fields.values()
        if field.type == "many2many"
        and field.store
        and (model._transient or env.registry[field.comodel_name]._transient)
    }
    return (*IGNORED_TABLES, *dialogs, *links)


def count_writes(env):
    """Return {table: rows written by this transaction}."""
    env.flush_all()
    return dict(
        env.execute_query(
            SQL(
                """
                SELECT CASE WHEN pg_table_is_visible(relid) THEN relname
                            ELSE format('%%I.%%I', schemaname, relname) END,
                       n_tup_ins + n_tup_upd + n_tup_del
                  FROM pg_stat_xact_user_tables
                 WHERE NOT (pg_table_is_visible(relid) AND relname IN %s)
                """,
                _ignored_tables(env),
            )
        )
    )


def written_since(env, writes):
    """Return the tables that were written since `count_writes` returned `writes`."""
    now = count_writes(env)
    return sorted(table for table in now if now[table] != writes.get(table, 0))


def read(env, tables):
    """Return {table: Counter of its rows}, each row as PostgreSQL writes it."""
    env.flush_all()
    if not tables:
        return {}
    rows = env.execute_query(
        SQL(" UNION ALL ").join(
            SQL("SELECT %s, to_jsonb(t)::text FROM %s t", table, rows_of(table))
            for table in tables
        )
    )
    state = {table: Counter() for table in tables}
    for table, row in rows:
        state[table][row] += 1
    return state


def differences(before, after):
    """Return in words what is in one of two states only: columns of a row, or rows."""
    return [
        difference
        for table in before
        for difference in _row_differences(
            table, before[table] - after[table], after[table] - before[table]
        )
    ]


def _row_differences(table, gone, new):
    was, now = _by_id(gone), _by_id(new)
    for key in [*was, *(key for key in now if key not in was)]:
        if key not in now or key not in was:
            yield f"{table}: {'only before' if key in was else 'only after'}: {key}"
            continue
        for column in was[key]:
            if was[key][column] != now[key][column]:
                yield (
                    f"{table}.{column} of {key}: {was[key][column]!r} before, "
                    f"{now[key][column]!r} after"
                )


def _by_id(rows):
    """Return {id, or the row itself where it has none: {column: value}}."""
    # numbers as text: what counts is how PostgreSQL writes them
    parsed = ((row, json.loads(row, parse_float=str)) for row in rows)
    return {one.get("id", row): one for row, one in parsed}
