from odoo import api, models
from odoo.fields import Domain
from odoo.tools import escape_psql

from ...engine.limits import shorten
from ..common.typed_text import normalize_emails

# Fields of a lead that a customer has as well, as far as they are installed.
SHARED_FIELDS = {
    "email_from": "email",
    "phone": "phone",
    "vat": "vat",
    "street": "street",
    "zip": "zip",
    "city": "city",
    "website": "website",
    "function": "function",
}

#: How many customers are offered.
SHOWN = 10
#: How many opportunities of a customer are offered to merge into.
OFFERED_OPPORTUNITIES = 80


class CrmLeadConversionCandidates(models.AbstractModel):
    """The customers that a lead may be from: each with the reasons, the best first."""

    _name = "crm.lead.conversion.candidates"
    _description = "Possible Customers of a Lead"

    @api.model
    def _find(self, lead):
        """Return [(partner, [reason, …]), …] of `lead`, the best first."""
        domain = self._get_domain(lead)
        partners = lead.partner_id._filtered_access("read")
        if domain is not None:
            # more than these share too little to tell anything
            partners |= self.env["res.partner"].search(domain, limit=100)
        found = []
        for partner in partners:
            score, reasons = self._rate(lead, partner)
            if reasons:
                found.append((score, partner, reasons))
        found.sort(key=lambda one: (-one[0], one[1].id))
        return [(partner, reasons) for _score, partner, reasons in found[:SHOWN]]

    @api.model
    def _find_open_opportunities(self, partner):
        """Return the open opportunities of a customer and of the others of its company:
        what a lead of theirs may be merged into."""
        company = partner.commercial_partner_id
        leads = self.env["crm.lead"]
        if not company:
            return leads
        return leads.search(
            leads._get_open_domain()
            & Domain("partner_id", "child_of", company.ids)
            & Domain("type", "=", "opportunity"),
            limit=OFFERED_OPPORTUNITIES,
        )

    @api.model
    def _get_domain(self, lead):
        conditions = []
        if emails := normalize_emails(lead.email_from):
            conditions.append(Domain("email_normalized", "in", emails))
        if lead.phone_sanitized:
            conditions.append(Domain("phone_sanitized", "=", lead.phone_sanitized))
        if vat := self._get_vat(lead):
            conditions.append(Domain("vat", "=", vat))
        names = [(lead.partner_name or "").strip(), (lead.contact_name or "").strip()]
        if names[0]:
            customers = self.env["crm.lead.conversion.customer"]
            companies = customers._search_companies(names[:1])
            conditions.append(Domain("id", "in", companies.ids))
        if all(names):
            conditions.append(
                Domain("parent_id", "in", companies.ids)
                & Domain("name", "=ilike", escape_psql(names[1]))
            )
            conditions.append(
                Domain("name", "=", names[1]) & Domain("company_name", "=", names[0])
            )
        if not conditions:
            return None
        own = self.env["crm.lead.conversion.customer"]._get_company_ids(lead)
        return Domain.OR(conditions) & Domain("company_id", "in", own)

    @api.model
    def _get_vat(self, lead):
        return lead.vat if "vat" in lead._fields else False

    @api.model
    def _rate(self, lead, partner):
        """Return how likely `lead` is from `partner`, and why."""
        company = (lead.partner_name or "").strip().casefold()
        contact = (lead.contact_name or "").strip().casefold()
        its_company = partner.parent_id.name or partner.company_name or ""
        name = (partner.name or "").strip().casefold()  # an address may have none
        is_company = partner.is_company and name == company
        tests = (
            (1000, partner == lead.partner_id, self.env._("linked already")),
            (
                100,
                partner.email_normalized in normalize_emails(lead.email_from),
                self.env._("same e-mail address"),
            ),
            (
                80,
                self._get_vat(lead) and partner.vat == self._get_vat(lead),
                self.env._("same VAT number"),
            ),
            (
                40,
                lead.phone_sanitized
                and partner.phone_sanitized == lead.phone_sanitized,
                self.env._("same phone number"),
            ),
            (
                30,
                contact
                and company
                and name == contact
                and its_company.strip().casefold() == company,
                self.env._("same name in the same company"),
            ),
            (20, company and is_company, self.env._("company of that name")),
        )
        met = [(points, reason) for points, is_met, reason in tests if is_met]
        return sum(points for points, _reason in met), [
            reason for _points, reason in met
        ]

    @api.model
    def _compare(self, lead, partner):
        """Return [(label, what the lead says, what the customer says), …] where both
        say something, and not the same."""
        if not lead or not partner:
            return []
        differences = []
        for name, other in SHARED_FIELDS.items():
            if name not in lead._fields:
                continue
            said, theirs = lead[name] or "", partner[other] or ""
            if said and theirs and said.strip().casefold() != theirs.strip().casefold():
                label = lead._fields[name]._description_string(self.env)
                differences.append((label, shorten(said), shorten(theirs)))
        return differences
