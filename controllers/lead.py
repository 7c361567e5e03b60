from odoo import http
from odoo.http import request

from odoo.addons.crm.controllers.main import CrmController
from odoo.addons.mail.controllers.mail import MailController

from .old_ids import follow


class LeadLinks(CrmController):
    """The buttons of assignment e-mails (won, lost, convert), sent before a merge.

    Core checks the token against the parameters of the request, which name the old id:
    what was signed is what is checked, whichever record the action is then done on.
    """

    @http.route()
    def crm_lead_case_mark_won(self, res_id, token):
        return super().crm_lead_case_mark_won(follow(res_id), token)

    @http.route()
    def crm_lead_case_mark_lost(self, res_id, token):
        return super().crm_lead_case_mark_lost(follow(res_id), token)

    @http.route()
    def crm_lead_convert(self, res_id, token):
        lead_id = follow(res_id)
        lead = request.env["crm.lead"].browse(lead_id)
        if lead_id != int(res_id) and lead.type == "opportunity":
            # merging has done it; converting again would set its dates anew
            return MailController._redirect_to_record("crm.lead", lead_id)
        return super().crm_lead_convert(lead_id, token)
