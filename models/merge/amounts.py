"""Amounts in the currency of a lead's company. Those of other currencies are converted
into the one that the result of a merge will have; what is set aside stays as it was
said."""

from dataclasses import replace


def get_currency(lead):
    """Return the currency of the lead's company, as core understands it: where it has
    none, the one of the user's."""
    return (lead.company_id or lead.env.company).currency_id


def get_result_currency(leads):
    """Return the currency of the company that the result of merging the leads has."""
    # sudo: only which currency the companies of the leads have
    return (leads.sudo().company_id[:1] or leads.env.company).currency_id


class ForeignAmounts:
    """The amounts of leads whose currency is not the one of the result.

    :param leads: the leads to merge
    """

    def __init__(self, leads):
        self.leads = leads
        #: {(lead id, field): the amount as it was said} of those converted
        self.said = {}

    def convert(self, values):
        """Convert the amounts into the currency of the result.

        :param values: {lead id: {field: value}}, changed in place
        """
        leads = self.leads
        currency = get_result_currency(leads)
        company = leads.company_id[:1] or leads.env.company
        foreign = leads.filtered(lambda lead: get_currency(lead) != currency)
        if not foreign:
            return
        for name in leads.env["crm.lead.merge.fields"]._get_company_amounts(leads):
            _field, _dot, property_name = name.partition(".")
            for lead in foreign:
                holder, key = values[lead.id], name
                if property_name:
                    holder, key = holder["lead_properties"], property_name
                if amount := holder.get(key):
                    self.said[lead.id, name] = amount
                    holder[key] = get_currency(lead)._convert(amount, currency, company)

    def set_aside_as_said(self, decisions):
        """Let the amounts that are set aside be those that were said.

        :param decisions: {field: decision}, changed in place
        """
        for name in {name for _lead_id, name in self.said}:
            decision = decisions[name]
            others = tuple(
                replace(one, value=self.said.get((one.lead_id, name), one.value))
                for one in decision.set_aside
            )
            decisions[name] = replace(decision, set_aside=others)
