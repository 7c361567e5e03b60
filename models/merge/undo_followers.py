from odoo.tools import SQL

from ...references.table import identity


class Unsubscribed:
    """Whoever followed several of the leads, and stopped following since: undo does not
    make them follow again, and says so (promise B2).

    :param merges: `crm.lead.merge`
    """

    def __init__(self, merges):
        self.env = merges.env
        self.journals = merges.journal_id

    def _find(self):
        """Return [(id of a follower that was dropped, id of the source, id of the
        partner), …] of those who do not follow the survivor any more."""
        # Raw SQL: what the journal says is read by SQL alone. What hooks deleted has
        # lines that are computed later.
        return self.env.execute_query(
            SQL(
                """
                SELECT (one ->> 'row_id')::int, (one -> 'before' ->> 'res_id')::int,
                       partner.id
                  FROM crm_lead_journal_line line
                  JOIN crm_lead_merge merge ON merge.journal_id = line.journal_id,
                       jsonb_array_elements(line.changes) AS one
                  JOIN res_partner partner
                    ON partner.id = (one -> 'before' ->> 'partner_id')::int
                 WHERE line.journal_id = ANY(%(ids)s) AND %(table)s = %(name)s
                   AND line.is_computed_later IS NOT TRUE AND one -> 'after' = 'null'
                   AND NOT EXISTS (
                       SELECT FROM mail_followers follower
                        WHERE follower.res_model = 'crm.lead'
                          AND follower.res_id = merge.survivor_id
                          AND follower.partner_id = partner.id)
              ORDER BY 2, 3
                """,
                ids=self.journals.ids,
                # by any name, as where others inherit from it
                table=identity(SQL.identifier("line", "table_name")),
                name=identity(SQL("'mail_followers'")),
            )
        )

    def find_names(self):
        """List who stopped following since, a line for each source, as
        `_get_conflicts` does."""
        partners = {}
        for _row_id, source_id, partner_id in self._find():
            partners.setdefault(source_id, []).append(partner_id)
        Partner = self.env["res.partner"]
        return [
            ("crm_lead", source_id, "message_follower_ids", names, None)
            for source_id, ids in partners.items()
            if (names := self._get_names(Partner.browse(ids)))
        ]

    def _get_names(self, partners):
        readable = partners._filtered_access("read")
        return ", ".join(readable.mapped("display_name")) or self.env._("Somebody")

    def forget(self):
        """Forget their followers: undo leaves them unsubscribed."""
        row_ids = [row_id for row_id, *_ids in self._find()]
        if row_ids:
            self.journals._forget_rows(
                ("mail_followers",),
                SQL("(one ->> 'row_id')::int = ANY(%s)", row_ids),
            )
            self.journals._forget_rows(
                ("mail_followers_mail_message_subtype_rel",),
                SQL(
                    "(one -> 'before' ->> 'mail_followers_id')::int = ANY(%s)", row_ids
                ),
            )
