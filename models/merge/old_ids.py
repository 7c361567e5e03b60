"""Where the ids of merged-away leads lead to (promise B5)."""

from odoo.tools import SQL

from ..common.arguments import is_id

#: SQL: one step of a walk through merges, ``chain`` being what was reached: ``latest``
#: has ``id, survivor_res_id`` of the last merge of a lead that is there no more.
NEXT_MERGE = SQL(
    """LATERAL (
           SELECT m.id, m.survivor_res_id
             FROM crm_lead_merge_source s JOIN crm_lead_merge m ON m.id = s.merge_id
             JOIN crm_lead_journal journal
               ON journal.id = m.journal_id AND journal.state = 'done'
            WHERE s.source_res_id = chain.now_id
         ORDER BY m.id DESC LIMIT 1) latest
     WHERE NOT EXISTS (SELECT FROM crm_lead lead WHERE lead.id = chain.now_id)"""
)


def resolve(env, lead_ids):
    """Return {id: id of the record it is now}, see `crm.lead.merge.resolve`."""
    now = {lead_id: lead_id for lead_id in lead_ids}
    lead_ids = list(filter(is_id, lead_ids))  # an address names any number
    # Raw SQL: a chain of unknown length, in one query that follows indexes, as each
    # page asks it. It reads only ids, and what the user may not read is taken out
    # below. A lead that is there is its own answer, also one that was merged and
    # left for the caller to delete. UNION drops what was seen already, so that
    # merges in a circle end.
    env["crm.lead.merge"].flush_model()
    env["crm.lead.journal"].flush_model(["state"])
    env["crm.lead.merge.source"].flush_model()
    rows = lead_ids and env.execute_query(
        SQL(
            """
            WITH RECURSIVE chain AS (
                SELECT source_res_id AS asked_id, source_res_id AS now_id
                  FROM crm_lead_merge_source WHERE source_res_id IN %(leads)s
                 UNION
                SELECT chain.asked_id, latest.survivor_res_id
                  FROM chain, %(next)s
            )
            SELECT asked_id, now_id FROM chain
              JOIN crm_lead lead ON lead.id = now_id
            """,
            leads=tuple(lead_ids),
            next=NEXT_MERGE,
        )
    )
    now.update(rows or ())
    leads = env["crm.lead"].browse(filter(is_id, now.values())).exists()
    readable = set(leads._filtered_access("read").ids)
    return {
        lead_id: survivor_id in readable and survivor_id
        for lead_id, survivor_id in now.items()
    }
