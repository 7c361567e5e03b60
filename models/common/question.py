def get_question(record, method, message, label):
    """Return the client action that asks a question, and goes on once it is answered.

    :param record: the record that the question is about
    :param str method: its method that is called, with ``force=True``, if the answer is
        yes; it returns the action to go on with
    :param str message: the question, in whole sentences
    :param str label: what the button says that answers yes
    :rtype: dict
    """
    context = record.env.context
    selection = ("active_model", "active_id", "active_ids")
    return {
        "type": "ir.actions.client",
        "tag": "crm_lead_qualification.question",
        "params": {
            "message": message,
            "label": label,
            "res_model": record._name,
            "res_id": record.id,
            "method": method,
            "context": {key: context[key] for key in selection if key in context},
        },
    }
