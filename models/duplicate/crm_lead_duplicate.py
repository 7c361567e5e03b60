from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..common.arguments import check_one, check_records, get_records
from ..common.done_action import get_notification
from ..common.offered import OFFERED
from . import labels


class CrmLeadDuplicate(models.Model):
    """Two leads that look like the same prospect: how much, why, and what was decided.

    Nobody but the detector writes these rows; people decide by `action_keep_separate`
    and by merging. The row holds subjects and weights, never a value of a lead.
    """

    _name = "crm.lead.duplicate"
    _inherit = ["crm.lead.bound"]
    _description = "Possible Duplicate"
    _order = "score desc, id"
    _log_access = False
    _lead_fields = ("lead_id", "other_lead_id")

    # the index of the pair serves the first lead, too
    lead_id = fields.Many2one(
        "crm.lead", required=True, ondelete="cascade", readonly=True, context=OFFERED
    )
    other_lead_id = fields.Many2one(
        "crm.lead",
        string="Other lead",
        index=True,
        ondelete="cascade",
        readonly=True,
        context=OFFERED,
    )
    score = fields.Float(
        readonly=True,
        digits=(6, 1),
        aggregator="max",
        help="Bits for the two being one: each bit doubles the odds.",
    )
    certainty = fields.Selection(labels.CERTAINTIES, required=True, readonly=True)
    reasons = fields.Json(readonly=True)
    reasons_text = fields.Text(string="Why", compute="_compute_reasons_text")
    shared = fields.Char(readonly=True, help="Subjects on which the two agree.")
    # A digest of values, from which they could be guessed; the detector compares it.
    fingerprint = fields.Char(readonly=True, groups=fields.NO_ACCESS)
    state = fields.Selection(
        [("open", "Open"), ("separate", "Kept separate"), ("merged", "Merged")],
        default="open",
        required=True,
        readonly=True,
    )
    separate_uid = fields.Many2one(
        "res.users", string="Kept separate by", readonly=True
    )
    separate_date = fields.Datetime(string="Kept separate on", readonly=True)
    group_id = fields.Many2one(
        "crm.lead.duplicate.group",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    scan_number = fields.Integer(readonly=True, aggregator=None)

    _pair_unique = models.UniqueIndex("(lead_id, other_lead_id)")
    _check_pair = models.Constraint(
        "CHECK (state = 'merged' OR lead_id < other_lead_id)",
        "A pair is two different leads, the one with the lower number first.",
    )

    @api.depends("reasons")
    @api.depends_context("lang", "uid")
    def _compute_reasons_text(self):
        # sudo: `describe` leaves out what this user may not be told
        for pair in self.sudo():
            pair.with_env(self.env).reasons_text = "\n".join(
                f"{label} ({bits:+.1f})"
                for label, bits in labels.describe(self.env, pair.reasons)
            )

    @api.model
    def _has_field_access(self, field, operation):
        """Leave the findings as they are stored to those who may see all fields that
        are compared; `reasons_text` has what others may be told of them."""
        if field.name in labels.STORED and labels.get_hidden_subjects(self.env):
            return False
        return super()._has_field_access(field, operation)

    @api.depends("lead_id", "other_lead_id")
    def _compute_display_name(self):
        for pair in self:
            both = pair.lead_id + pair.other_lead_id
            pair.display_name = " ≈ ".join(lead._name_offered() for lead in both)

    # ------------------------------------------------------------
    # Decide
    # ------------------------------------------------------------

    def action_keep_separate(self):
        """Remember that the two leads of each pair are two prospects.

        Asked again only when a value in which they agreed has changed.

        :return: an action: the notification that says so
        :raise AccessError: where a lead may not be changed by this user
        :raise UserError: where no two leads are left to be kept separate
        """
        check_records(self, "read")
        if not self.filtered(lambda pair: pair.state != "merged"):
            raise UserError(
                self.env._(
                    "There are no two records to keep separate any more. Reload the "
                    "page."
                )
            )
        leads = self.lead_id + self.other_lead_id
        leads.check_access("write")
        groups = self.group_id.ids
        # sudo: nobody may write pairs but the detector
        self.sudo().filtered(lambda pair: pair.state == "open").write(
            {
                "state": "separate",
                "separate_uid": self.env.uid,
                "separate_date": fields.Datetime.now(),
                "group_id": False,
            }
        )
        # sudo: nor groups
        self.env["crm.lead.duplicate.group"].sudo()._regroup(leads.ids, groups)
        return self._tell_kept_separate({"type": "ir.actions.act_window_close"})

    @api.model
    def _tell_kept_separate(self, next_action):
        """Return the action that says where to take the decision back, and goes on."""
        message = self.env._("Kept separate.")
        if self.env.user.has_group("crm.group_use_lead"):  # who has that menu
            message = self.env._(
                "Kept separate. Ask again under Leads → Kept Separate."
            )
        return get_notification(message, next_action)

    def action_ask_again(self):
        """Take the decision back that the two are separate."""
        check_records(self, "read")
        leads = self.lead_id + self.other_lead_id
        leads.check_access("write")
        # sudo: as above
        self.sudo().filtered(lambda pair: pair.state == "separate").write(
            {"state": "open", "separate_uid": False, "separate_date": False}
        )
        self.env["crm.lead.duplicate.group"].sudo()._regroup(leads.ids)
        return True

    def action_merge(self):
        """Open the dialog that merges the two leads of this pair."""
        check_one(self)
        check_records(self, "read")
        return (self.lead_id + self.other_lead_id)._open_merge_dialog()

    def action_compare(self):
        """Open the comparison of the two leads of this pair."""
        check_one(self)
        check_records(self, "read")
        return (self.lead_id + self.other_lead_id).action_compare()

    # ------------------------------------------------------------
    # Explain
    # ------------------------------------------------------------

    @api.model
    def explain(self, lead_id, other_lead_id):
        """Say why two leads match, or why they do not.

        :return: ``{"score", "certainty", "reasons": [{"subject", "label", "bits",
            "value", "other_value"}, …]}``; the first reason is what is known of any two
            leads before they are compared. Of fields that the user may not see, nothing
            is told, nor counted.
        :raise AccessError: if the user may not read both
        :raise NotAnId: if what was given is not the id of one lead
        """
        ids = [lead_id, other_lead_id]
        lead, other = (get_records(self.env, "crm.lead", [one]) for one in ids)
        match = self.env["crm.lead.matcher"]._compare_seen(lead, other)
        certainty = self.env["crm.lead.matcher"]._get_certainty(match.score)
        before = self.env._("Any two leads are hardly ever the same")
        reasons = [{"subject": "prior", "label": before, "bits": round(match.prior, 1)}]
        for each in match.findings:
            ((label, bits),) = labels.describe(self.env, [each[:3]])
            reasons.append(
                {
                    "subject": each.subject,
                    "label": label,
                    "bits": round(bits, 1),
                    "value": each.one,
                    "other_value": each.other,
                }
            )
        return {
            "score": round(match.score, 1),
            "certainty": certainty,
            "reasons": reasons,
        }

    # ------------------------------------------------------------
    # Keep
    # ------------------------------------------------------------

    @api.model
    def _store(self, found, lead_ids):
        """Keep what was found about leads, and forget what does not hold any more.

        :param found: {lead id: {other lead id: `Match`}}
        :param lead_ids: the leads that were compared
        """
        pairs = {
            (min(lead_id, other), max(lead_id, other)): match
            for lead_id, matches in found.items()
            for other, match in matches.items()
        }
        changed = self._upsert(pairs)
        # Raw SQL: as in `_upsert`; pairs that people decided about stay.
        gone = self.env.execute_query(
            SQL(
                """
                DELETE FROM crm_lead_duplicate
                 WHERE state = 'open' AND (lead_id = ANY(%(leads)s)
                       OR other_lead_id = ANY(%(leads)s))
                   AND NOT EXISTS (
                       SELECT FROM unnest(%(ones)s::int[], %(others)s::int[]) kept(a, b)
                        WHERE kept.a = lead_id AND kept.b = other_lead_id)
                RETURNING lead_id, other_lead_id, group_id
                """,
                leads=list(lead_ids),
                ones=[one for one, _other in pairs],
                others=[other for _one, other in pairs],
            )
        )
        self.env.invalidate_all()
        touched = {*changed, *(lead_id for row in gone for lead_id in row[:2])}
        groups = {row[2] for row in gone if row[2]}
        if touched:
            # sudo: nobody may write groups but the detector
            self.env["crm.lead.duplicate.group"].sudo()._regroup(list(touched), groups)

    @api.model
    def _upsert(self, pairs, scan_number=0):
        """Store pairs with their scores and reasons.

        What was kept separate stays so as long as the values match that did then.

        :param pairs: {(lead id, other lead id): `Match`}
        :return: ids of the leads in them
        """
        if not pairs:
            return set()
        self.flush_model()
        lead_ids = {lead_id for pair in pairs for lead_id in pair}
        alive = self._find_alive(lead_ids)
        rows = [
            self._prepare_row(pair, match)
            for pair, match in pairs.items()
            if alive.issuperset(pair)
        ]
        if not rows:
            return set()
        # Raw SQL: thousands of rows at a time, and what is there is compared in place.
        # Nothing is inserted that is there: it would draw a number all the same, and
        # numbers would run out. Two that insert the same pair at once begin again.
        self.env.cr.execute(
            SQL(
                """
                WITH new AS MATERIALIZED (
                    SELECT * FROM unnest(%(columns)s)
                        AS new(lead_id, other_lead_id, score, certainty, reasons,
                               shared, fingerprint)
                ), changed AS (
                    UPDATE crm_lead_duplicate known SET
                           score = new.score, certainty = new.certainty,
                           reasons = new.reasons, shared = new.shared,
                           fingerprint = new.fingerprint, scan_number = %(scan)s,
                           state = CASE WHEN known.fingerprint = new.fingerprint
                                   THEN known.state ELSE 'open' END,
                           separate_uid = CASE
                               WHEN known.fingerprint = new.fingerprint
                               THEN known.separate_uid END,
                           separate_date = CASE
                               WHEN known.fingerprint = new.fingerprint
                               THEN known.separate_date END
                      FROM new
                     WHERE known.lead_id = new.lead_id
                       AND known.other_lead_id = new.other_lead_id
                )
                INSERT INTO crm_lead_duplicate (lead_id, other_lead_id, score,
                       certainty, reasons, shared, fingerprint, state, scan_number)
                SELECT new.*, 'open', %(scan)s FROM new
                 WHERE NOT EXISTS (
                       SELECT FROM crm_lead_duplicate known
                        WHERE known.lead_id = new.lead_id
                          AND known.other_lead_id = new.other_lead_id)
                ON CONFLICT (lead_id, other_lead_id) DO NOTHING
                """,
                scan=scan_number,
                columns=SQL(
                    "%s::int[], %s::int[], %s::float[], %s::text[], %s::jsonb[], "
                    "%s::text[], %s::text[]",
                    *map(list, zip(*rows, strict=True)),
                ),
            )
        )
        self.invalidate_model(flush=False)
        return alive

    @api.model
    def _find_alive(self, lead_ids):
        """Return those of the ids that are leads, which nobody can delete meanwhile: a
        pair of a lead that is gone would be refused by the database."""
        # Raw SQL: the lock that storing a pair takes anyhow, in the order of ids.
        rows = self.env.execute_query(
            SQL(
                """SELECT id FROM crm_lead WHERE id = ANY(%s)
                 ORDER BY id FOR KEY SHARE""",
                list(lead_ids),
            )
        )
        return {lead_id for (lead_id,) in rows}

    @api.model
    def _prepare_row(self, pair, match):
        reasons = [[each.subject, each.outcome, each.bits] for each in match.findings]
        return (
            *pair,
            match.score,
            self.env["crm.lead.matcher"]._get_certainty(match.score) or "likely",
            labels.to_json(reasons),
            " ".join(match.agreements),
            match.fingerprint,
        )

    @api.model
    def _search_of(self, leads):
        """Return the pairs that any of `leads` is in."""
        # sudo: pairs end with a lead whether or not the user may read the other one
        return self.sudo().search(
            ["|", ("lead_id", "in", leads.ids), ("other_lead_id", "in", leads.ids)]
        )

    @api.model
    def _get_known(self, lead_ids):
        """Return what is stored of leads, without what was kept separate.

        :return: {lead id: {other lead id: (score, reasons)}}, the best first
        """
        self.flush_model()
        # Raw SQL: asked for with every page of leads, so nothing but an index scan.
        rows = self.env.execute_query(
            SQL(
                """SELECT lead_id, other_lead_id, score, reasons FROM crm_lead_duplicate
                    WHERE state = 'open' AND score >= %(least)s
                      AND (lead_id = ANY(%(leads)s) OR other_lead_id = ANY(%(leads)s))
                 ORDER BY score DESC, id""",
                leads=list(lead_ids),
                least=self.env["crm.lead.matcher"]._get_thresholds()[0],
            )
        )
        known = {lead_id: {} for lead_id in lead_ids}
        for one, other, score, reasons in rows:
            for lead_id, similar in ((one, other), (other, one)):
                if lead_id in known:
                    known[lead_id][similar] = score, reasons
        return known

    @api.model
    def _get_separate(self, lead_ids):
        """Return {(lead id, other lead id): fingerprint}, both ways round, of what was
        kept separate; of a record that is being typed in, nothing is asked."""
        if not lead_ids:
            return {}
        self.flush_model()
        # Raw SQL: asked for with every list of leads, so nothing but an index scan.
        rows = self.env.execute_query(
            SQL(
                """SELECT lead_id, other_lead_id, fingerprint FROM crm_lead_duplicate
                    WHERE state = 'separate'
                      AND (lead_id = ANY(%(leads)s)
                            OR other_lead_id = ANY(%(leads)s))""",
                leads=list(lead_ids),
            )
        )
        return {
            pair: fingerprint
            for one, other, fingerprint in rows
            for pair in ((one, other), (other, one))
        }

    @api.model
    def _keep_separate(self, lead, other):
        """Keep two leads separate, whether or not they were found by the scan.

        :return: as `action_keep_separate`
        """
        leads = (lead + other).sorted("id")
        leads.check_access("write")
        match = self.env["crm.lead.matcher"]._compare(*leads)
        self._upsert({tuple(leads.ids): match})
        # sudo: a pair is read by whoever may read both leads, which was checked
        pair = self.sudo().search(
            [("lead_id", "=", leads[0].id), ("other_lead_id", "=", leads[1].id)]
        )
        return pair.with_user(self.env.user).action_keep_separate()
