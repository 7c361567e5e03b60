from odoo import api, fields, models
from odoo.tools import SQL

from ...engine.matching import blocking
from .crm_lead_match_key import IS_SURE, IS_WEAK

#: Keys of one lead, shared by too many, that are combined with each other.
COMBINED = 4


class CrmLeadMatchPair(models.Model):
    """Two leads that share enough keys to be worth comparing, while a scan is
    running."""

    _name = "crm.lead.match.pair"
    _inherit = ["crm.lead.match.table"]
    _description = "Pair to be Compared"
    _order = "id"

    lead_id = fields.Integer(required=True, aggregator=None)
    other_lead_id = fields.Integer(required=True, aggregator=None)

    @api.model
    def _collect(self, total):
        """Find all pairs of leads that are worth comparing.

        :param total: number of leads
        :return: (pairs found, keys that too many leads share even together with
            another)
        """
        # Raw SQL: the whole table of keys, three times, and never a row of it here.
        self.env.cr.execute("SET LOCAL work_mem = '128MB'")
        self._collect_blocks(total)
        left_out = self._refine_blocks(total)
        self._collect_pairs(total)
        self._collect_neighbours()
        self.env.cr.execute("DROP TABLE crm_lead_match_block")
        # To truncate the table would be quicker, but would wait for each reader, such
        # as a backup, while merges wait for this scan. Pairs are numbered from 1.
        self.env.cr.execute("DELETE FROM crm_lead_match_pair")
        self.env.cr.execute(
            """INSERT INTO crm_lead_match_pair (id, lead_id, other_lead_id)
               SELECT row_number() OVER (ORDER BY one), one, other
                 FROM crm_lead_match_enough"""
        )
        found = self.env.cr.rowcount
        self.env.cr.execute("DROP TABLE crm_lead_match_enough")
        self.env.cr.execute("SET LOCAL work_mem TO DEFAULT")
        return found, left_out

    @api.model
    def _remove(self, after, last):
        """Remove the pairs of numbers above `after`, up to `last`, which were compared.

        A range is read on its own: what was removed before it, and is still there for
        the sake of a backup that is running, is not passed over again.
        """
        # Raw SQL: plain numbers, by the ten thousand.
        self.env.cr.execute(
            SQL(
                "DELETE FROM crm_lead_match_pair WHERE id > %s AND id <= %s",
                after,
                last,
            )
        )

    # The two largest statements are written in halves: where it may, the database gives
    # each to a processor of its own. It does so neither for an INSERT nor with a
    # temporary table; and without ``parallel_workers = 0`` it would rather split the
    # reading of that table, and have all pairs sorted and merged afterwards.

    @api.model
    def _collect_blocks(self, total):
        """Collect the leads of each key; none of the keys that too many share."""
        halves = [
            self._select_blocks(total, SQL("key < 0")),
            self._select_blocks(total, SQL("key >= 0")),
        ]
        self.env.cr.execute(
            SQL(
                """CREATE UNLOGGED TABLE crm_lead_match_block
                     WITH (parallel_workers = 0) AS %s""",
                SQL(" UNION ALL ").join(halves),
            )
        )

    @api.model
    def _select_blocks(self, total, some):
        keys = self.env["crm.lead.match.key"]
        return SQL(
            """
            SELECT key, size, CASE WHEN size <= %s THEN leads END AS leads, %s AS bits
              FROM (SELECT key, count(*)::int AS size, array_agg(lead_id) AS leads
                      -- in the order of the index: nothing is sorted
                      FROM (SELECT key, lead_id FROM crm_lead_match_key WHERE %s
                          ORDER BY key, lead_id) k
                  GROUP BY key HAVING count(*) > 1) block
            """,
            keys._get_largest(total),
            keys._get_bits(total),
            some,
        )

    @api.model
    def _collect_pairs(self, total):
        """Collect the pairs of leads that share enough keys."""
        halves = [
            self._select_pairs(total, SQL("one %% 2 = 0")),
            self._select_pairs(total, SQL("one %% 2 = 1")),
        ]
        self.env.cr.execute(
            SQL(
                "CREATE TEMPORARY TABLE crm_lead_match_enough ON COMMIT DROP AS %s",
                SQL(" UNION ALL ").join(halves),
            )
        )

    @api.model
    def _select_pairs(self, total, some):
        return SQL(
            """
            SELECT one, other
              FROM crm_lead_match_block,
                   unnest(leads) WITH ORDINALITY AS first(one, place),
                   unnest(leads[place + 1:]) AS second(other)
             WHERE leads IS NOT NULL AND %s
          GROUP BY one, other HAVING sum(bits) >= %s
            """,
            some,
            blocking.enough(total),
        )

    @api.model
    def _collect_neighbours(self):
        """Collect, of the leads that share an address, a number or a customer with too
        many others, those next to each other: so many of one prospect still are found,
        each with its neighbours, at a cost that grows with their number only."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_lead_match_enough (one, other)
                SELECT one, other FROM (
                    SELECT lead_id AS one, unnest(ARRAY[lead(lead_id, 1) OVER near,
                           lead(lead_id, 2) OVER near,
                           lead(lead_id, 3) OVER near]) AS other
                      FROM crm_lead_match_key
                      JOIN crm_lead_match_block block USING (key)
                     WHERE block.leads IS NULL AND %s
                    WINDOW near AS (PARTITION BY key ORDER BY lead_id)) pair
                 WHERE other IS NOT NULL
                EXCEPT
                SELECT one, other FROM crm_lead_match_enough
                """,
                IS_SURE,
            )
        )

    @api.model
    def _refine_blocks(self, total):
        """Split the leads of keys that too many share by a second such key. Weak ones
        are left alone: they repeat what others say.

        :return: number of keys of which some leads are still not compared
        """
        self.env.cr.execute(
            SQL(
                """
                CREATE TEMPORARY TABLE crm_lead_match_large ON COMMIT DROP AS
                SELECT lead_id, key, size, bits FROM (
                    SELECT k.lead_id, key, block.size, block.bits, row_number()
                           OVER (PARTITION BY k.lead_id ORDER BY block.size) AS place
                      FROM crm_lead_match_block block
                      JOIN crm_lead_match_key k USING (key)
                     WHERE block.leads IS NULL AND NOT %s) ranked
                 WHERE place <= %s
                """,
                IS_WEAK,
                COMBINED,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                WITH refined AS (
                    SELECT one.key # (other.key << 1) AS key, count(*)::int AS size,
                           array_agg(one.lead_id ORDER BY one.lead_id) AS leads,
                           min(one.key) AS first_key
                      FROM crm_lead_match_large one
                      JOIN crm_lead_match_large other ON other.lead_id = one.lead_id
                       AND other.key > one.key
                  GROUP BY 1 HAVING count(*) > 1
                ), added AS (
                    INSERT INTO crm_lead_match_block (key, size, leads, bits)
                    SELECT key, size, leads, (ln(%(total)s::float / size) / ln(2))::real
                      FROM refined WHERE size <= %(block)s
                )
                SELECT count(DISTINCT key) FROM (
                    SELECT first_key AS key FROM refined WHERE size > %(block)s
                     UNION ALL
                    SELECT min(key) FROM crm_lead_match_large
                  GROUP BY lead_id HAVING count(*) = 1) left_out
                """,
                total=blocking.counted(total),
                block=blocking.max_block(total),
            )
        )
        left_out = self.env.cr.fetchone()[0]
        self.env.cr.execute("DROP TABLE crm_lead_match_large")
        return left_out
