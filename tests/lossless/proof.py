"""Merges a case, looks for everything, undoes, and compares every row of every
table."""

import json
from contextlib import suppress
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tools import SQL, email_normalize, email_split, float_compare
from odoo.tools.mail import html2plaintext

from odoo.addons.crm_lead_qualification.engine.plan import MergeOptions

from . import database, oracle
from .hooks import reacting
from .later import LATER, Later
from .world import RATE

#: About the record, not about the prospect; or computed from what is compared.
TECHNICAL = {"id", "create_uid", "create_date", "write_uid", "write_date",
             "lead_properties"}  # fmt: skip
#: Amounts that are converted where the result is another company's.
IN_COMPANY_CURRENCY = ("expected_revenue", "recurring_revenue", "x_trial_monetary")


#: What people have done is said there, and stays said.
HISTORY = {"mail_message", "mail_tracking_value"}


class Difference(AssertionError):
    """Something was lost, or came back other than it was."""


def prove(world, case):
    """Merge the leads of `case` as a user, check, undo, and compare the database.

    Everything is rolled back in the end.

    :raise Difference: saying what was lost, or what came back otherwise
    """
    env = world.env
    try:
        with env.cr.savepoint() as savepoint:
            number = 1 if case.beside is None or case.later else 2
            groups = [world.create_leads(case) for _ in range(number)]
            if case.later:
                _prove_later(world, case, groups[0])
            else:
                _prove(world, case, groups)
            savepoint.rollback()
    finally:
        env.transaction.clear()


def _prove(world, case, groups):
    """Undo at once: everything is as before."""
    env = world.env
    writes = database.count_writes(env)
    with env.cr.savepoint() as savepoint:
        merges = _merge_and_check(world, case, groups)
        if "res_partner" in database.written_since(env, writes):
            raise Difference("The merge has written a customer.")
        for merge in merges if case.beside == 0 else reversed(merges):
            if conflicts := _undo(env, merge):
                if case.beside == 0:
                    return  # one row of both: what the later merge made of it is kept
                raise Difference(f"Undo asks about {conflicts}, and nobody did a thing")
        written = database.written_since(env, writes)
        after = database.read(env, written, only_written=True)
        savepoint.rollback()
    env.transaction.clear()
    before = database.read(env, written, only_written=True)
    found = database.complete(env, before, after)
    found += database.differences(before, after)
    if found:
        raise Difference("Undo leaves the database otherwise:\n" + "\n".join(found))


def _prove_later(world, case, leads):
    """Undo after everybody has gone on working: see `oracle`."""
    env = world.env
    writes = database.count_writes(env)
    schema_changed = False
    with env.cr.savepoint() as savepoint:
        try:
            [merge] = _merge_and_check(world, case, [leads])
            env.cr.flush()
            left = _read(env, writes)
            now, left = _do_later(world, case, merge, left, writes)
            schema_changed = now.has_new_columns
            later = _read(env, writes)
            if conflicts := _undo(env, merge):
                found = database.differences(later, _read(env, writes))
                if found:
                    raise Difference("Undo asks, and changes:\n" + "\n".join(found))
                _undo(env, merge, force=True)
            undone = _read(env, writes)
            stale = oracle.find_stale(world, undone)
        finally:
            savepoint.rollback()
            env.transaction.clear()
            if schema_changed:
                env.registry._setup_models__(env.cr, ["crm.lead"])
    before = database.read(env, list(undone.rows), only_written=True)
    found = database.complete(env, before, left, later, undone)
    images = oracle.Images(before, left, later, undone)
    judge = oracle.Oracle(world, images, conflicts, now)
    found = [*judge.find_faults(), *stale]
    if found:
        raise Difference("Undo after changes:\n" + "\n".join(found))


def _merge_and_check(world, case, groups):
    """Merge each of the groups; nothing is lost."""
    env = world.env
    before = [
        (_read_columns(env, leads.ids), _read_files(env, leads.ids)) for leads in groups
    ]
    merges = _merge(world, case, groups)
    moved = {
        lead_id: merge.survivor_res_id
        for merge, (said, _files) in zip(merges, before, strict=True)
        for lead_id in said
    }
    for merge, (said, files) in zip(merges, before, strict=True):
        _check_values(env, merge, said, moved)
        _check_files(env, merge, files)
        _check_ledger(env, merge)
    return merges


