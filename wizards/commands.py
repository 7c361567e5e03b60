from odoo.fields import Command

from ..exceptions import MergeRefused


def get_linked_ids(commands):
    """Return the ids that commands of a many2many link, in their order.

    :param commands: ORM commands, or plain ids, which the ORM takes as well
    """
    linked = []
    for command in commands:
        if isinstance(command, int):
            linked.append(command)
        elif command[0] == Command.LINK:
            linked.append(command[1])
        elif command[0] == Command.SET:
            linked.extend(command[2])
    return linked


def check_there(leads):
    """Refuse in plain words what a dialog was left open too long for.

    :raise MergeRefused: if one of `leads` is gone, saying what became of it
    """
    if gone := leads - leads.exists():
        check = leads.env["crm.lead.check"]
        raise MergeRefused(check._explain_gone(gone[0].id))
