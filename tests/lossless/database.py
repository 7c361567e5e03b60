"""Reads states of a whole database within one transaction, and compares two of them.

PostgreSQL counts, for each table, the rows that the transaction has written, those of
savepoints rolled back included. So a table whose counters stand still is unchanged, and
only the others have to be read. Of those, only the rows need be read that this
transaction has written; that no other is missing is told by their number.
"""

import json
from dataclasses import dataclass, field

from odoo.tools import SQL

from odoo.addons.crm_lead_qualification.references.table import rows_of

#: The memory of merges itself, what the ORM keeps of its own bookkeeping, and what is
#: built again from the leads.
IGNORED_TABLES = (
    "crm_lead_merge",
    "crm_lead_merge_source",
    "crm_lead_merge_source_message_rel",
    "crm_lead_merge_value",
    "crm_lead_journal",
    "crm_lead_journal_line",
    "crm_lead_match_key",
    "crm_lead_match_profile",
    "crm_lead_match_queue",
    "bus_bus",  # what open web clients are told
)


#: {database: see `_ignored_tables`}
IGNORED = {}


def _ignored_tables(env):
    """Return the tables left out: those above, and those of dialogs, whose rows move
    along without being remembered."""
    if env.cr.dbname not in IGNORED:
        IGNORED[env.cr.dbname] = _find_ignored_tables(env)
    return IGNORED[env.cr.dbname]


def _find_ignored_tables(env):
    dialogs = {model._table for model in env.registry.values() if model._transient}
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
    """Return {table: rows written by this transaction}; a table of another schema than
    Odoo's is called ``schema.table``."""
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


@dataclass
class State:
    """The rows of some tables, as far as this transaction has written them.

    :param rows: {table: {id, or the row itself where it has none: {column: value}}}
    :param untouched: {table: number of rows that are older than this transaction}
    """

    rows: dict = field(default_factory=dict)
    untouched: dict = field(default_factory=dict)

    def get(self, table, key):
        """Return the row, or None."""
        return self.rows.get(table, {}).get(key)


#: Condition: the row was written by this transaction, whose savepoints have later ids.
IS_WRITTEN = SQL(
    "t.xmin::text::bigint >= pg_current_xact_id()::text::bigint %% 4294967296"
)


def read(env, tables, only_written=False):
    """Return the `State` of some tables.

    :param bool only_written: only the rows that this transaction has written
    """
    env.flush_all()
    state = State({table: {} for table in tables}, dict.fromkeys(tables, 0))
    if not tables:
        return state
    rows = env.execute_query(
        SQL(" UNION ALL ").join(
            SQL(
                """SELECT %(name)s, CASE WHEN is_new THEN row END, count(*)
                     FROM (SELECT is_new, CASE WHEN is_new THEN to_jsonb(t)::text END
                                  AS row
                             FROM %(table)s t CROSS JOIN LATERAL (SELECT %(is_new)s)
                                  AS written(is_new)) AS t
                    GROUP BY is_new, row""",
                name=table,
                is_new=IS_WRITTEN if only_written else SQL("TRUE"),
                table=rows_of(table),
            )
            for table in tables
        )
    )
    for table, row, count in rows:
        if row is None:
            state.untouched[table] = count
        else:
            _add(state, table, row, count)
    return state


def _add(state, table, row, count=1):
    # numbers as text: what counts is how PostgreSQL writes them
    columns = json.loads(row, parse_float=str)
    key = columns.get("id", json.dumps(columns, sort_keys=True))
    state.rows[table][key] = columns
    if count > 1:
        state.rows[table][f"{key} × {count}"] = columns


def complete(env, before, *states):
    """Read the rows that were there before the transaction and that one of the later
    `states` says were written; let `before` be the present state of the database.
    States that were read before a table, or a row, was written say of it what `before`
    says.

    :param states: by time
    :return: in words, what of the older rows has been deleted since
    """
    deleted = []
    for table in before.rows:
        later = {key for state in states for key in state.rows.get(table, ())}
        wanted = [key for key in later - before.rows[table].keys() if type(key) is int]
        older = _read_older(env, table, wanted)
        for state in states:
            if table not in state.rows:
                state.rows[table] = before.rows[table] | older
                continue
            unwritten = older.keys() - state.rows[table].keys()
            written = len(older) - len(unwritten)
            missing = before.untouched[table] - state.untouched[table] - written
            if missing:
                deleted.append(f"{table}: {missing} older rows were deleted")
            state.rows[table].update({key: older[key] for key in unwritten})
        before.rows[table].update(older)
    return deleted


def _read_older(env, table, ids):
    """Return {id: {column: value}} of those rows that are there."""
    if not ids:
        return {}
    rows = env.execute_query(
        SQL(
            "SELECT to_jsonb(t)::text FROM %s t WHERE id = ANY(%s)",
            rows_of(table),
            ids,
        )
    )
    state = State({table: {}})
    for (row,) in rows:
        _add(state, table, row)
    return state.rows[table]


def differences(before, after):
    """Return in words what is in one of two states only: columns of a row, or rows."""
    return [
        difference
        for table in before.rows
        for difference in _row_differences(table, before.rows[table], after.rows[table])
    ]


def _row_differences(table, was, now):
    for key in [*was, *(key for key in now if key not in was)]:
        if key not in now or key not in was:
            yield f"{table}: {'only before' if key in was else 'only after'}: {key}"
            continue
        for column in {**was[key], **now[key]}:
            before, after = was[key].get(column), now[key].get(column)
            if before != after or type(before) is not type(after):
                yield (f"{table}.{column} of {key}: {before!r} before, {after!r} after")


def find_roots(env):
    """Return {table: the one it is a part, or an heir, of}."""
    return dict(
        env.execute_query(
            SQL(
                "SELECT inhrelid::regclass::text, inhparent::regclass::text"
                " FROM pg_inherits"
            )
        )
    )


def find_targets(env):
    """Return {table: {column: the table it points to}} of the database."""
    targets = {}
    rows = env.execute_query(
        SQL(
            """SELECT conrelid::regclass::text, attname, confrelid::regclass::text
                 FROM pg_constraint
                 JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
                WHERE contype = 'f'"""
        )
    )
    for table, column, target in rows:
        targets.setdefault(table, {})[column] = target
    return targets
