from odoo import models

from .crm_lead_match_profile import PARTNER_FIELDS


class ResPartner(models.Model):
    """A customer, or a company: found by its name however many there are; its leads are
    compared again when what is compared of it has changed."""

    _inherit = "res.partner"

    _company_name_index = models.Index("(lower(trim(name))) WHERE is_company IS TRUE")

    def write(self, vals):
        result = super().write(vals)
        if not PARTNER_FIELDS.isdisjoint(vals):
            self._compare_leads_again()
        return result

    def _compare_leads_again(self):
        """Have all leads compared again that are of these customers, or of people of
        theirs."""
        # sudo: all leads of the customer are, whoever changes it
        leads = self.env["crm.lead"].sudo().with_context(active_test=False)
        found = leads._search([("partner_id", "child_of", self.ids)])
        self.env["crm.lead.match.queue"]._append(found.get_result_ids())
