from odoo import api, fields, models
from odoo.tools import SQL

from ...engine.matching import blocking
from ...engine.matching.frequency import Frequencies, terms
from .crm_lead_match_key import IS_SURE

#: A word that fewer leads have is rare, whatever their number.
FEWEST = 3
#: The term under which the number of leads is kept.
TOTAL = "*"
#: What a term begins with that is a key of one's own (`blocking.number`: it ends in 1).
OWN_KEY = "#"
#: Part by which the number of leads may change before terms are counted again.
TOLERANCE = 0.2


class CrmLeadMatchTerm(models.Model):
    """How many leads have one word in a name, one postcode, one town, and so on."""

    _name = "crm.lead.match.term"
    _inherit = ["crm.lead.match.table"]
    _description = "Frequency of a Term"

    term = fields.Char(required=True)
    lead_count = fields.Integer(string="Leads", required=True)

    _term_index = models.UniqueIndex("(term)")

    @api.model
    def _recount(self):
        """Count all terms of all leads."""
        # Raw SQL: millions of words, counted where they are. Most counts stay as they
        # are, and are left alone. Where somebody else has counted at the same time,
        # this transaction begins again.
        self.env.cr.execute(
            SQL(
                """
                WITH new AS MATERIALIZED (
                    SELECT term, count(*) AS lead_count FROM crm_lead_match_profile,
                           unnest(string_to_array(terms, ' ')) AS term
                     WHERE terms != '' GROUP BY term HAVING count(*) >= %s
                     UNION ALL
                    SELECT %s || key, count(*) FROM crm_lead_match_key
                     WHERE %s GROUP BY key HAVING count(*) >= %s
                     UNION ALL
                    SELECT %s, count(*) FROM crm_lead_match_profile
                ), gone AS (
                    DELETE FROM crm_lead_match_term known WHERE NOT EXISTS (
                           SELECT FROM new WHERE new.term = known.term)
                ), changed AS (
                    UPDATE crm_lead_match_term known SET lead_count = new.lead_count
                      FROM new
                     WHERE new.term = known.term AND new.lead_count != known.lead_count
                )
                INSERT INTO crm_lead_match_term (term, lead_count)
                SELECT * FROM new WHERE NOT EXISTS (
                       SELECT FROM crm_lead_match_term known
                        WHERE known.term = new.term)
                ON CONFLICT (term) DO UPDATE SET lead_count = excluded.lead_count
                """,
                FEWEST,
                OWN_KEY,
                IS_SURE,
                FEWEST,
                TOTAL,
            )
        )

    @api.model
    def _recount_if_grown(self):
        """Count again where there are many more leads, or fewer, than counted."""
        counted = self._get_total()
        # The planner's estimate would do, if it were not missing for small tables.
        total = self.env["crm.lead.match.profile"].search_count([])
        if abs(total - counted) > TOLERANCE * max(counted, 50):
            self._recount()

    @api.model
    def _get_total(self):
        """Return the number of leads, as of the last count."""
        # Raw SQL: asked for with every look-up, so nothing but an index scan.
        rows = self.env.execute_query(
            SQL("SELECT lead_count FROM crm_lead_match_term WHERE term = %s", TOTAL)
        )
        return rows[0][0] if rows else 0

    @api.model
    def _get_frequencies(self, profiles=None, unbuilt=None):
        """Return how rare the values of `profiles` are, or those of all leads.

        :param profiles: the profiles that will be compared; None for all
        :param unbuilt: {lead id: `Unbuilt`} of leads whose stored keys do not count
        :rtype: Frequencies
        """
        if profiles is None:
            return self._get_all_frequencies()
        wanted = {term for one in profiles for term in terms(one)}
        # Raw SQL: as above.
        rows = self.env.execute_query(
            SQL(
                "SELECT term, lead_count FROM crm_lead_match_term WHERE term = ANY(%s)",
                [TOTAL, *wanted],
            )
        )
        counts = dict(rows)
        keys = {
            blocking.number(f"{kind} {value}")
            for one in profiles
            for kind, value in blocking.own_values(one)
        }
        sizes = {}
        if keys:
            sizes = self.env["crm.lead.match.key"]._count(keys, unbuilt or {})
        return self._make(counts, sizes)

    @api.model
    def _get_all_frequencies(self):
        """Return how rare any value of any lead is, for a scan."""
        # Raw SQL: as above.
        counts = dict(
            self.env.execute_query(
                SQL("SELECT term, lead_count FROM crm_lead_match_term")
            )
        )
        own = [term for term in counts if term.startswith(OWN_KEY)]
        sizes = {int(term.removeprefix(OWN_KEY)): counts.pop(term) for term in own}
        return self._make(counts, sizes)

    @api.model
    def _make(self, counts, sizes):
        def own(kind, value):
            return sizes.get(blocking.number(f"{kind} {value}"), 1)

        return Frequencies(counts.pop(TOTAL, 0), counts, own)
