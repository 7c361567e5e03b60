"""Merges a case, looks for everything, undoes, and compares every row of every
table."""

import json

from odoo.tools import SQL, email_normalize, email_split, float_compare
from odoo.tools.mail import html2plaintext

from odoo.addons.crm_lead_qualification.engine.plan import MergeOptions

from . import database

#: About the record, not about the prospect; or computed from what is compared.
TECHNICAL = {"id", "create_uid", "create_date", "write_uid", "write_date",
             "lead_properties"}  # fmt: skip


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
            number = 1 if case.beside is None else 2
            _prove(world, case, [world.create_leads(case) for _ in range(number)])
            savepoint.rollback()
    finally:
        env.transaction.clear()


def _prove(world, case, groups):
    env = world.env
    writes = database.count_writes(env)
    with env.cr.savepoint() as savepoint:
        before = [
            (_read_columns(env, leads.ids), _read_files(env, leads.ids))
            for leads in groups
        ]
        merges = _merge(world, case, groups)
        if "res_partner" in database.written_since(env, writes):
            raise Difference("The merge has written a customer.")
        for merge, (said, files) in zip(merges, before, strict=True):
            _check_values(env, merge, said)
            _check_files(env, merge, files)
            _check_ledger(env, merge)
        for merge in merges if case.beside == 0 else reversed(merges):
            if case.beside == 0 and merge._get_conflicts():
                return  # one row of both: what the later merge made of it is kept
            merge.action_undo(force=True)
        written = database.written_since(env, writes)
        after = database.read(env, written)
        savepoint.rollback()
    env.transaction.clear()
    found = database.differences(database.read(env, written), after)
    if found:
        raise Difference("Undo leaves the database otherwise:\n" + "\n".join(found))


def _merge(world, case, groups):
    merge = world.env["crm.lead.merge"].with_user(world.user)
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


def _check_values(env, merge, said):
    """Every value of every lead is on the survivor, set aside, or united."""
    survivor_id = merge.survivor_res_id
    now = _read_columns(env, [survivor_id])[survivor_id]
    aside = {}
    for row in merge.sudo().value_ids:
        aside.setdefault(row.field_name, []).append(row.value)
        if isinstance(row.value, dict):
            for part, one in row.value.items():
                aside.setdefault(f"{row.field_name}.{part}", []).append(one)
                aside.setdefault(part, []).append(one)  # of a value with its unit
    moved = {lead_id: survivor_id for lead_id in said}
    for lead_id, columns in said.items():
        for name, value in _spoken_values(env, columns):
            there = [
                dict(_spoken_values(env, now, True)).get(name),
                *aside.get(name, ()),
            ]
            if name == "expected_revenue" and len(there) > 1:
                there.append(value if _is_sum(there[0], said) else None)
            if not any(_says(env, name, one, value, moved) for one in there):
                raise Difference(f"Lost: {name} of lead {lead_id}, {value!r}; {there}")


def _is_sum(amount, said):
    total = sum(columns["expected_revenue"] or 0 for columns in said.values())
    return abs(total - (amount or 0)) < 0.01


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
        value = columns[name]
        if isinstance(value, dict):
            value = {part: one for part, one in value.items() if _plain_or(one)}
        if isinstance(value, dict) and field.company_dependent:
            for company, one in value.items():
                yield f"{name}.{company}", one
            continue
        if isinstance(value, str) and field.type == "html":
            value = html2plaintext(value)
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
