from dataclasses import replace

from odoo import api, models, tools

from ...engine.survivorship import Bundle

#: What a currency field of leads is called, or related to, whose currency is the one of
#: the lead's company: it is not chosen, so that amounts are converted.
COMPANY_CURRENCY = ("company_currency", "company_id.currency_id")


class CrmLeadMergePlanner(models.AbstractModel):
    """Values that mean nothing without another one: an amount without its currency, an
    id without its model. They are kept together, and set aside together.

    Where the currency is the one of the lead's company, amounts are converted into the
    one that the result will have; what is set aside stays as it was said.
    """

    _inherit = "crm.lead.merge.planner"

    @api.model
    @tools.ormcache()
    def _get_unit_bundles(self):
        """Return one bundle for each currency field, or field with a model, that leads
        have of their own: what is bound to it, then the field itself."""
        Lead = self.env["crm.lead"]
        names = self._get_plain_fields()
        bound = {}
        for name in names:
            field = Lead._fields[name]
            if field.type == "monetary":
                bound.setdefault(field.get_currency_field(Lead), []).append(name)
            elif field.type == "many2one_reference":
                bound.setdefault(field.model_field, []).append(name)
        return tuple(
            Bundle(fields[0], (*fields, unit), unit=unit)
            for unit, fields in bound.items()
            if unit in names
        )

    @api.model
    def _get_unit_bundle(self, field_name):
        """Return the bundle with a unit that the field belongs to, or None."""
        for bundle in self._get_bundles():
            if bundle.unit and field_name in bundle.fields:
                return bundle
        return None

    # ------------------------------------------------------------
    # Amounts in the currency of the company
    # ------------------------------------------------------------

    @api.model
    def _get_company_amounts(self, leads):
        """Return {field, or ``lead_properties.<property>``: its currency field} of the
        amounts whose currency is the one of the lead's company."""
        amounts = dict(self._get_company_amount_fields())
        # sudo: the channels of the leads, which not every salesperson may read
        for definition in leads.sudo().team_id.mapped("lead_properties_definition"):
            for one in definition:
                currency_field = one.get("currency_field")
                if one["type"] == "monetary" and self._is_of_company(currency_field):
                    amounts[f"lead_properties.{one['name']}"] = currency_field
        return amounts

    @api.model
    @tools.ormcache()
    def _get_company_amount_fields(self):
        """((field, its currency field), …), without the properties."""
        Lead = self.env["crm.lead"]
        return tuple(
            (name, currency_field)
            for name in self._get_plain_fields()
            if (field := Lead._fields[name]).type == "monetary"
            and self._is_of_company(currency_field := field.get_currency_field(Lead))
        )

    @api.model
    def _is_of_company(self, currency_field):
        """Return whether a currency field is bound to the company of the lead."""
        field = self.env["crm.lead"]._fields.get(currency_field)
        return currency_field in COMPANY_CURRENCY or (
            field is not None and field.related in COMPANY_CURRENCY
        )

    @api.model
    def _get_result_currency(self, leads):
        """Return the currency of the company that the result of a merge will have."""
        # sudo: only which currency the companies of the leads have
        return (leads.sudo().company_id[:1] or self.env.company).currency_id

    @api.model
    def _convert_amounts(self, leads, values):
        """Convert amounts of other currencies into the one of the result.

        :param values: {lead id: {field: value}}, changed in place
        :return: {(lead id, field): the amount as it was said} of those converted
        """
        currency = self._get_result_currency(leads)
        company = leads.company_id[:1] or self.env.company
        foreign = leads.filtered(lambda lead: self._get_currency(lead) != currency)
        said = {}
        for name in self._get_company_amounts(leads) if foreign else ():
            _field, _dot, property_name = name.partition(".")
            for lead in foreign:
                holder, key = values[lead.id], name
                if property_name:
                    holder, key = holder["lead_properties"], property_name
                if amount := holder.get(key):
                    said[lead.id, name] = amount
                    holder[key] = self._get_currency(lead)._convert(
                        amount, currency, company
                    )
        return said

    @api.model
    def _get_currency(self, lead):
        """Return the currency of the lead's company, as core understands it: where it
        has none, the one of the user's."""
        return (lead.company_id or self.env.company).currency_id

    @api.model
    def _set_aside_as_said(self, decisions, said):
        """Let the amounts that are set aside be those that were said.

        :param decisions: {field: decision}, changed in place
        :param said: see `_convert_amounts`
        """
        for name in {name for _lead_id, name in said}:
            decision = decisions[name]
            others = tuple(
                replace(one, value=said.get((one.lead_id, name), one.value))
                for one in decision.set_aside
            )
            decisions[name] = replace(decision, set_aside=others)
