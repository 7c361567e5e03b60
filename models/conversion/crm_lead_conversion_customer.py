from collections import Counter
from functools import partial

from odoo import api, models
from odoo.tools import SQL, clean_context, split_every

from ...engine.limits import shorten
from ..common.extended import is_extended
from ..common.typed_text import normalize_email, normalize_emails, parse_contact

#: How many leads' customers are searched at a time.
SEARCHED = 200


class CrmLeadConversionCustomer(models.AbstractModel):
    """The customers of leads: found, made, many at once."""

    _name = "crm.lead.conversion.customer"
    _description = "Customer of a Conversion"

    # ------------------------------------------------------------
    # Find
    # ------------------------------------------------------------

    @api.model
    def _find_best(self, leads):
        """Return {lead id: its customer, or the one that it must be}: in bulk nobody
        looks at candidates, so that only an e-mail address tells.

        What other addons make of `_find_matching_partner` counts, one by one.
        """
        if is_extended(leads, "_find_matching_partner"):
            return {lead.id: lead._find_matching_partner() for lead in leads}
        found = {lead.id: lead.partner_id for lead in leads if lead.partner_id}
        emails = {
            lead: found_emails
            for lead in leads
            if lead.id not in found
            and (found_emails := normalize_emails(lead.email_from))
        }
        found.update(self._find_by_emails(self._drop_unknown(emails)))
        return found

    @api.model
    def _drop_unknown(self, emails):
        """Leave out the leads none of whose addresses anybody has: of the others core
        compares each address with each customer it finds.

        :param emails: {lead: [address, …]}
        """
        Lead, Partner = self.env["crm.lead"], self.env["res.partner"]
        if is_extended(Lead, "_partner_find_from_emails") or is_extended(
            Partner, "_find_or_create_from_emails"
        ):
            return emails
        every = {address for addresses in emails.values() for address in addresses}
        partners = Partner.search_fetch(
            [("email_normalized", "in", list(every))], ["email_normalized"]
        )
        known = set(partners.mapped("email_normalized"))
        return {
            lead: addresses
            for lead, addresses in emails.items()
            if not known.isdisjoint(addresses)
        }

    @api.model
    def _find_by_emails(self, emails):
        """Return {lead id: customer} of those that have one.

        :param emails: {lead: [address, …]}
        """
        found = {}
        for leads in self._split_by_address(emails):
            # A part at a time: core compares each address with each customer it finds.
            for some in split_every(SEARCHED, leads.ids, leads.browse):
                by_lead = some._partner_find_from_emails(
                    {lead: emails[lead] for lead in some}, no_create=True
                )
                found.update((key, best[:1]) for key, best in by_lead.items() if best)
        return found

    @api.model
    def _split_by_address(self, emails):
        """Return parts of the leads in which each address is told of one company and
        the same followers: among several customers of it, core prefers theirs."""
        times = Counter(one for addresses in emails.values() for one in set(addresses))
        parts = []  # [({address: what is preferred}, [lead id, …]), …]
        for lead, addresses in emails.items():
            told = {
                one: (lead.company_id, lead.message_partner_ids)
                for one in addresses
                if times[one] > 1  # else there is nobody to differ from
            }
            for known, lead_ids in parts:
                if all(known.get(one, told[one]) == told[one] for one in told):
                    known.update(told)
                    lead_ids.append(lead.id)
                    break
            else:
                parts.append((told, [lead.id]))
        return [self.env["crm.lead"].browse(lead_ids) for _told, lead_ids in parts]

    @api.model
    def _find_companies(self, leads):
        """Return {lead id: the company of the name that the lead tells, upper or lower
        case}; of several the one of exactly that name, then the one of its own company
        (see `_get_company_ids`), then the one that was there first. One query."""
        named = {
            lead.id: lead.partner_name.strip()
            for lead in leads
            if (lead.partner_name or "").strip()
        }
        if not named:
            return {}
        exact, any_case = {}, {}
        companies = self._search_companies(named.values())
        for one in companies:  # the first comes last, and counts
            name, company_id = one.name.strip(), one.company_id.id
            exact[name, company_id] = any_case[name.casefold(), company_id] = one
        found = {}
        for lead in leads:
            name, company_ids = named.get(lead.id, ""), self._get_company_ids(lead)
            keys = [(exact, name), (any_case, name.casefold())]
            matches = (
                known.get((spelt, company_id))
                for known, spelt in keys
                for company_id in company_ids
            )
            if match := next(filter(None, matches), None):
                found[lead.id] = match
        return found

    @api.model
    def _get_company_ids(self, lead):
        """Return whose customers the lead may be of, its own first; of a lead of no
        company, those that the user works in."""
        if lead.company_id:
            return [lead.company_id.id, False]
        return [False, *self.env.companies.ids]

    @api.model
    def _search_companies(self, names):
        """Return the companies of any of `names`, upper or lower case, the newest
        first."""
        Partner = self.env["res.partner"]
        query = Partner._search([("is_company", "=", True)], order="id desc")
        # Raw SQL: the ORM compares regardless of case with one name at a time only. The
        # database lowers both: Python knows capitals that its locale may not know.
        query.add_where(
            SQL(
                """lower(trim(%s)) = ANY(ARRAY(
                    SELECT lower(told) FROM unnest(%s::text[]) AS told))""",
                Partner._field_to_sql(query.table, "name", query),
                [name.strip() for name in names],
            )
        )
        return Partner.browse(query)

    # ------------------------------------------------------------
    # Make
    # ------------------------------------------------------------

    @api.model
    def _explain_nameless(self, lead):
        """Say why no customer can be made of `lead`, if so."""
        if (
            self._get_contact_name(lead)
            or (lead.partner_name or lead.name or "").strip()
        ):
            return ""
        return self.env._(
            "Lead %s has neither a name nor a usable e-mail address to make a customer "
            "of. Fill one in.",
            lead.id,
        )

    @api.model
    def _get_contact_name(self, lead):
        """Return the name of the person; what no e-mail address can be is no name."""
        if name := (lead.contact_name or "").strip():
            return name
        return (parse_contact(lead.email_from)[0] or "").strip()

    @api.model
    def _make(self, leads, companies):
        """Create the customers of `leads`, one for those with the same e-mail address.

        :param companies: {lead id: existing company it belongs to}
        :return: ({lead id: customer}, {lead id: what was created for it})
        """
        if is_extended(leads, "_create_customer"):
            return self._make_by_hook(leads, companies)
        made, created = self._make_companies(leads, companies)
        values = {}
        for lead in leads:
            company = made.get(lead.id)
            name = self._get_contact_name(lead)
            key = self._get_customer_key(lead, company)
            if name or not company:
                values.setdefault(
                    key,
                    lead._prepare_customer_values(
                        name or (lead.name or "").strip(),
                        is_company=False,
                        parent_id=company.id if company else False,
                    ),
                )
        contacts = dict(
            zip(values, self._create_partners(list(values.values())), strict=True)
        )
        for lead in leads:
            contact = contacts.get(self._get_customer_key(lead, made.get(lead.id)))
            if contact:
                made[lead.id] = contact
                created[lead.id] = created.get(lead.id, contact) | contact
        return made, created

    @api.model
    def _get_customer_key(self, lead, company):
        """Return what two leads of one customer have in common."""
        email = normalize_email(lead.email_from)
        return (email, company and company.id) if email else lead.id

    @api.model
    def _make_companies(self, leads, companies):
        """Create the companies that are not there yet, each once.

        :return: ({lead id: its company}, {lead id: its company, if it was created})
        """
        values = {}
        for lead in leads:
            name = (lead.partner_name or "").strip()
            if name and lead.id not in companies:
                key = (name.casefold(), lead.company_id.id)
                values.setdefault(
                    key, lead._prepare_customer_values(name, is_company=True)
                )
        partners = dict(
            zip(values, self._create_partners(list(values.values())), strict=True)
        )
        created = {}
        for lead in leads:
            name = (lead.partner_name or "").strip()
            if name and lead.id not in companies:
                created[lead.id] = partners[name.casefold(), lead.company_id.id]
        return {**companies, **created}, created

    @api.model
    def _make_by_hook(self, leads, companies):
        """Create customers as another addon does, one by one."""
        made, created = {}, {}
        for lead in leads:
            made[lead.id], created[lead.id] = self._watch(
                partial(lead._create_customer, with_parent=companies.get(lead.id))
            )
        return made, created

    @api.model
    def _watch(self, hook):
        """Call `hook`, and find the customers that it creates.

        :return: what it returns, and the customers
        """
        # sudo: all that are made, whoever may read them
        Partner = self.env["res.partner"].sudo().with_context(active_test=False)
        newest = Partner.search([], order="id desc", limit=1)
        result = hook()
        return result, Partner.search([("id", ">", newest.id)])

    @api.model
    def _create_partners(self, values):
        """Create all at once, followed by whom creating one by one makes follow; but
        nobody gets an e-mail about each of them."""
        if not values:
            return []
        # the database has an index of names, in which no longer one has a place; the
        # lead keeps it
        values = [{**one, "name": shorten(one["name"] or "")} for one in values]
        context = clean_context(self.env.context)
        Partner = self.env(context=context)["res.partner"]
        partners = Partner.with_context(tracking_disable=True).create(values)
        partners = partners.with_env(Partner.env)
        self._subscribe(partners, values)
        partners._message_log_batch(
            {partner.id: partner._creation_message() for partner in partners}
        )
        return partners

    @api.model
    def _subscribe(self, partners, values):
        """Let their creator and their salesperson follow new customers."""
        self.env["mail.followers"]._insert_followers(
            partners._name,
            partners.ids,
            self.env.user.partner_id.ids,
            customer_ids=[],
            check_existing=False,
        )
        by_user = {}
        for partner, one in zip(partners, values, strict=True):
            by_user.setdefault(one.get("user_id"), []).append(partner.id)
        quiet = partners.with_context(mail_auto_subscribe_no_notify=True)
        for user_id, partner_ids in by_user.items():
            if user_id:
                quiet.browse(partner_ids)._message_auto_subscribe(
                    {"user_id": user_id}, followers_existing_policy="update"
                )
