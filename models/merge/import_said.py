from odoo.tools import SQL

from .import_cells import Cells


class Said:
    """What leads that were merged away have said themselves: it is in the snapshot of
    the merge, and in ``imported_values`` since.

    :param env: of who loads the file
    """

    def __init__(self, env):
        self.env = env
        self.cells = Cells(env)

    def read_said(self, rows, names):
        """Return {id of a source: {field: what its lead said, at the merge and by files
        since}}; without what is not known any more.

        :param rows: `ImportedRow`s
        :param names: names of the fields to read
        """
        said = self.read_snapshots(rows, names)
        # sudo: nobody may read these rows but the engine
        sources = self.env["crm.lead.merge.source"].sudo().browse(said)
        for source in sources:
            known = said[source.id]
            for name, value in (source.imported_values or {}).items():
                value = self.cells.from_json(name, value)
                known[name] = self.cells.add(name, known.get(name), value)
        return said

    def read_snapshots(self, rows, names):
        """Return the same of the time of the merge alone."""
        source_ids = list({row.source_id for row in rows})
        columns = {name.partition(".")[0] for name in names}
        # Raw SQL: snapshots are read by SQL alone, each of them once.
        snapshots = self.env.execute_query(
            SQL(
                """
                WITH asked AS (
                    SELECT source.id, m.journal_id, source.source_res_id
                      FROM crm_lead_merge_source source
                      JOIN crm_lead_merge m ON m.id = source.merge_id
                     WHERE source.id = ANY(%(ids)s)
                ), image AS MATERIALIZED (
                    SELECT line.journal_id, (one ->> 'row_id')::int AS row_id,
                           (SELECT jsonb_object_agg(name, one -> 'before' -> name)
                              FROM unnest(%(names)s) AS name
                             WHERE one -> 'before' ? name) AS said
                      FROM crm_lead_journal_line line,
                           jsonb_array_elements(line.changes) AS one
                     WHERE line.journal_id IN (SELECT journal_id FROM asked)
                       AND line.table_name = 'crm_lead' AND one -> 'before' ? 'id')
                SELECT asked.id, image.row_id, image.said
                  FROM asked LEFT JOIN image ON image.journal_id = asked.journal_id
                       AND image.row_id = asked.source_res_id
                """,
                ids=source_ids,
                names=sorted(columns),
            )
        )
        said = {}
        for source_id, row_id, snapshot in snapshots:
            known = self.cells.split_properties(snapshot or {})
            said[source_id] = {
                name: self.cells.from_json(name, value) for name, value in known.items()
            }
            for name in names if row_id else ():
                if not self.cells.is_file(name):
                    said[source_id].setdefault(name, False)
        for name in filter(self.cells.is_links, columns):
            said_links = self._read_links(name, source_ids)
            for source_id, target_ids in said_links.items():
                said[source_id][name] = target_ids
        return said

    def _read_links(self, name, source_ids):
        """Return {id of a source: ids that a many2many field of its lead held}."""
        link = self.env["crm.lead"]._fields[name]
        # Raw SQL: as above.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT source.id, array_agg((one -> 'before' ->> %(target)s)::int)
                  FROM crm_lead_merge_source source
                  JOIN crm_lead_merge m ON m.id = source.merge_id
                  JOIN crm_lead_journal_line line ON line.journal_id = m.journal_id
                       AND line.table_name = %(table)s,
                       jsonb_array_elements(line.changes) AS one
                 WHERE source.id = ANY(%(ids)s)
                   AND (one -> 'before' ->> %(lead)s)::int = source.source_res_id
              GROUP BY source.id
                """,
                ids=source_ids,
                table=link.relation,
                lead=link.column1,
                target=link.column2,
            )
        )
        return dict(rows)
