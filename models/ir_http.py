from odoo import models
from odoo.http import request

from .crm_lead import TYPE_FROM_CHANNEL

#: Routes of other addons that read the type off the channel's flag alone, whether or
#: not leads are switched on: the website's forms and the live chat's bots.
VISITOR_ROUTES = ("/website/form/", "/chatbot/")


class IrHttp(models.AbstractModel):
    """Marks the requests of visitors, who never say lead or opportunity."""

    _inherit = "ir.http"

    @classmethod
    def _pre_dispatch(cls, rule, args):
        result = super()._pre_dispatch(rule, args)
        if rule.rule.startswith(VISITOR_ROUTES):
            request.update_context(**{TYPE_FROM_CHANNEL: True})
        return result
