from odoo import api, fields, models
from odoo.tools import SQL

from ..engine import frequency, profile

#: Fields of a lead that are compared, besides its phone numbers; a change of one of
#: them builds its keys again. See `crm.lead._get_compared_fields`.
SOURCE_FIELDS = frozenset(
    {
        "email_from",
        "contact_name",
        "partner_name",
        "website",
        "street",
        "street2",
        "zip",
        "city",
        "state_id",
        "country_id",
        "partner_id",
        "company_id",
    }
)
#: Fields of a customer that its leads are compared by; the last two say whose it is.
PARTNER_FIELDS = frozenset({"vat", "email", "phone", "parent_id", "is_company"})
#: What merged-away leads said that still has to find the survivor.
MERGED_FIELDS = ("email_from", "phone", "contact_name", "partner_name")


class CrmLeadMatchProfile(models.Model):
    """What of one lead is compared, ready to be compared (see `engine.profile`)."""

    _name = "crm.lead.match.profile"
    _description = "Match Profile"
    _log_access = False

    lead_id = fields.Integer(required=True, aggregator=None)
    data = fields.Text(required=True)
    terms = fields.Text(required=True, help="What is counted, separated by spaces.")

    _lead_index = models.UniqueIndex("(lead_id)")

    @api.model
    def _build(self, leads):
        """Build profiles and keys of `leads` from their present values."""
        # sudo: whoever makes a lead's keys, they are those of all its values
        leads = leads.sudo().with_context(active_test=False).exists()
        profiles = self._make(leads)
        encoded = {lead_id: profile.encode(one) for lead_id, one in profiles.items()}
        # Raw SQL: one statement for all leads.
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_lead_match_profile (lead_id, data, terms)
                SELECT * FROM unnest(%s::int[], %s::text[], %s::text[])
                ON CONFLICT (lead_id) DO UPDATE
                    SET data = excluded.data, terms = excluded.terms
                """,
                list(encoded),
                list(encoded.values()),
                [" ".join(frequency.terms(one)) for one in profiles.values()],
            )
        )
        keys = self.env["crm.lead.match.key"]
        keys._replace(keys._get_keys(profiles))
        return profiles

    @api.model
    def _make(self, leads):
        """Return {lead id: `Profile`} of the leads' present values."""
        said = self._get_merged_values(leads)
        return {
            # a lead that is being typed still has what was merged into its origin
            lead.id: profile.build(
                self._prepare_values(lead, said.get(lead._origin.id, {}))
            )
            for lead in leads
        }

    @api.model
    def _prepare_values(self, lead, said):
        """Return what `engine.profile.build` wants to know of a lead.

        :param said: {field: [value, …]} of the leads that were merged into it
        """
        partner = lead.partner_id
        country = lead.country_id or lead.company_id.country_id
        phones = [lead[name] for name in lead._phone_get_number_fields()]
        return {
            "email": self._join(
                lead.email_from, partner.email, *said.get("email_from", ())
            ),
            "phone": self._join(*phones, partner.phone, *said.get("phone", ())),
            "persons": [lead.contact_name, *said.get("contact_name", ())],
            "companies": [lead.partner_name, *said.get("partner_name", ())],
            "website": lead.website,
            "vat": partner.vat,
            "street": lead.street,
            "street2": lead.street2,
            "zip": lead.zip,
            "city": lead.city,
            "state": lead.state_id.code,
            "country": lead.country_id.code,
            "calling_code": country.phone_code,
            "partner": partner.id,
            "entity": partner.commercial_partner_id.id,
        }

    @api.model
    def _join(self, *values):
        return ", ".join(dict.fromkeys(value for value in values if value))

    @api.model
    def _get_merged_values(self, leads):
        """Return {lead id: {field: [value, …]}} that leads said which were merged into
        these: the next message from such an address finds the survivor."""
        if not leads.ids:
            return {}
        # sudo: as in `_build`; the rows are read by `lead_id` only
        rows = (
            self.env["crm.lead.merge.value"]
            .sudo()
            ._read_group(
                [("lead_id", "in", leads.ids), ("field_name", "in", MERGED_FIELDS)],
                ["lead_id", "field_name"],
                ["display_value:array_agg"],
            )
        )
        said = {}
        for lead, field_name, values in rows:
            said.setdefault(lead.id, {})[field_name] = values
        return said

    @api.model
    def _get_missing(self, lead_ids):
        """Return those of `lead_ids` that have no profile yet."""
        # Raw SQL: an anti-join with ids that no table holds.
        rows = lead_ids and self.env.execute_query(
            SQL(
                """SELECT wanted FROM unnest(%s::int[]) AS wanted WHERE NOT EXISTS (
                          SELECT FROM crm_lead_match_profile p
                            WHERE p.lead_id = wanted)""",
                list(lead_ids),
            )
        )
        return [lead_id for (lead_id,) in rows]

    @api.model
    def _load(self, lead_ids):
        """Return {lead id: `Profile`} as stored, of those leads that have one."""
        encoded = self._read_encoded(lead_ids)
        return {lead_id: profile.decode(data) for lead_id, data in encoded.items()}

    @api.model
    def _read_encoded(self, lead_ids):
        """Return {lead id: what `profile.encode` wrote}, of those that have one."""
        # Raw SQL: rows are read once, and by the thousand; the cache would only grow.
        return dict(
            self.env.execute_query(
                SQL(
                    "SELECT lead_id, data FROM crm_lead_match_profile "
                    "WHERE lead_id = ANY(%s)",
                    list(lead_ids),
                )
            )
        )

    @api.model
    def _forget(self, lead_ids):
        """Remove what is kept of leads that are no more."""
        # Raw SQL: plain numbers, no records with anything to cascade.
        for table in ("profile", "key", "queue"):
            self.env.cr.execute(
                SQL(
                    "DELETE FROM %s WHERE lead_id = ANY(%s)",
                    SQL.identifier(f"crm_lead_match_{table}"),
                    list(lead_ids),
                )
            )
