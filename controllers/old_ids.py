"""Where the links of merged-away leads lead to now: what the controllers share."""

from odoo.http import request


def follow(lead_id):
    """Return the id of the record that a lead is now.

    Only the id changes: what may be done there is checked afterwards as for any link to
    that record. A record the visitor may not read is not even looked for, so that its
    id is not given away.

    :param lead_id: id of a lead, as a link names it
    :return: id of the survivor; the given id where there is none for this visitor
    """
    lead_id = int(lead_id)
    return request.env["crm.lead.merge"]._resolve([lead_id])[lead_id] or lead_id
