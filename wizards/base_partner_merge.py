from odoo import api, models


class BasePartnerMerge(models.TransientModel):
    """Odoo's contact merge, which gives leads another customer behind the ORM's back:
    they are compared again by what that one says."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        result = super()._update_foreign_keys(src_partners, dst_partner)
        dst_partner._compare_leads_again()
        return result
