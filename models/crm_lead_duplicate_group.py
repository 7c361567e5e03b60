from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..engine import clustering, scoring, weights
from . import crm_lead_duplicate_labels as labels

#: Leads that hang together through pairs and are looked at when one of them changes.
MAX_CONNECTED = 1_000
#: Leads that a scan puts into groups at a time.
BATCH = 10_000


class CrmLeadDuplicateGroup(models.Model):
    """Leads that all look like one prospect, guarded against chains (promise B12)."""

    _name = "crm.lead.duplicate.group"
    _description = "Group of Possible Duplicates"
    _order = "score desc, id"
    _log_access = False

    duplicate_ids = fields.One2many(
        "crm.lead.duplicate", "group_id", string="Pairs", readonly=True
    )
    score = fields.Float(readonly=True, digits=(6, 1), aggregator="max", index=True)
    certainty = fields.Selection(labels.CERTAINTIES, required=True, readonly=True)
    shared = fields.Char(readonly=True)
    lead_count = fields.Integer(string="Leads", readonly=True)
    lead_ids = fields.Many2many(
        "crm.lead", compute="_compute_lead_ids", context={"active_test": False}
    )
    hidden_count = fields.Integer(
        string="Not visible to you",
        compute="_compute_lead_ids",
        help="Leads of this group that you may not read: ask their owners.",
    )
    team_id = fields.Many2one("crm.team", compute="_compute_lead_ids", string="Channel")
    user_id = fields.Many2one(
        "res.users", compute="_compute_lead_ids", string="Salesperson"
    )
    reasons_text = fields.Char(string="Why", compute="_compute_reasons_text")

    @api.depends("duplicate_ids")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_lead_ids(self):
        # sudo: which leads they are decides what is counted; names are read without
        pairs = self.sudo().duplicate_ids
        all_leads = pairs.lead_id + pairs.other_lead_id
        readable = all_leads.with_env(self.env)._filtered_access("read")
        for group in self:
            pairs = group.sudo().duplicate_ids
            both = (pairs.lead_id | pairs.other_lead_id).with_env(self.env)
            group.lead_ids = both & readable
            group.hidden_count = len(both - readable)
            group.team_id = group.lead_ids.team_id[:1]
            group.user_id = group.lead_ids.user_id[:1]

    @api.depends("lead_ids")
    def _compute_display_name(self):
        for group in self:
            names = [
                lead.contact_name or lead.partner_name or lead.name
                for lead in group.lead_ids
            ]
            group.display_name = ", ".join(
                dict.fromkeys(name for name in names if name)
            )

    @api.depends("duplicate_ids")
    @api.depends_context("lang")
    def _compute_reasons_text(self):
        """Say in short why the best pair is one; each pair says all."""
        for group in self:
            # sudo: subjects and weights, and no value of a lead
            reasons = group.sudo().duplicate_ids[:1].reasons
            group.reasons_text = labels.name_best(self.env, reasons)

    # ------------------------------------------------------------
    # Decide
    # ------------------------------------------------------------

    def action_merge(self):
        """Open the dialog that merges one group, or part of it; of several groups, the
        run that merges each of them, to be looked at and started.

        Of a group, that is the leads that the user may read; the others stay.
        """
        groups = [group.lead_ids for group in self if len(group.lead_ids) > 1]
        if not groups:
            raise UserError(
                self.env._(
                    "Of ‘%s’ there is only one record that you may read. Ask the "
                    "owner of the other one.",
                    self[:1].display_name,
                )
            )
        if len(groups) == 1:
            return groups[0]._open_merge_dialog()
        run = self.env["crm.lead.run"]._create_merges([leads.ids for leads in groups])
        return run.action_open()

    def action_keep_separate(self):
        """Remember that all leads of each group that one may read are separate."""
        return self.duplicate_ids.action_keep_separate()

    def action_ask_owner(self):
        """Ask the owners of the leads that the user may not read."""
        self.check_access("read")
        for group in self:
            # sudo: the hidden leads get an activity each, and nothing of them is read
            pairs = group.sudo().duplicate_ids
            hidden = (pairs.lead_id | pairs.other_lead_id) - group.lead_ids.sudo()
            hidden._ask_owner(group.lead_ids[:1])
        return True

    # ------------------------------------------------------------
    # Build
    # ------------------------------------------------------------

    @api.model
    def _regroup(self, lead_ids):
        """Build the groups again that any of these leads is connected with."""
        self.env["crm.lead.duplicate"].flush_model()
        # Raw SQL: a walk along the pairs, of unknown length, in one query.
        pairs = self.env.execute_query(
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
                SELECT lead_id, other_lead_id, score FROM crm_lead_duplicate
                 WHERE state = 'open' AND lead_id IN (SELECT id FROM connected)
                """,
                list(lead_ids),
                MAX_CONNECTED + len(lead_ids),
            )
        )
        touched = {*lead_ids, *(lead_id for pair in pairs for lead_id in pair[:2])}
        self._forget(touched)
        scores = {(one, other): score for one, other, score in pairs}
        self._create_groups(self._cluster(scores))

    @api.model
    def _regroup_all(self, frequencies):
        """Build all groups again.

        :param frequencies: of all terms, as the scan has them
        """
        # Raw SQL: all groups go, all pairs come.
        self.env["crm.lead.duplicate"].flush_model()
        self.env.cr.execute("DELETE FROM crm_lead_duplicate_group")
        self.env.cr.execute(
            """SELECT lead_id, other_lead_id, score FROM crm_lead_duplicate
                WHERE state = 'open'"""
        )
        scores = {(one, other): score for one, other, score in self.env.cr.fetchall()}
        for part in clustering.connected(scores, BATCH):
            self._create_groups(self._cluster(part, frequencies))

    @api.model
    def _get_certain_groups(self):
        """Return the groups that certain pairs alone make: [[lead id, …], …]."""
        matcher = self.env["crm.lead.matcher"]
        frequencies = self.env["crm.lead.match.term"]._get_frequencies()
        pairs = self.env["crm.lead.duplicate"].search_fetch([("state", "=", "open")])
        scores = {(one.lead_id.id, one.other_lead_id.id): one.score for one in pairs}
        certain = matcher._get_thresholds()[1]
        return [
            group
            for part in clustering.connected(scores, MAX_CONNECTED)
            for group in self._cluster(part, frequencies, least=certain)
        ]

    @api.model
    def _forget(self, lead_ids):
        """Remove the groups that any of these leads is in, and those left empty."""
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM crm_lead_duplicate_group WHERE id IN (
                    SELECT group_id FROM crm_lead_duplicate
                     WHERE lead_id = ANY(%(leads)s) OR other_lead_id = ANY(%(leads)s))
                """,
                leads=list(lead_ids),
            )
        )

    @api.model
    def _cluster(self, scores, frequencies=None, least=None):
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
        profiles = self.env["crm.lead.match.profile"]._load(lead_ids)
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
            return scoring.compare(
                profiles[one], profiles[other], frequencies, without
            ).score

        against = frequencies.prior + weights.AGAINST
        least = matcher._get_thresholds()[0] if least is None else least
        return clustering.cluster(scores, score, least, against)

    @api.model
    def _create_groups(self, groups):
        """Create one record a group, and put its pairs into it."""
        if not groups:
            return
        rows = [(place, lead) for place, group in enumerate(groups) for lead in group]
        # Raw SQL: as many groups as a scan finds, in one statement.
        self.env.cr.execute(
            SQL(
                """
                WITH member(place, lead_id) AS (
                    SELECT * FROM unnest(%s::int[], %s::int[])
                ), numbered AS MATERIALIZED (
                    SELECT place, count(*) AS leads,
                           nextval('crm_lead_duplicate_group_id_seq') AS id
                      FROM member GROUP BY place
                ), inside AS MATERIALIZED (
                    SELECT pair.id, one.place, pair.score, pair.certainty, pair.shared
                      FROM crm_lead_duplicate pair
                      JOIN member one ON one.lead_id = pair.lead_id
                      JOIN member other ON other.lead_id = pair.other_lead_id
                           AND other.place = one.place
                     WHERE pair.state = 'open'
                ), created AS (
                    INSERT INTO crm_lead_duplicate_group
                           (id, score, certainty, shared, lead_count)
                    SELECT numbered.id, max(inside.score), min(inside.certainty),
                           (array_agg(inside.shared ORDER BY inside.score DESC))[1],
                           min(numbered.leads)
                      FROM numbered JOIN inside USING (place) GROUP BY numbered.id
                    RETURNING id
                )
                SELECT inside.id, numbered.id FROM inside JOIN numbered USING (place)
                  JOIN created ON created.id = numbered.id
                """,
                [place for place, _lead in rows],
                [lead for _place, lead in rows],
            )
        )
        held = self.env.cr.fetchall()
        self.env.cr.execute(
            SQL(
                """UPDATE crm_lead_duplicate pair SET group_id = held.group_id
                     FROM unnest(%s::int[], %s::int[]) AS held(id, group_id)
                    WHERE held.id = pair.id""",
                [pair_id for pair_id, _group in held],
                [group_id for _pair, group_id in held],
            )
        )
        self.env.invalidate_all()
