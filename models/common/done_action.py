def get_done_action(done, message, next_action, is_ended=True):
    """Return the client action that says what was done, offers to undo it, and goes on.

    Whoever handed the result to a colleague, and may not see it any more, is told so
    instead of being offered what they may not do.

    :param done: the merge, conversion or run that can be undone, as the user has it
    :param str message: what was done, in whole sentences
    :param dict next_action: the action to go on with
    :param bool is_ended: False: it cannot be undone yet, and nothing is offered
    :rtype: dict
    """
    params = {"message": message, "next": _complete(next_action)}
    if done._filtered_access("read"):
        if is_ended:
            params.update(res_model=done._name, res_id=done.id)
    else:
        hidden = done.env._("You may not see it any more: it is a colleague's now.")
        params["message"] = f"{message} {hidden}"
    return {
        "type": "ir.actions.client",
        "tag": "crm_lead_qualification.done",
        "params": params,
    }


def get_notification(message, next_action, kind="success"):
    """Return the client action that says something, and goes on.

    :param str message: what is said
    :param dict next_action: the action to go on with
    :param str kind: ``success``, ``warning``, ``danger`` or ``info``
    :rtype: dict
    """
    return {
        "type": "ir.actions.client",
        "tag": "display_notification",
        "params": {"type": kind, "message": message, "next": next_action},
    }


def get_undone_action(done, next_action, message=""):
    """Return the client action that says what was undone, takes back the offer to undo
    it, and goes on.

    :param done: the merge, conversion or run that was undone
    :param dict next_action: the action to go on with
    :param str message: what was undone; empty: what is shown next says so
    :rtype: dict
    """
    return {
        "type": "ir.actions.client",
        "tag": "crm_lead_qualification.undone",
        "params": {
            "message": message,
            "res_model": done._name,
            "res_id": done.id,
            "next": _complete(next_action),
        },
    }


def _complete(action):
    """Return an action with views: inside another one, the server names none."""
    return {"views": [(False, "form")], **action}
