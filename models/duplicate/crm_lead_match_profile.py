import logging
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine.matching import frequency, profile

_logger = logging.getLogger(__name__)

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
#: Under which a cursor keeps what was made of leads that have changed.
UNBUILT = "crm_lead_qualification.unbuilt"


class Unbuilt(NamedTuple):
    """What of a lead that has changed is compared until it is stored.

    :param change: number of its last change
    :param profile: its `engine.matching.profile.Profile`; None: it is gone
    :param keys: its keys, as the database would store them
    """

    change: int
    profile: profile.Profile | None
    keys: list


class CrmLeadMatchProfile(models.Model):
    """What of one lead is compared, ready to be compared: see
    `engine.matching.profile`."""

    _name = "crm.lead.match.profile"
    _inherit = ["crm.lead.match.table"]
    _description = "Match Profile"

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
        # Raw SQL: one statement for all leads. Nothing is inserted that is there, as
        # that would draw a number all the same; two that insert the same row at once
        # begin again.
        self.env.cr.execute(
            SQL(
                """
                WITH new AS (
                    SELECT * FROM unnest(%s::int[], %s::text[], %s::text[])
                               AS new(lead_id, data, terms)
                ), changed AS (
                    UPDATE crm_lead_match_profile known
                       SET data = new.data, terms = new.terms FROM new
                     WHERE known.lead_id = new.lead_id AND (known.data, known.terms)
                           IS DISTINCT FROM (new.data, new.terms)
                )
                INSERT INTO crm_lead_match_profile (lead_id, data, terms)
                SELECT * FROM new WHERE NOT EXISTS (
                       SELECT FROM crm_lead_match_profile known
                        WHERE known.lead_id = new.lead_id)
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
    def _make(self, leads, hidden=None):
        """Return {lead id: `Profile`} of the leads' present values.

        :param hidden: names of fields to leave out, and with them the customers that
            the user may not read; None: nothing is left out
        """
        said = self._get_merged_values(leads)
        readable = None
        if hidden is not None:
            # as the user, whom the engine leaves aside; sudo again: as it is without
            readable = leads.partner_id.sudo(False)._filtered_access("read").sudo()
        return {
            # a lead that is being typed still has what was merged into its origin
            lead.id: self._make_apart(
                lead, said.get(lead._origin.id, {}), hidden or (), readable
            )
            for lead in leads
        }

    @api.model
    def _make_apart(self, lead, said, hidden, customers):
        """Make the profile of one lead; where that fails, as with what another addon
        lets it say, an empty one, so that nobody is kept from the others."""
        values = self._prepare_values(lead, said, hidden, customers)
        try:
            return profile.build(values)
        except Exception:
            _logger.exception("Lead %s ‘%s’ cannot be compared", lead.id, lead.name)
            return profile.Profile()

    @api.model
    def _prepare_values(self, lead, said, hidden, customers):
        """Return what `engine.matching.profile.build` wants to know of a lead.

        :param said: {field: [value, …]} of the leads that were merged into it
        :param hidden: names of fields to leave out
        :param customers: the customers that may be asked; None: all of them
        """
        nothing = lead.browse()

        def get(name):
            return (nothing if name in hidden else lead)[name]

        said = {name: said[name] for name in said if name not in hidden}
        partner = get("partner_id")
        if customers is not None:
            partner &= customers
        phones = [get(name) for name in lead._phone_get_number_fields()]
        phone = self._join(*phones, partner.phone, *said.get("phone", ()))
        return {
            "email": self._join(
                get("email_from"), partner.email, *said.get("email_from", ())
            ),
            "phone": phone,
            "persons": [get("contact_name"), *said.get("contact_name", ())],
            "companies": [get("partner_name"), *said.get("partner_name", ())],
            "website": get("website"),
            "vats": [partner.vat, get("vat") if "vat" in lead._fields else None],
            "street": get("street"),
            "street2": get("street2"),
            "zip": get("zip"),
            "city": get("city"),
            "state": get("state_id").code,
            "country": get("country_id").code,
            "phone_country": phone and self._get_phone_country(lead, hidden).code,
            "partner": partner.id,
            "entity": partner.commercial_partner_id.id,
        }

    @api.model
    def _get_phone_country(self, lead, hidden):
        """Return the country that national numbers belong to: of the lead, else of its
        company; one of no company is of whoever created it, whoever asks."""
        if "country_id" not in hidden and lead.country_id:
            return lead.country_id
        company = lead.company_id or lead.create_uid.company_id or self.env.company
        return company.country_id

    @api.model
    def _join(self, *values):
        return ", ".join(dict.fromkeys(value for value in values if value))

    @api.model
    def _get_merged_values(self, leads):
        """Hook: return {lead id: {field: [value, …]}} of what else the leads have said,
        of the fields `MERGED_FIELDS`."""
        return {}

    @api.model
    def _make_unbuilt(self, lead_ids, latest=0):
        """Make profiles of what has changed since they were stored, without storing
        them: the scheduled action does, and people who read a page only read.

        :param lead_ids: leads that are asked about
        :param int latest: changes of others that are looked at
        :return: {lead id: `Unbuilt`}, in which a lead that is gone has no profile
        """
        self.env["crm.lead"].flush_model()
        changes = self.env["crm.lead.match.queue"]._find_unbuilt(lead_ids, latest)
        if not changes:
            return {}
        # A transaction asks more than once. What was made holds until the lead changes
        # again; the cursor forgets it at the end, and with a savepoint.
        made = self.env.cr.cache.setdefault(UNBUILT, {})
        news = [
            lead_id
            for lead_id, change in changes.items()
            if lead_id not in made or made[lead_id].change != change
        ]
        # sudo: as in `_build`
        leads = self.env["crm.lead"].sudo().with_context(active_test=False)
        profiles = self._make(leads.browse(news).exists())
        keys = self.env["crm.lead.match.key"]._get_keys(profiles)
        for lead_id in news:
            made[lead_id] = Unbuilt(
                changes[lead_id], profiles.get(lead_id), keys.get(lead_id, ())
            )
        return {lead_id: made[lead_id] for lead_id in changes}

    @api.model
    def _load(self, lead_ids, unbuilt):
        """Return {lead id: `Profile`} of those leads that have one.

        :param unbuilt: what `_make_unbuilt` returned of them; it counts, not what is
            stored
        """
        encoded = self._read_encoded(set(lead_ids) - unbuilt.keys())
        profiles = {lead_id: profile.decode(data) for lead_id, data in encoded.items()}
        for lead_id in unbuilt.keys() & set(lead_ids):
            if unbuilt[lead_id].profile is not None:
                profiles[lead_id] = unbuilt[lead_id].profile
        return profiles

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
