from odoo import http
from odoo.http import request

from odoo.addons.mail.controllers import mail

from .old_ids import follow


class MailController(mail.MailController):
    """Links of notification e-mails that were sent before a merge."""

    @classmethod
    def _redirect_to_record(cls, model, res_id, access_token=None, **kwargs):
        """Lead to the survivor whoever may read it; others see what they would see of
        a deleted record. An access token only opens the record that has it."""
        if model == "crm.lead" and res_id:
            res_id = follow(res_id)
        return super()._redirect_to_record(model, res_id, access_token, **kwargs)

    @http.route()
    def mail_action_unfollow(self, model, res_id, pid, token, **kwargs):
        """Unsubscribe from the survivor whoever followed the lead the link names."""
        if model != "crm.lead" or not self._check_token(token):
            return super().mail_action_unfollow(model, res_id, pid, token, **kwargs)
        lead_id = int(res_id)
        # sudo: the signed link is all that a customer has, and core needs no more
        env = request.env(su=True)
        survivor_id = env["crm.lead.merge"]._resolve([lead_id])[lead_id] or lead_id
        response = super().mail_action_unfollow(
            model, survivor_id, pid, token, **kwargs
        )
        if survivor_id != lead_id:
            self._name_old_lead(response.qcontext, env, lead_id)
        return response

    @classmethod
    def _name_old_lead(cls, values, env, lead_id):
        """Let the page speak of the lead the reader knew: its own name, its own id."""
        source = env["crm.lead.merge.source"].search(
            [("source_res_id", "=", lead_id), ("merge_id.state", "=", "done")], limit=1
        )
        values["name"] = source.name
        if values.get("access_url"):
            values["access_url"] = env["crm.lead"]._notify_get_action_link(
                "view", model="crm.lead", res_id=lead_id
            )
