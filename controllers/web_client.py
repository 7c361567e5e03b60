from odoo import http
from odoo.http import request

from odoo.addons.web.controllers.home import Home

#: Server actions that answer with leads, though they belong to another model.
SERVER_ACTIONS = ("crm.action_your_pipeline", "crm.action_opportunity_forecast")


class WebClient(Home):
    """Addresses of the web client: ``/odoo/<action or model>/<id>/…``."""

    @http.route()
    def web_client(self, s_action=None, **kw):
        """Replace the ids of merged-away leads, so that the client loads what is there.

        Done when core has checked the session, and only where it goes on to the client.
        """
        response = super().web_client(s_action, **kw)
        subpath = kw.get("subpath")
        if not subpath or response.status_code != 200:
            return response
        current = self._follow_leads(subpath)
        if current == subpath:
            return response
        path = request.httprequest.path.removesuffix(subpath) + current
        return request.redirect_query(path, request.httprequest.args.to_dict())

    @classmethod
    def _follow_leads(cls, subpath):
        """Return `subpath` with the ids under which its leads are found now."""
        parts = subpath.split("/")
        ids = {
            place: int(part)
            for place, part in enumerate(parts)
            if place and part.isdecimal() and cls._shows_leads(parts[place - 1])
        }
        if not ids:
            return subpath
        now = request.env["crm.lead.merge"]._resolve(list(ids.values()))
        return "/".join(
            str(now.get(ids.get(place)) or part) for place, part in enumerate(parts)
        )

    @classmethod
    def _shows_leads(cls, part):
        """Return whether an id after this part of an address is the id of a lead.

        :param str part: a model (``crm.lead``, ``m-crm.lead``), an action
            (``action-<id>``, ``action-<external id>``) or the path of an action
        """
        if not part.startswith("action-") and ("." in part or part.startswith("m-")):
            return part.removeprefix("m-") == "crm.lead"
        action = cls._find_action(part)
        if action and action._name == "ir.actions.server":
            return action.get_external_id()[action.id] in SERVER_ACTIONS
        return (
            bool(action)
            and action._name == "ir.actions.act_window"
            and (action.res_model == "crm.lead")
        )

    @classmethod
    def _find_action(cls, part):
        """Return the action that a part of an address names, or nothing."""
        # sudo: which model an action shows; the client asks for the action itself, and
        # is refused what the user may not use
        env = request.env(su=True)
        name = part.removeprefix("action-")
        if part != name and not name.isdecimal():
            return env.ref(name, raise_if_not_found=False)
        domain = [("path", "=", name)] if part == name else [("id", "=", int(name))]
        action = env["ir.actions.actions"].search(domain, limit=1)
        return action and env[action.type].browse(action.id)
