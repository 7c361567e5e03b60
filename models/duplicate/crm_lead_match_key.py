from collections import Counter

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine.matching import blocking

#: SQL: whether ``key`` is of a kind that is one's own, or of one that says little by
#: itself: what `engine.matching.blocking.number` leaves in its last two bits.
IS_SURE, IS_WEAK = SQL("key & 3 = 1"), SQL("key & 3 = 2")


class BigInteger(fields.Integer):
    """An integer of 64 bits."""

    _column_type = ("int8", "int8")


class CrmLeadMatchKey(models.Model):
    """One key of a lead: leads that share one are worth comparing.

    The table holds no references but plain numbers: keys are built again from the leads
    at any time, and nothing is lost with them.
    """

    _name = "crm.lead.match.key"
    _inherit = ["crm.lead.match.table"]
    _description = "Match Key"

    key = BigInteger(required=True)
    lead_id = fields.Integer(required=True, index=True, aggregator=None)

    _key_index = models.Index("(key, lead_id)")

    @api.model
    def _replace(self, keys_by_lead):
        """Let these leads have these keys, and no others.

        :param keys_by_lead: {lead id: [key, …]}
        """
        rows = [
            (lead_id, key)
            for lead_id, keys in keys_by_lead.items()
            for key in dict.fromkeys(keys)
        ]
        # Raw SQL: a dozen rows a lead, in one statement for all of them; those that
        # stay, which are most, are left alone.
        self.env.cr.execute(
            SQL(
                """
                WITH new AS MATERIALIZED (
                    SELECT * FROM unnest(%s::int[], %s::int8[]) AS new(lead_id, key)
                ), known AS MATERIALIZED (
                    SELECT id, lead_id, key FROM crm_lead_match_key
                     WHERE lead_id = ANY(%s)
                ), gone AS (
                    DELETE FROM crm_lead_match_key WHERE id IN (
                        SELECT id FROM known WHERE NOT EXISTS (
                               SELECT FROM new WHERE new.lead_id = known.lead_id
                                               AND new.key = known.key))
                )
                INSERT INTO crm_lead_match_key (lead_id, key)
                SELECT lead_id, key FROM new EXCEPT SELECT lead_id, key FROM known
                """,
                [lead_id for lead_id, _key in rows],
                [key for _lead_id, key in rows],
                list(keys_by_lead),
            )
        )

    @api.model
    def _get_keys(self, profiles):
        """Return {probe id: [key, …]} of {probe id: `Profile`}."""
        return {
            probe: [blocking.number(key) for key in blocking.keys(one)]
            for probe, one in profiles.items()
        }

    @api.model
    def _count(self, keys, unbuilt):
        """Return {key: number of leads that have it}.

        :param unbuilt: {lead id: `Unbuilt`}, whose stored keys do not count
        """
        # Raw SQL: `key` is compared as a 64-bit number, on its index.
        counts = Counter(
            dict(
                self.env.execute_query(
                    SQL(
                        """SELECT key, count(*) FROM crm_lead_match_key
                            WHERE key = ANY(%s::int8[]) AND lead_id != ALL(%s)
                         GROUP BY key""",
                        list(keys),
                        list(unbuilt),
                    )
                )
            )
        )
        for lead in unbuilt.values():
            counts.update(keys.intersection(lead.keys))
        return counts

    @api.model
    def _get_largest(self, total):
        """Return in SQL the number of leads that may share ``key``, by its kind."""
        return SQL(
            "CASE WHEN %s THEN %s WHEN %s THEN %s ELSE %s END",
            IS_SURE,
            blocking.LARGEST_BLOCK,
            IS_WEAK,
            blocking.max_weak_block(total),
            blocking.max_block(total),
        )

    @api.model
    def _get_bits(self, total):
        """Return in SQL how much it says that ``size`` leads share ``key``: one of a
        kind of one's own is enough by itself."""
        return SQL(
            """CASE WHEN %s THEN 0.5 WHEN %s AND size <= %s THEN 99 ELSE 1 END
               * (ln(%s::float / size) / ln(2))::real""",
            IS_WEAK,
            IS_SURE,
            blocking.max_block(total),
            blocking.counted(total),
        )

    @api.model
    def _find_candidates(self, keys_by_probe, total, limit, unbuilt, sharing=0):
        """Find leads that share enough keys to be worth comparing.

        :param keys_by_probe: {probe id: [key, …]}; a probe may be a lead or not
        :param total: number of leads in the database
        :param limit: candidates of each probe, the most telling ones
        :param unbuilt: {lead id: `Unbuilt`}, whose keys count, not those stored
        :param sharing: so many leads may share any key, where the limit is lower
        :return: [(probe id, lead id), …]
        """
        rows = [(probe, key) for probe, keys in keys_by_probe.items() for key in keys]
        wanted = {key for _probe, key in rows}
        fresh = [
            (lead_id, key)
            for lead_id, lead in unbuilt.items()
            for key in wanted.intersection(lead.keys)
        ]
        # Raw SQL: a few index probes for each key. A key that too many share is left
        # out, and nobody reads further than that to find out; but of those who share an
        # address, a number or a customer, those read so far come after all others. To
        # share one of these is enough: in a large database its bits alone may not be.
        return rows and self.env.execute_query(
            SQL(
                """
                WITH wanted AS (
                    SELECT * FROM unnest(%(probes)s::int[], %(keys)s::int8[])
                               AS one(probe, key)
                ), fresh AS MATERIALIZED (
                    SELECT key, array_agg(lead_id) AS leads
                      FROM unnest(%(fresh_leads)s::int[], %(fresh_keys)s::int8[])
                           AS one(lead_id, key) GROUP BY key
                ), found AS (
                    SELECT key, largest, leads, cardinality(leads) AS size FROM (
                           SELECT DISTINCT key, %(largest)s AS largest FROM wanted) one
                CROSS JOIN LATERAL (
                           SELECT ARRAY(
                               SELECT lead_id FROM crm_lead_match_key k
                                WHERE k.key = one.key AND lead_id != ALL(%(stale)s)
                                LIMIT 1 + one.largest)
                               || (SELECT leads FROM fresh WHERE fresh.key = one.key)
                                  AS leads
                               OFFSET 0) k  -- so that each is read once
                ), usable AS MATERIALIZED (
                    SELECT key, leads, %(bits)s AS bits, size <= largest AS is_small
                      FROM found
                     WHERE size >= 1 AND (size <= largest OR %(sure)s)
                )
                SELECT probe, lead_id FROM (
                    SELECT probe, lead_id,
                           row_number() OVER (PARTITION BY probe
                                    ORDER BY %(small_bits)s DESC, sum(bits) DESC,
                                             lead_id) AS place
                      FROM wanted JOIN usable USING (key), unnest(leads) AS lead_id
                     WHERE lead_id != probe
                  GROUP BY probe, lead_id
                    HAVING %(small_bits)s >= %(enough)s OR bool_or(%(sure)s)
                ) ranked WHERE place <= %(limit)s
                """,
                probes=[probe for probe, _key in rows],
                keys=[key for _probe, key in rows],
                fresh_leads=[lead_id for lead_id, _key in fresh],
                fresh_keys=[key for _lead_id, key in fresh],
                stale=list(unbuilt),
                sure=IS_SURE,
                bits=self._get_bits(total),
                small_bits=SQL("COALESCE(sum(bits) FILTER (WHERE is_small), 0)"),
                largest=SQL("GREATEST(%s, %s)", self._get_largest(total), sharing),
                enough=blocking.enough(total),
                limit=limit,
            )
        )
