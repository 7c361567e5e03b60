from odoo.tools import SQL

from .import_cells import Cells


class Filling:
    """How news fills blanks of survivors: as a part of the merge that it came by, so
    that undo takes it back.

    :param env: of who loads the file
    """

    def __init__(self, env):
        self.env = env
        self.cells = Cells(env)

    def fill(self, fills):
        """Write on survivors what fills their blanks, as a part of the merge that the
        news came by: undo takes it back.

        :param fills: {(merge id, lead id): {field: value}}
        """
        while fills:
            batch, later = {}, {}
            for (merge_id, lead_id), values in fills.items():
                is_free = all(lead_id != one for _merge, one in batch)
                (batch if is_free else later)[merge_id, lead_id] = values
            self._fill_batch(batch)
            fills = later

    def _fill_batch(self, fills):
        """Do so with several survivors, each of them once."""
        # sudo: nobody may write the journal but the engine
        merges = self.env["crm.lead.merge"].sudo()
        journal_of = {
            merge.id: merge.journal_id.id
            for merge in merges.browse(one for one, _lead in fills)
        }
        journal = merges.journal_id
        merge_ids, lead_ids = map(list, zip(*fills, strict=True))
        self.env.flush_all()
        # Raw SQL: rows as PostgreSQL writes them, see `crm.lead.journal`.
        before = dict(
            self.env.execute_query(
                SQL(
                    "SELECT id, to_jsonb(t)::text FROM crm_lead t WHERE id = ANY(%s)",
                    lead_ids,
                )
            )
        )
        leads = self.env["crm.lead"]
        leads._write_imported(
            {leads.browse(lead_id): one for (_merge, lead_id), one in fills.items()}
        )
        self.env.flush_all()
        journal._record_each(
            "crm_lead",
            SQL(
                """
                SELECT filled.journal_id, t.id AS row_id, (
                       SELECT jsonb_object_agg(now.key, filled.was -> now.key)
                         FROM jsonb_each(to_jsonb(t)) AS now
                        WHERE now.value IS DISTINCT FROM filled.was -> now.key)
                       AS before, (
                       SELECT jsonb_object_agg(now.key, now.value)
                         FROM jsonb_each(to_jsonb(t)) AS now
                        WHERE now.value IS DISTINCT FROM filled.was -> now.key)
                       AS after
                  FROM unnest(%s::int[], %s::int[], %s::jsonb[])
                       AS filled(journal_id, lead_id, was)
                  JOIN crm_lead t ON t.id = filled.lead_id
                 WHERE to_jsonb(t) != filled.was
                """,
                [journal_of[merge_id] for merge_id in merge_ids],
                lead_ids,
                [before[lead_id] for lead_id in lead_ids],
            ),
        )
        self._record_links(journal_of, fills)

    def _record_links(self, journal_of, fills):
        """Remember the links that were made with it.

        :param journal_of: {id of a merge: id of its journal}
        """
        # sudo: nobody may write the journal but the engine
        journal = self.env["crm.lead.journal"].sudo()
        for name in {name for values in fills.values() for name in values}:
            if not self.cells.is_links(name):
                continue
            link = self.env["crm.lead"]._fields[name]
            made = [
                (merge_id, lead_id, target_id)
                for (merge_id, lead_id), values in fills.items()
                for target_id in values.get(name, ())
            ]
            journal._record_each(
                link.relation,
                SQL(
                    """
                    SELECT made.journal_id, NULL::int AS row_id,
                           NULL::jsonb AS before, to_jsonb(t) AS after
                      FROM unnest(%(journals)s::int[], %(leads)s::int[],
                                  %(targets)s::int[]) AS made(journal_id, lead, target)
                      JOIN %(table)s t
                        ON t.%(lead)s = made.lead AND t.%(target)s = made.target
                    """,
                    journals=[
                        journal_of[merge_id] for merge_id, _lead, _target in made
                    ],
                    leads=[lead_id for _merge, lead_id, _target in made],
                    targets=[target_id for _merge, _lead, target_id in made],
                    table=SQL.identifier(link.relation),
                    lead=SQL.identifier(link.column1),
                    target=SQL.identifier(link.column2),
                ),
            )
