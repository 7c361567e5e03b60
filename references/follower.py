"""Followers: one a person and record, each with the kinds of message they follow."""

from dataclasses import dataclass

from odoo.tools import SQL

from .link_table import LinkTable
from .model_and_id import ModelAndId


@dataclass(frozen=True)
class Follower(ModelAndId):
    """A follower of a lead. Whoever follows several of the leads keeps one follower,
    the survivor's, otherwise the oldest lead's, with the kinds of message of all."""

    unique_by: tuple[str, ...] = ("partner_id",)
    rank = LinkTable.rank

    def move(self, lead_ids, survivor_id):
        """As for any reference; double subscriptions are dropped."""
        return SQL(
            """
            ranked AS (
                SELECT t.id, t.res_id AS lead_id, to_jsonb(t) AS before,
                       %(rank)s AS rank
                  FROM %(table)s t WHERE %(holds)s
            ), gone AS (
                DELETE FROM %(table)s t USING ranked
                 WHERE t.id = ranked.id AND ranked.lead_id != %(survivor_id)s
                   AND ranked.rank > 1
                RETURNING ranked.id, ranked.before
            ), moved AS (
                UPDATE %(table)s t SET res_id = %(survivor_id)s FROM ranked
                 WHERE t.id = ranked.id AND ranked.lead_id != %(survivor_id)s
                   AND ranked.rank = 1
                RETURNING ranked.id, ranked.before, to_jsonb(t) AS after
            ), changed AS (
                SELECT id AS row_id, before, after FROM moved
                UNION ALL SELECT id, before, NULL FROM gone
            )
            """,
            table=self.rows,
            rank=self.rank(lead_ids, survivor_id),
            holds=self.holds([survivor_id, *lead_ids]),
            survivor_id=survivor_id,
        )

    def cascades(self, lead_ids, survivor_id):
        """The kinds of message that the dropped followers had chosen: whoever chose
        them for any of the leads goes on getting them."""
        return [
            (
                "mail_followers_mail_message_subtype_rel",
                SQL(
                    """
                    ranked AS (
                        SELECT t.id, t.res_id AS lead_id, %(rank)s AS rank,
                               t.partner_id
                          FROM %(table)s t WHERE %(holds)s
                    ), lost AS (
                        SELECT stays.id AS follower_id, rel.mail_message_subtype_id,
                               to_jsonb(rel) AS before
                          FROM ranked gone
                          JOIN ranked stays ON stays.partner_id = gone.partner_id
                           AND stays.rank = 1
                          JOIN mail_followers_mail_message_subtype_rel rel
                            ON rel.mail_followers_id = gone.id
                         WHERE gone.rank > 1 AND gone.lead_id != %(survivor_id)s
                    ), gained AS (
                        INSERT INTO mail_followers_mail_message_subtype_rel AS rel
                               (mail_followers_id, mail_message_subtype_id)
                        SELECT follower_id, mail_message_subtype_id FROM lost
                        ON CONFLICT DO NOTHING
                        RETURNING to_jsonb(rel) AS after
                    ), changed AS (
                        SELECT NULL::int AS row_id, before, NULL::jsonb AS after
                          FROM lost
                         UNION ALL
                        SELECT NULL, NULL, after FROM gained
                    )
                    """,
                    table=self.rows,
                    rank=self.rank(lead_ids, survivor_id),
                    holds=self.holds([survivor_id, *lead_ids]),
                    survivor_id=survivor_id,
                ),
            )
        ]
