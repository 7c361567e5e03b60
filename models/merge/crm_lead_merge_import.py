from odoo import api, models
from odoo.tools import SQL

from .import_marks import MERGED_AWAY
from .import_news import News
from .import_own import OwnRows
from .imported_row import ImportedRow
from .old_ids import NEXT_MERGE


class CrmLeadMergeImport(models.AbstractModel):
    """What files say about leads that were merged, when they are imported again.

    How it works: a row speaks for the lead that had its external id, or the database
    id, before any merge. What it says is compared with what that lead said itself:
    nothing or the same is no news. News of a lead that was merged away fills a blank of
    the survivor or is set aside (`News`); news of the survivor itself is written as
    always. Whatever a merge wrote on the survivor stays where its own row has no news
    (`OwnRows`). So the order of the rows makes no difference.

    What a lead said is in the snapshot of the merge, and in ``imported_values`` since.
    Once snapshots are removed it is not known any more: no news is then what the
    survivor says, or what is set aside; and a blank takes nothing away.
    """

    _name = "crm.lead.merge.import"
    _description = "Import of Merged Leads"

    @api.model
    def _take(self, rows):
        """Take what rows say about leads that were merged away.

        :param rows: `ImportedRow`s
        :raise AccessError: if the user may not write the survivor or one of the fields,
            whether or not there is news
        """
        News(self.env).take(rows)

    @api.model
    def _drop_repeated(self, data_list, rows, own):
        """Return the list without what rows only repeat, see `OwnRows`.

        :param rows, own: see `_find_rows`
        """
        return OwnRows(self.env).drop_repeated(data_list, rows, own)

    @api.model
    def _find_rows(self, data_list, update=False):
        """Say which rows are about leads that were merged.

        :param data_list: see `_load_records`
        :return: ({place in the list: `ImportedRow`}, {place: id of a lead that is
            there}); rows that are new, or not to be updated, are in neither
        """
        xml_ids = [data["xml_id"] for data in data_list if data.get("xml_id")]
        known = self._find_external_ids(xml_ids)
        gone_ids = {
            data["info"][MERGED_AWAY]
            for data in data_list
            if (data.get("info") or {}).get(MERGED_AWAY)
        }
        by_number = self._find_sources(gone_ids)
        wanted = [source_id for _lead, _noupdate, source_id in known.values()]
        ways = self._find_ways({*filter(None, wanted), *by_number.values()})
        rows, own = {}, {}
        for place, data in enumerate(data_list):
            info, values = data.get("info") or {}, data["values"]
            if data.get("xml_id"):
                record = known.get(data["xml_id"], (None, False, None))
                lead_id, is_protected, source_id = record
                if lead_id is None or (update and is_protected):
                    continue
            else:
                lead_id = values.get("id")
                source_id = by_number.get(info.get(MERGED_AWAY))
            way = ways.get(source_id)
            if way and way[-1].id == lead_id:
                rows[place] = ImportedRow(source_id, *way, values, info)
            elif lead_id:
                own[place] = lead_id
        return rows, own

    @api.model
    def _find_external_ids(self, xml_ids):
        """Return {external id: (id of its lead, noupdate, id of the source that had it
        first, or None)}."""
        if not xml_ids:
            return {}
        self.env["ir.model.data"].flush_model()
        modules, _dots, names = zip(
            *(one.partition(".") for one in xml_ids), strict=True
        )
        # Raw SQL: thousands of external ids in one query, as the ORM itself asks.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT d.module || '.' || d.name, d.res_id, d.noupdate, (
                       SELECT source.id
                         FROM crm_lead_merge_source_external_id_rel rel
                         JOIN crm_lead_merge_source source ON source.id = rel.source_id
                         JOIN crm_lead_merge m
                           ON m.id = source.merge_id
                         JOIN crm_lead_journal journal
                           ON journal.id = m.journal_id AND journal.state = 'done'
                        WHERE rel.external_id = d.id ORDER BY m.id LIMIT 1)
                  FROM unnest(%s::text[], %s::text[]) AS asked(module, name)
                  JOIN ir_model_data d
                    ON d.module = asked.module AND d.name = asked.name
                 WHERE d.model = 'crm.lead'
                """,
                list(modules),
                list(names),
            )
        )
        return {xml_id: record for xml_id, *record in rows}

    @api.model
    def _find_sources(self, lead_ids):
        """Return {id of a lead that was merged away: id of its last source}."""
        if not lead_ids:
            return {}
        # Raw SQL: only ids; whether the survivor may be read was asked before.
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT DISTINCT ON (source.source_res_id)
                           source.source_res_id, source.id
                      FROM crm_lead_merge_source source JOIN crm_lead_merge m
                        ON m.id = source.merge_id
                      JOIN crm_lead_journal journal
                        ON journal.id = m.journal_id AND journal.state = 'done'
                     WHERE source.source_res_id = ANY(%s)
                  ORDER BY source.source_res_id, m.id DESC
                    """,
                    list(lead_ids),
                )
            )
        )

    @api.model
    def _find_ways(self, source_ids):
        """Follow sources through chains of merges, as `crm.lead.merge.resolve` does.

        :return: {id of a source: (id of its lead, id of the last merge, the lead it is
            now)}
        """
        if not source_ids:
            return {}
        self.env["crm.lead.merge"].flush_model()
        # Raw SQL: a chain of unknown length in one query; UNION ends circles.
        rows = self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE chain AS (
                    SELECT source.id, source.source_res_id, m.id AS merge_id,
                           m.survivor_res_id AS now_id
                      FROM crm_lead_merge_source source
                      JOIN crm_lead_merge m ON m.id = source.merge_id
                      JOIN crm_lead_journal journal
                        ON journal.id = m.journal_id AND journal.state = 'done'
                     WHERE source.id IN %(sources)s
                     UNION
                    SELECT chain.id, chain.source_res_id, latest.id,
                           latest.survivor_res_id
                      FROM chain, %(next)s
                )
                SELECT chain.* FROM chain JOIN crm_lead lead ON lead.id = now_id
                """,
                sources=tuple(source_ids),
                next=NEXT_MERGE,
            )
        )
        survivors = self.env["crm.lead"].browse({way[-1] for way in rows})
        now = {lead.id: lead for lead in survivors}
        return {
            source_id: (lead_id, merge_id, now[survivor_id])
            for source_id, lead_id, merge_id, survivor_id in rows
        }
