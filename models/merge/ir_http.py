from werkzeug.exceptions import abort

from odoo import models
from odoo.http import request

from ..team.crm_lead import TYPE_FROM_CHANNEL

#: Routes of other addons that read the type off the channel's flag alone, whether or
#: not leads are switched on: the website's forms and the live chat's bots.
VISITOR_ROUTES = ("/website/form/", "/chatbot/")
#: Where the portal shows leads and opportunities: each kind has an address of its own.
PORTAL_PAGES = {"lead": "/my/lead/", "opportunity": "/my/opportunity/"}


class IrHttp(models.AbstractModel):
    """Marks the requests of visitors, who never say lead or opportunity, and leads
    addresses that name a merged-away lead to the survivor."""

    _inherit = "ir.http"

    @classmethod
    def _pre_dispatch(cls, rule, args):
        cls._follow_merged_leads(rule, args)
        result = super()._pre_dispatch(rule, args)
        if rule.rule.startswith(VISITOR_ROUTES):
            request.update_context(**{TYPE_FROM_CHANNEL: True})
        return result

    @classmethod
    def _follow_merged_leads(cls, rule, args):
        """Replace merged-away leads in the parameters of any route that names records
        by their ids, such as the portal's, as far as the visitor may read the survivor.

        :raise HTTPException: the redirection to the address as it is now
        """
        is_changed = False
        for name, leads in args.items():
            if isinstance(leads, models.BaseModel) and leads._name == "crm.lead":
                now = request.env["crm.lead.merge"]._resolve(leads.ids)
                lead_ids = dict.fromkeys(now[one] or one for one in leads.ids)
                is_changed = is_changed or list(lead_ids) != leads.ids
                args[name] = request.env["crm.lead"].browse(lead_ids)
        if is_changed and request.httprequest.method in ("GET", "HEAD"):
            _host, path = rule.build(args)
            for lead in args.values():
                if isinstance(lead, models.BaseModel) and lead._name == "crm.lead":
                    path = cls._get_portal_path(path, lead)
            if (
                getattr(request, "is_frontend_multilang", False)
                and request.lang != cls._get_default_lang()
            ):
                path = f"/{request.lang.url_code}{path}"
            query = request.httprequest.args
            # not for ever: undo leads back
            abort(request.redirect_query(path, query, code=302))

    @classmethod
    def _get_portal_path(cls, path, leads):
        """Return the address under which the portal shows a lead, if `path` is one."""
        for page in PORTAL_PAGES.values():
            if path.startswith(page) and len(leads) == 1:
                return PORTAL_PAGES.get(leads.type, page) + path.removeprefix(page)
        return path