def _do_later(world, case, merge, left, writes):
    """Let people go on working; return what is known then, and how the merge left the
    database, values that were taken included."""
    env = world.env
    journal = merge.sudo()
    now = Later(
        world,
        merge,
        env["crm.lead"].browse(journal.survivor_res_id),
        journal.source_ids.mapped("source_res_id"),
    )
    for name, number, values in case.later:
        now.number, now.values, now.adopted_tables = number, values, ()
        present = _read(env, writes)
        with suppress(UserError), env.cr.savepoint():  # what core refuses
            LATER[name](now)
        env.cr.flush()  # what core writes at the end of a transaction included
        env.invalidate_all()
        if now.adopted_tables != ():
            taken = _read(env, writes)
            left = _adopt(left, present, taken, now.adopted_tables or taken.rows)
    return now, left


def _adopt(left, present, taken, tables):
    """Return how the merge left the database if it has written what was `taken`: what
    was as the merge left it is left as it is then.

    :param tables: the tables that this is about
    """
    adopted = database.State(dict(left.rows), {**taken.untouched, **left.untouched})
    for table in taken.rows.keys() & set(tables) - HISTORY:
        rows = taken.rows[table]
        before, mine = present.rows.get(table, {}), left.rows.get(table, {})
        if table not in left.rows and rows == before:
            continue  # what else was done later has written it
        adopted.rows[table] = {**mine}
        for key in {**rows, **mine}:
            if present.get(table, key) == rows.get(key):
                continue
            if rows.get(key) is None:
                if before.get(key) == mine.get(key):
                    adopted.rows[table].pop(key, None)
                continue
            row, was = mine.get(key, {}), before.get(key, {})
            adopted.rows[table][key] = {
                column: value if row.get(column) == was.get(column) else row[column]
                for column, value in rows[key].items()
            }
    return adopted


def _read(env, writes):
    """Return the state of the tables that were written since."""
    return database.read(env, database.written_since(env, writes), only_written=True)


def _undo(env, merge, force=False):
    """Undo; return what was asked about instead, see `_get_conflicts`."""
    asked = []
    ask = env.registry["crm.lead.undo"]._ask

    def listen(self, journal, conflicts):
        asked.extend(conflicts)
        return ask(self, journal, conflicts)

    with patch.object(env.registry["crm.lead.undo"], "_ask", listen):
        action = merge.action_undo(force=force)
    if asked and action.get("res_model") != "crm.lead.undo":
        raise Difference(f"Undo does not ask about {asked}, but does it")
    env.cr.flush()
    env.invalidate_all()
    return asked


def _merge(world, case, groups):
    merge = world.env["crm.lead.merge"].with_user(world.user)
    with reacting(world, case.hook):
        merges = merge._merge_groups(
            [
                (leads.with_user(world.user), _get_options(case, leads.ids))
                for leads in groups
            ]
        )
    world.env.flush_all()
    world.env.invalidate_all()
    return merges


def _get_options(case, lead_ids):
    survivor_id = None
    if case.survivor is not None:
        survivor_id = lead_ids[case.survivor % len(lead_ids)]
    return MergeOptions(survivor_id=survivor_id, revenue=case.revenue)


def _read_columns(env, lead_ids):
    """Return {lead id: {column: value as PostgreSQL writes it}}."""
    return dict(
        env.execute_query(
            SQL(
                "SELECT id, to_jsonb(t) FROM crm_lead t WHERE id IN %s", tuple(lead_ids)
            )
        )
    )


def _read_files(env, lead_ids):
    """Return the checksums of the files that are values of fields."""
    env.flush_all()
    rows = env.execute_query(
        SQL(
            """SELECT id, checksum FROM ir_attachment
                WHERE res_model = 'crm.lead' AND res_id IN %s""",
            tuple(lead_ids),
        )
    )
    return dict(rows)


def _check_values(env, merge, said, moved):
    """Every value of every lead is on the survivor, set aside, or united."""
    survivor_id = merge.survivor_res_id
    now = _read_columns(env, [survivor_id])[survivor_id]
    present = dict(_spoken_values(env, now, True))
    aside = {}
    for row in merge.sudo().value_ids:
        aside.setdefault(row.field_name, []).append(row.value)
        if isinstance(row.value, dict):
            for part, one in row.value.items():
                aside.setdefault(f"{row.field_name}.{part}", []).append(one)
                aside.setdefault(part, []).append(one)  # of a value with its unit
    for lead_id, columns in said.items():
        for name, value in _spoken_values(env, columns):
            there = [
                present.get(name),
                *aside.get(name, ()),
            ]
            if name == "expected_revenue" and len(there) > 1:
                there.append(value if _is_sum(there[0], said) else None)
            if name in IN_COMPANY_CURRENCY and _is_converted(there[0], value):
                continue
            if not any(_says(env, name, one, value, moved) for one in there):
                raise Difference(f"Lost: {name} of lead {lead_id}, {value!r}; {there}")


