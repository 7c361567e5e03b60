"""What callers, such as programs by RPC, give as a record: its id, or itself."""

from odoo import models
from odoo.exceptions import MissingError, UserError

from ...exceptions import NotAnId

#: The highest id that the database can hold.
MAX_ID = 2**31 - 1


def is_id(value):
    """Return whether `value` can be the id of a stored record."""
    return type(value) is int and 0 < value <= MAX_ID  # True is one for `isinstance`


def get_id(env, model_name, value):
    """Return the id that `value` stands for, or None where it stands for no record.

    :param env: the environment of whoever is told what is wrong
    :param str model_name: whose record it is
    :param value: a record, an id, or anything that is false
    :raise NotAnId: if it is something else, naming it
    """
    if isinstance(value, models.BaseModel):
        if value._name == model_name and len(value) < 2:
            return value.id or None
    elif not value:
        return None
    elif is_id(value):
        return value
    raise NotAnId(
        env._(
            "‘%(value)s’ is not the id of one record (%(model)s). Give a number, such "
            "as 7.",
            value=str(value),  # a list would be joined
            model=env["ir.model"]._get(model_name).name,
        )
    )


def get_ids(env, model_name, values):
    """Return the list of ids that `values` stands for, as `get_id` does with each; what
    stands for no record is None.

    :param values: records, a list of records or ids, or anything that is false
    :raise NotAnId: if it is something else, naming it
    """
    if not values:
        return []
    if isinstance(values, models.BaseModel | list | tuple):
        return [get_id(env, model_name, value) for value in values]
    raise NotAnId(
        env._(
            "‘%(value)s’ is not a list of ids (%(model)s). Give numbers in brackets, "
            "such as [7, 8].",
            value=str(values),
            model=env["ir.model"]._get(model_name).name,
        )
    )


def get_records(env, model_name, values):
    """Return the records that `values` stands for, each of which has to be there.

    :param values: a list of records or ids
    :raise NotAnId: if one of them is no id
    :raise MissingError: if one of them is not there
    :raise AccessError: if the user may not read one of them
    """
    ids = get_ids(env, model_name, values)
    if None in ids:
        raise NotAnId(
            env._(
                "The id of a record is missing (%s). Give a number, such as 7.",
                env["ir.model"]._get(model_name).name,
            )
        )
    records = env[model_name].browse(ids)
    if gone := records - records.exists():
        raise MissingError(
            env._(
                "Record number %(number)s is not there, or has been deleted "
                "(%(model)s).",
                number=gone[0].id,
                model=env["ir.model"]._get(model_name).name,
            )
        )
    records.check_access("read")
    return records


def get_count(env, value, label):
    """Return the number that `value` stands for.

    :param str label: what is counted, as an error names it
    :raise UserError: if it is no number from 1 on
    """
    if is_id(value):
        return value
    raise UserError(
        env._(
            "‘%(value)s’ is not a number of %(label)s. Give a whole number from 1 on.",
            value=str(value),
            label=label,
        )
    )


def check_one(records):
    """Refuse a call for none or several records of a method that is for one.

    :raise UserError: saying how many there were
    """
    check_ids(records)
    if len(records) == 1:
        return
    env = records.env
    raise UserError(
        env._(
            "This is for one record at a time (%(model)s), and not for %(count)s. Give "
            "the id of one, such as 7.",
            model=env["ir.model"]._get(records._name).name,
            count=len(records),
        )
    )


def check_records(records, operation):
    """Refuse a call for what are no records, or none that the user may do this with. A
    button calls this first: what the superuser has computed is in the cache, and would
    be told without anybody asking.

    :param str operation: ``read``, ``write``, …
    :raise NotAnId: if an id is none, naming it
    :raise AccessError: if the user may not
    """
    check_ids(records)
    records.check_access(operation)


def check_ids(records):
    """Refuse a call on what are no stored records.

    :raise NotAnId: naming the first
    """
    for record_id in records._ids:
        if not is_id(record_id):
            # whatever else is true, such as a record that is not saved yet
            get_id(records.env, records._name, record_id or "–")
