from odoo import api, models
from odoo.tools import format_datetime


class CrmLeadCheck(models.AbstractModel):
    """A lead that is there no more may have been merged."""

    _inherit = "crm.lead.check"

    @api.model
    def _explain_gone(self, lead_id):
        # sudo: found whether or not the user may read it, which is asked next
        source = (
            self.env["crm.lead.merge.source"]
            .sudo()
            .search([("source_res_id", "=", lead_id), ("merge_id.state", "=", "done")])
        )[:1]
        if not source.with_env(self.env)._filtered_access("read"):
            return super()._explain_gone(lead_id)
        return self.env._(
            "‘%(lead)s’ was merged by %(user)s on %(date)s. Close this dialog and open "
            "the result: number %(survivor)s.",
            lead=source.name,
            user=source.create_uid.name,
            date=format_datetime(self.env, source.create_date, dt_format="short"),
            survivor=self.env["crm.lead.merge"]._resolve([lead_id]).get(lead_id) or "?",
        )