def _is_sum(amount, said):
    """Whether it is the sum of all, each in the currency of any of the companies."""
    said = [columns["expected_revenue"] or 0 for columns in said.values()]
    sums = {0.0}
    for value in said:
        sums = {one + value * rate for one in sums for rate in (1, RATE, 1 / RATE)}
    return any(abs(one - (amount or 0)) < 0.02 for one in sums)


def _is_converted(amount, value):
    """Whether `amount` is `value` in the currency of the other company."""
    return any(abs((amount or 0) - value * rate) < 0.01 for rate in (RATE, 1 / RATE))


def _is_automated(columns):
    """Say whether the probability is the computed one, to two decimals as core has it
    (``is_automated_probability``)."""
    said, computed = columns["probability"], columns["automated_probability"]
    return float_compare(float(said or 0), float(computed or 0), 2) == 0


def _spoken_values(env, columns, blanks=False):  # noqa: C901 one field type a branch
    """Yield (field or part of it, value) of each column that people can fill."""
    for name, field in env["crm.lead"]._fields.items():
        typed = field.store and field.column_type and name not in TECHNICAL
        if not typed or (field.compute and field.readonly) or name not in columns:
            continue
        if name == "probability" and not blanks and _is_automated(columns):
            continue  # nobody said it; of the survivor, all that is there counts
        if name == "x_trial_total" and not blanks and float(columns[name] or 0) != 99:
            continue  # computed from lines, which move; see `related.typed_total`
        value = columns[name]
        if isinstance(value, dict):
            value = {part: one for part, one in value.items() if _plain_or(one)}
        if isinstance(value, dict) and field.company_dependent:
            for company, one in value.items():
                yield f"{name}.{company}", one
            continue
        if isinstance(value, str) and field.type == "html":
            value = html2plaintext(value)
        if isinstance(value, str) and field.type == "binary":
            value = bytes.fromhex(value.removeprefix("\\x")).decode()
        if (
            (value or value == "0")
            and (not isinstance(value, str) or value.strip())
            or blanks
        ):
            yield name, value
    for name, value in (columns["lead_properties"] or {}).items():
        if value or blanks:
            yield f"lead_properties.{name}", value


def _says(env, name, there, value, moved):  # noqa: C901 one field type a branch
    """Whether `there` holds what `value` says."""
    field = env["crm.lead"]._fields.get(name)
    if there is None or there is False:
        return value is False
    if isinstance(value, dict):
        return isinstance(there, dict) and all(
            _says(env, "", there.get(key), one, moved)
            for key, one in value.items()
            if one
        )
    if name == "email_cc":
        return set(email_split(value.lower())) <= set(email_split(there.lower()))
    if name == "email_from":
        return _email(there) == _email(value)
    if isinstance(value, str) and isinstance(there, str):
        if field is not None and field.type == "reference":
            return _moved_text(there, moved) == _moved_text(value, moved)
        if field is not None and field.type == "html":
            return _plain(value) in _plain(html2plaintext(there))
        if field is not None and field.type == "datetime":
            return there.replace("T", " ") == value.replace("T", " ")
        if name == "phone":
            return _digits(there) == _digits(value) or _plain(there) == _plain(value)
        if name in ("type", "priority"):
            return True  # the highest of all
        return _plain(there) == _plain(value)
    if (field is not None and field.comodel_name == "crm.lead") or name.startswith(
        "lead_"
    ):
        return json.dumps(_moved(there, moved)) == json.dumps(_moved(value, moved))
    return there == value


def _moved(value, moved):
    if isinstance(value, list):
        return sorted({moved.get(one, one) for one in value}, key=str)
    return moved.get(value, value)


def _moved_text(text, moved):
    model, _comma, res_id = text.partition(",")
    is_lead = model == "crm.lead"
    return model, moved.get(int(res_id), int(res_id)) if is_lead else int(res_id)


def _email(text):
    return email_normalize(text) or text.strip().lower()


def _plain_or(value):
    """`value`, a text without its tags and blanks."""
    return _plain(html2plaintext(value)) if isinstance(value, str) else value


def _plain(text):
    return " ".join(text.split()).casefold()


def _digits(text):
    return "".join(filter(str.isdigit, text))[-8:] or text


def _check_files(env, merge, files):
    """Every file is on the survivor or with the values that were set aside."""
    rows = env.execute_query(
        SQL("SELECT id, checksum FROM ir_attachment WHERE id = ANY(%s)", list(files))
    )
    if dict(rows) != files:
        raise Difference(f"Files lost: {set(files) - {row[0] for row in rows}}")


def _check_ledger(env, merge):
    """Nothing points to the sources any more."""
    source_ids = merge.sudo().source_ids.mapped("source_res_id")
    left = env["crm.lead.ledger"]._count(source_ids)
    if left:
        raise Difference(f"Still pointing to the sources: {left}")
