from odoo import api, models
from odoo.tools import SQL, is_html_empty


class CrmLeadMergeImport(models.AbstractModel):
    """What leads that were merged away have said themselves."""

    _inherit = "crm.lead.merge.import"

    @api.model
    def _read_said(self, rows, names):
        """Return {id of a source: {field: what its lead said, at the merge and by files
        since}}; without what is not known any more.

        :param rows: `ImportedRow`s
        :param names: names of the fields to read
        """
        said = self._read_snapshots(rows, names)
        # sudo: nobody may read these rows but the engine
        sources = self.env["crm.lead.merge.source"].sudo().browse(said)
        for source in sources:
            known = said[source.id]
            for name, value in (source.imported_values or {}).items():
                value = self._from_json(name, value)
                known[name] = self._add(name, known.get(name), value)
        return said

    @api.model
    def _read_snapshots(self, rows, names):
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
            known = self._split_properties(snapshot or {})
            said[source_id] = {
                name: self._from_json(name, value) for name, value in known.items()
            }
            for name in names if row_id else ():
                if not self._is_file(name):
                    said[source_id].setdefault(name, False)
        for name in filter(self._is_links, columns):
            said_links = self._read_links(name, source_ids)
            for source_id, target_ids in said_links.items():
                said[source_id][name] = target_ids
        return said

    @api.model
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

    @api.model
    def _split_properties(self, values):
        """Return values in which each property is a field of its own."""
        properties = values.get("lead_properties") or {}
        return {
            **{name: one for name, one in values.items() if name != "lead_properties"},
            **{f"lead_properties.{name}": one for name, one in properties.items()},
        }

    @api.model
    def _from_json(self, name, value):
        """Return a value of a snapshot in the form in which values are written."""
        known = self.env["crm.lead"]._fields.get(name)
        if not value or known is None:
            return value or False
        if known.type == "datetime":
            return known.to_datetime(str(value).replace("T", " ")[:19])
        if known.type == "date":
            return known.to_date(value)
        if known.type == "html" and isinstance(value, str) and is_html_empty(value):
            return False
        if known.type == "binary" and str(value).startswith("\\x"):
            return bytes.fromhex(value[2:]).decode()
        return value

    @api.model
    def _add(self, name, said, value):
        """Return what a lead says once a row has said `value` about a field."""
        if not said:
            return value
        if self._is_links(name):
            return list({*said, *value})
        if isinstance(value, dict) and isinstance(said, dict):
            return {**said, **value}
        return value

    @api.model
    def _is_links(self, name):
        known = self.env["crm.lead"]._fields.get(name)
        return bool(known and known.type == "many2many" and known.store)

    @api.model
    def _is_file(self, name):
        return name in self.env["crm.lead.merge.planner"]._get_file_fields()
