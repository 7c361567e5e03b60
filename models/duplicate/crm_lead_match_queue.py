import logging

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine.matching import profile
from ..common.attempt import attempt, carry_out

_logger = logging.getLogger(__name__)

#: Leads whose keys are built, and which are compared, at a time.
BATCH = 500


class CrmLeadMatchQueue(models.Model):
    """One lead that has changed since it was last compared.

    Only ever appended to by those who change leads, so that nobody waits for anybody; a
    lead may stand here more than once.
    """

    _name = "crm.lead.match.queue"
    _inherit = ["crm.lead.match.table"]
    _description = "Lead to be Compared"
    _order = "id"

    lead_id = fields.Integer(required=True, index=True, aggregator=None)
    is_built = fields.Boolean(help="Its keys are built, but it was not compared yet.")
    is_arrival = fields.Boolean(
        help="It has just come in, and may be merged by itself."
    )

    _unbuilt_index = models.Index("(id) WHERE is_built IS NOT TRUE")

    @api.model
    def _append(self, lead_ids, is_arrival=False):
        """Have leads compared by the next run of the scheduled action."""
        if lead_ids:
            # Raw SQL: one statement in every transaction that touches leads, no more.
            self.env.cr.execute(
                SQL(
                    """INSERT INTO crm_lead_match_queue (lead_id, is_arrival)
                       SELECT unnest(%s::int[]), %s""",
                    list(lead_ids),
                    is_arrival,
                )
            )

    @api.model
    def _append_missing(self):
        """Have all leads compared that never were, as after installation, or that have
        got another customer otherwise than by the ORM."""
        # Raw SQL: as many leads as there are.
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_lead_match_queue (lead_id)
                SELECT lead.id FROM crm_lead lead
             LEFT JOIN crm_lead_match_profile p ON p.lead_id = lead.id
             LEFT JOIN res_partner customer ON customer.id = lead.partner_id
                 WHERE p.lead_id IS NULL
                    OR split_part(p.data, E'\t', %s)
                       != COALESCE(customer.id::text, '')
                    OR split_part(p.data, E'\t', %s)
                       != COALESCE(customer.commercial_partner_id::text, '')
              ORDER BY lead.id
                """,
                profile.PLACES["partner"],
                profile.PLACES["entity"],
            )
        )

    @api.model
    def _get_waiting(self, limit):
        """Return the leads that have changed since they were last compared.

        :return: at most `limit` leads; None where more are waiting, or all, as while a
            scan is under way
        """
        self.env["crm.lead"].flush_model()
        self.env["crm.lead.scan"].flush_model(["state"])
        # Raw SQL: an index probe each where nothing waits, which is the rule.
        rows = self.env.execute_query(
            SQL(
                """(SELECT DISTINCT lead_id FROM crm_lead_match_queue LIMIT %s)
                    UNION ALL
                   (SELECT NULL FROM crm_lead_scan WHERE state != 'done' LIMIT 1)""",
                limit + 1,
            )
        )
        if len(rows) > limit or (None,) in rows:
            return None
        return self.env["crm.lead"].browse(lead_id for (lead_id,) in rows).exists()

    @api.model
    def _find_unbuilt(self, lead_ids, latest):
        """Return the leads whose stored keys are those of old values, or missing.

        :param lead_ids: leads that are asked about
        :param int latest: of all others, how many changes are looked at, the latest
            ones
        :return: {lead id: number of its last change; 0: none is known}
        """
        # Raw SQL: index probes where nothing waits, which is the rule; nothing is
        # locked or written, as people only read a page meanwhile.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT lead_id, max(id) FROM (
                    SELECT lead_id, id FROM crm_lead_match_queue
                     WHERE lead_id = ANY(%(leads)s) AND is_built IS NOT TRUE
                     UNION ALL
                   (SELECT lead_id, id FROM crm_lead_match_queue
                     WHERE is_built IS NOT TRUE ORDER BY id DESC LIMIT %(latest)s)
                     UNION ALL
                    SELECT wanted, 0 FROM unnest(%(leads)s::int[]) AS wanted
                     WHERE NOT EXISTS (SELECT FROM crm_lead_match_profile p
                                        WHERE p.lead_id = wanted)) change
              GROUP BY lead_id
                """,
                leads=list(lead_ids),
                latest=latest,
            )
        )
        return dict(rows)

    @api.model
    def _take_unbuilt(self, limit):
        """Return the leads whose keys are still those of old values, the latest first.

        They stay on the queue, to be compared.
        """
        # Raw SQL: one index probe where nothing waits, which is the rule.
        if not self.env.execute_query(
            SQL("SELECT FROM crm_lead_match_queue WHERE is_built IS NOT TRUE LIMIT 1")
        ):
            return []
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE crm_lead_match_queue SET is_built = TRUE WHERE id = ANY(ARRAY(
                    SELECT id FROM crm_lead_match_queue WHERE is_built IS NOT TRUE
                  ORDER BY id DESC LIMIT %s FOR UPDATE SKIP LOCKED))
                RETURNING lead_id
                """,
                limit,
            )
        )
        return list({lead_id for (lead_id,) in rows})

    @api.model
    def _take(self, limit=BATCH, with_arrivals=True, last=None):
        """Take the leads that have waited longest off the queue.

        :param bool with_arrivals: take those that have just come in, too
        :param int last: number of the last change that is taken; None: all are
        :return: {lead id: whether it has just come in}
        """
        # Raw SQL: what another run has taken is skipped, not waited for.
        rows = self.env.execute_query(
            SQL(
                """
                DELETE FROM crm_lead_match_queue WHERE id = ANY(ARRAY(
                    SELECT id FROM crm_lead_match_queue
                     WHERE (%(arrivals)s OR is_arrival IS NOT TRUE)
                       AND (%(last)s::int8 IS NULL OR id <= %(last)s::int8)
                  ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED))
                RETURNING lead_id, is_arrival
                """,
                arrivals=with_arrivals,
                last=last,
                limit=limit,
            )
        )
        taken = {}
        for lead_id, is_arrival in rows:
            taken[lead_id] = taken.get(lead_id, False) or bool(is_arrival)
        return taken

    @api.model
    def _take_for_scan(self, limit=BATCH):
        """Take the leads whose keys a scan has to build. What has just come in stays
        where it may be merged by itself, which `_cron_compare` does.

        :return: ids of leads
        """
        if not self._keeps_arrivals():
            return list(self._take(limit))
        taken = self._take(limit, with_arrivals=False)
        return list(taken) or self._take_unbuilt(limit)

    @api.model
    def _keeps_arrivals(self):
        """Hook: whether what has just come in waits for `_cron_compare`."""
        return False

    @api.model
    def _cron_compare(self):
        """Compare what has changed: scheduled every minute. What is put off meanwhile,
        and what changes, is the next run's."""
        last = self.search([], order="id desc", limit=1).id or 0
        commit = self.env["ir.cron"]._commit_progress
        commit()
        while handled := carry_out(self.env, self._compare_next, last):
            if not commit(handled, remaining=self.search_count([("id", "<=", last)])):
                break

    @api.model
    def _compare_next(self, last):
        """Compare the next leads, up to the change of number `last`.

        :return: how many they are
        """
        matcher = self.env["crm.lead.matcher"]
        matcher._be_alone()
        taken = self._take(last=last)
        if taken and attempt(self.env, matcher._compare_changed, taken) is not None:
            self._compare_apart(taken)
        return len(taken)

    @api.model
    def _compare_apart(self, taken):
        """Compare leads one by one, so that one that cannot be compared keeps nobody
        from it: it is left alone until it changes again."""
        matcher = self.env["crm.lead.matcher"]
        for lead_id, is_arrival in taken.items():
            error = attempt(self.env, matcher._compare_changed, {lead_id: is_arrival})
            if error is not None:
                # sudo: the log names it, whoever may read it
                lead = self.env["crm.lead"].sudo().browse(lead_id)
                _logger.error(
                    "Lead %s ‘%s’ is not compared with others until it changes",
                    lead_id,
                    lead.display_name,
                    exc_info=error,
                )
