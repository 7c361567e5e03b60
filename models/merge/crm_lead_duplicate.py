from odoo import api, fields, models
from odoo.tools import SQL


class CrmLeadDuplicate(models.Model):
    """How a pair ends when a lead in it is merged."""

    _inherit = "crm.lead.duplicate"

    merge_id = fields.Many2one(
        "crm.lead.merge",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help="The merge that ended this pair, or that this decision was taken over in.",
    )

    @api.model
    def _end_pairs(self, merge, survivor, sources):
        """Mark the pairs that are merged; let the survivor inherit what was kept
        separate from its sources. The journal sees what the ORM does here."""
        self.flush_model()
        pairs = self._search_of(sources)
        if not pairs:
            return
        leads, groups = survivor + sources, pairs.group_id
        merged = pairs.filtered(lambda pair: pair.lead_id + pair.other_lead_id <= leads)
        self._inherit_separate(merge, survivor, sources)
        merged.write(
            {
                "state": "merged",
                "merge_id": merge.id,
                "lead_id": survivor.id,
                "other_lead_id": False,
                "group_id": False,
            }
        )
        (pairs - merged).unlink()
        self.flush_model()
        groups._recount()

    @api.model
    def _inherit_separate(self, merge, survivor, sources):
        """Keep separate from the survivor what was kept separate from its sources."""
        # Raw SQL: the pair may be there already, and the order of ids may turn.
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_lead_duplicate (
                       lead_id, other_lead_id, score, certainty, reasons, shared,
                       fingerprint, state, separate_uid, separate_date, merge_id)
                SELECT least(%(survivor)s, other), greatest(%(survivor)s, other),
                       score, certainty, reasons, shared,
                       fingerprint, 'separate', separate_uid, separate_date, %(merge)s
                  FROM (SELECT *, CASE WHEN lead_id = ANY(%(sources)s)
                               THEN other_lead_id ELSE lead_id END AS other
                          FROM crm_lead_duplicate
                         WHERE state = 'separate' AND (lead_id = ANY(%(sources)s)
                               OR other_lead_id = ANY(%(sources)s))) pair
                 WHERE other != ALL(%(sources)s) AND other != %(survivor)s
                ON CONFLICT (lead_id, other_lead_id) DO NOTHING
                """,
                survivor=survivor.id,
                sources=sources.ids,
                merge=merge.id,
            )
        )

    @api.model
    def _forget_inherited(self, merge):
        """Remove the decisions that a merge, now undone, has handed on."""
        # sudo: as in `_end_pairs`
        self.sudo().search(
            [("merge_id", "=", merge.id), ("state", "=", "separate")]
        ).unlink()
