"""What callers, such as programs by RPC, give as a record: its id, or itself."""

from odoo import models

from ..exceptions import NotAnId


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
    elif type(value) is int:  # True is one for `isinstance`
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
