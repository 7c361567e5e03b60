from collections import Counter

from odoo.tools import SQL

from ...engine.matching import clustering, weights
from .crm_lead_matcher import compare_apart

#: Leads that hang together through pairs and are looked at when one of them changes.
MAX_CONNECTED = 1_000
#: Leads that a scan puts into groups at a time.
BATCH = 10_000


class Grouping:
    """Puts pairs into groups (`engine.matching.clustering`): those around a lead that
    has changed, or all of them after a scan.

    :param env: of the engine
    """

    def __init__(self, env):
        self.env = env

    def regroup(self, lead_ids, group_ids=()):
        """Group the leads again that any of these is connected with.

        :param group_ids: groups that have lost pairs
        """
        self.env["crm.lead.duplicate"].flush_model()
        # Raw SQL: a walk along the pairs, of unknown length, in one query.
        rows = self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE reached(id) AS (
                    SELECT unnest(%s::int[])
                     UNION
                    SELECT CASE WHEN pair.lead_id = reached.id THEN pair.other_lead_id
                           ELSE pair.lead_id END
                      FROM reached JOIN crm_lead_duplicate pair ON pair.state = 'open'
                       AND reached.id IN (pair.lead_id, pair.other_lead_id)
                ), connected AS (SELECT id FROM reached LIMIT %s)
                SELECT lead_id, other_lead_id, id, score FROM crm_lead_duplicate
                 WHERE state = 'open' AND lead_id IN (SELECT id FROM connected)
                """,
                list(lead_ids),
                MAX_CONNECTED + len(lead_ids),
            )
        )
        touched = {*lead_ids, *(lead_id for row in rows for lead_id in row[:2])}
        held = self.env.execute_query(
            SQL(
                """SELECT id, group_id FROM crm_lead_duplicate WHERE group_id IN (
                          SELECT group_id FROM crm_lead_duplicate
                           WHERE lead_id = ANY(%(leads)s)
                              OR other_lead_id = ANY(%(leads)s)
                           UNION
                          SELECT unnest(%(groups)s::int[]))""",
                leads=list(touched),
                groups=list(group_ids),
            )
        )
        scores = {(one, other): score for one, other, _id, score in rows}
        self._arrange(self.cluster(scores), [row[:3] for row in rows], dict(held))
        self.drop_empty({*group_ids, *(group_id for _pair, group_id in held)})

    def regroup_all(self, frequencies):
        """Group all leads again.

        :param frequencies: of all terms, as the scan has them
        """
        # Raw SQL: all pairs, as plain numbers.
        self.env["crm.lead.duplicate"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT lead_id, other_lead_id, id, score FROM crm_lead_duplicate
                    WHERE state = 'open'"""
            )
        )
        held = self.env.execute_query(
            SQL(
                """SELECT id, group_id FROM crm_lead_duplicate
                    WHERE group_id IS NOT NULL"""
            )
        )
        scores = {(one, other): score for one, other, _id, score in rows}
        groups = [
            group
            for part in clustering.connected(scores, BATCH)
            for group in self.cluster(part, frequencies)
        ]
        self._arrange(groups, [row[:3] for row in rows], dict(held))
        self.drop_empty()

    def drop_empty(self, group_ids=None):
        """Delete those of the groups, or of all, that have no pairs any more."""
        some = SQL("TRUE")
        if group_ids is not None:
            some = SQL("one.id = ANY(%s)", list(group_ids))
        # Raw SQL: an anti-join, over all groups after a scan.
        self.env.cr.execute(
            SQL(
                """DELETE FROM crm_lead_duplicate_group one
                    WHERE %s AND NOT EXISTS (SELECT FROM crm_lead_duplicate pair
                                              WHERE pair.group_id = one.id)""",
                some,
            )
        )
        self.env["crm.lead.duplicate.group"].invalidate_model(flush=False)

    def recount(self, groups):
        """Let groups say what the pairs that are left in them say, and go with the last
        one; nothing is compared."""
        rows = []
        for group_id, pairs in groups._find_pairs().items():
            count = len(pairs.lead_id | pairs.other_lead_id)
            rows += [(pair_id, group_id, count) for pair_id in pairs.ids]
        self._write_groups(rows)
        self.drop_empty(groups.ids)

    def cluster(self, scores, frequencies=None, least=None):
        """Return groups of leads, from {(lead id, other lead id): score}.

        :param least: score from which a pair counts; worth a look by default

        Leads of one group that were not compared yet are compared now.
        """
        if not scores:
            return []
        # a pair that stands alone has nobody to be compared with
        pairs_of = Counter(lead_id for pair in scores for lead_id in pair)
        lead_ids = {
            lead_id
            for pair in scores
            if any(pairs_of[each] > 1 for each in pair)
            for lead_id in pair
        }
        profiles = self.env["crm.lead.match.profile"]._load(lead_ids, {})
        if frequencies is None:
            frequencies = self.env["crm.lead.match.term"]._get_frequencies(
                profiles.values()
            )
        separate = self.env["crm.lead.duplicate"]._get_separate(lead_ids)
        matcher = self.env["crm.lead.matcher"]
        without = matcher._get_left_out()

        def score(one, other):
            if (one, other) in separate or one not in profiles or other not in profiles:
                return float("-inf")
            match = compare_apart(
                (one, other), profiles[one], profiles[other], frequencies, without
            )
            return float("-inf") if match is None else match.score

        against = frequencies.prior + weights.AGAINST
        least = matcher._get_thresholds()[0] if least is None else least
        return clustering.cluster(scores, score, least, against)

    def _arrange(self, groups, pairs, held):
        """Give each group one record, and put its pairs into it. A group goes on being
        the record that its pairs are in: somebody may be looking at it.

        :param groups: [[lead id, …], …]
        :param pairs: [(lead id, other lead id, pair id), …]
        :param held: {pair id: group id} of the pairs that are in a group
        """
        place_of = {lead: place for place, group in enumerate(groups) for lead in group}
        places, kept = {}, {}
        for one, other, pair_id in pairs:
            place = place_of.get(one)
            if place is not None and place == place_of.get(other):
                places[pair_id] = place
                if pair_id in held:
                    kept.setdefault(held[pair_id], place)
        ids = {place: group_id for group_id, place in kept.items()}
        missing = [place for place in range(len(groups)) if place not in ids]
        ids.update(zip(missing, self._draw_ids(len(missing)), strict=True))
        self._write_groups(
            [
                (pair_id, ids[place], len(groups[place]))
                for pair_id, place in places.items()
            ]
        )
        now = {pair_id: ids[place] for pair_id, place in places.items()}
        self._move_pairs(
            {
                pair_id: now.get(pair_id)
                for pair_id in {**held, **now}
                if held.get(pair_id) != now.get(pair_id)
            }
        )

    def _draw_ids(self, count):
        """Return ids for new groups."""
        # Raw SQL: the ORM draws an id only with a row.
        rows = self.env.execute_query(
            SQL(
                """SELECT nextval('crm_lead_duplicate_group_id_seq')
                     FROM generate_series(1, %s)""",
                count,
            )
        )
        return [group_id for (group_id,) in rows]

    def _write_groups(self, rows):
        """Write what groups say of their pairs; those it holds for stay untouched.

        :param rows: [(pair id, group id, number of leads in the group), …]
        """
        if not rows:
            return
        # Raw SQL: as many groups as a scan finds, in one statement.
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_lead_duplicate_group AS known
                       (id, score, certainty, shared, lead_count)
                SELECT new_id, max(score), min(certainty), -- "certain" before "likely"
                       (array_agg(shared ORDER BY score DESC))[1], min(leads)
                  FROM unnest(%s::int[], %s::int[], %s::int[])
                       AS inside(pair_id, new_id, leads)
                  JOIN crm_lead_duplicate pair ON pair.id = inside.pair_id
              GROUP BY new_id
                    ON CONFLICT (id) DO UPDATE SET
                       score = excluded.score, certainty = excluded.certainty,
                       shared = excluded.shared, lead_count = excluded.lead_count
                 WHERE (known.score, known.certainty, known.shared, known.lead_count)
                       IS DISTINCT FROM (excluded.score, excluded.certainty,
                                         excluded.shared, excluded.lead_count)
                """,
                *map(list, zip(*rows, strict=True)),
            )
        )

    def _move_pairs(self, group_ids):
        """Put pairs into groups.

        :param group_ids: {pair id: group id, or None}
        """
        # Raw SQL: as above.
        self.env.cr.execute(
            SQL(
                """UPDATE crm_lead_duplicate pair SET group_id = moved.group_id
                     FROM unnest(%s::int[], %s::int[]) AS moved(id, group_id)
                    WHERE moved.id = pair.id""",
                list(group_ids),
                list(group_ids.values()),
            )
        )
