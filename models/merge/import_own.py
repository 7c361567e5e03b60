from odoo.fields import Command
from odoo.tools import SQL

from ...engine.survivorship import is_blank
from .import_cells import Cells


class OwnRows:
    """Rows of survivors: what merges wrote on them stays where a row has no news.

    :param env: of who loads the file
    """

    def __init__(self, env):
        self.env = env
        self.cells = Cells(env)

    def drop_repeated(self, data_list, rows, own):
        """Return the list without what rows only repeat: of leads that were merged
        away everything (`News` has a look at it), of survivors what they said
        themselves before a merge wrote something else there.

        :param rows: {place: `ImportedRow`}
        :param own: {place: id of a lead}
        """
        if not rows and not own:
            return data_list
        names = {name for place in own for name in data_list[place]["values"]}
        merged = self._read_merged(set(own.values()), names) if own else {}
        kept = list(data_list)
        for place, row in rows.items():
            values = {} if data_list[place].get("xml_id") else {"id": row.survivor.id}
            kept[place] = {**data_list[place], "values": values}
        # sudo: to compare; who may write them is asked as they are written
        survivors = self.env["crm.lead"].sudo().browse(merged)
        now = {lead.id: lead for lead in survivors}
        for place, lead_id in own.items():
            if lead_id in merged:
                said = data_list[place]["values"]
                values = self._drop_own(now[lead_id], said, merged[lead_id])
                kept[place] = {**data_list[place], "values": values}
        return kept

    def _read_merged(self, lead_ids, names):
        """Return {lead id: {field: (what it said itself, what a merge made of it)}} of
        survivors, as far as nobody has changed that since; None instead of the fields
        where a snapshot has been removed."""
        # Raw SQL: snapshots are read by SQL alone.
        self.env["crm.lead"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT m.survivor_res_id, line.id IS NULL, name.name,
                       one -> 'before' -> name.name, one -> 'after' -> name.name,
                       to_jsonb(t) -> name.name
                  FROM crm_lead_merge m
                  JOIN crm_lead_journal journal
                    ON journal.id = m.journal_id AND journal.state = 'done'
                  JOIN crm_lead t ON t.id = m.survivor_res_id
             LEFT JOIN crm_lead_journal_line line
                    ON line.journal_id = m.journal_id AND line.table_name = 'crm_lead'
             LEFT JOIN LATERAL jsonb_array_elements(line.changes) AS one
                    ON (one ->> 'row_id')::int = m.survivor_res_id
             LEFT JOIN unnest(%s::text[]) AS name(name)
                    ON one -> 'before' -> name.name
                       IS DISTINCT FROM one -> 'after' -> name.name
                 WHERE m.survivor_res_id = ANY(%s)
              ORDER BY line.id
                """,
                list(names),
                list(lead_ids),
            )
        )
        merged = self._find_own(rows)
        known = {lead_id for lead_id, changes in merged.items() if changes is not None}
        for name in names if known else ():
            if self.cells.is_file(name):
                for lead_id in self._find_added_files(name, known):
                    merged[lead_id][name] = True
            elif self.cells.is_links(name):
                for lead_id, ids in self._read_added_links(name, known).items():
                    merged[lead_id][name] = ids
        return merged

    def _find_own(self, rows):
        """Return what `_read_merged` does of the fields that are columns.

        :param rows: [(lead id, whether it is forgotten, field, before, after, now), …]
            in the order of events
        """
        steps, merged = {}, {}
        for lead_id, is_forgotten, name, before, after, now in rows:
            merged.setdefault(lead_id, {})
            if is_forgotten:
                merged[lead_id] = None
            elif name:
                steps.setdefault((lead_id, name), []).append((before, after, now))
        for (lead_id, name), changes in steps.items():
            if merged[lead_id] is not None and changes[-1][1] == changes[-1][2]:
                own, made = changes[-1][0], changes[-1][2]
                for before, after, _now in reversed(changes[:-1]):
                    if after != own:
                        break
                    own = before
                merged[lead_id][name] = (own, made)
        return merged

    def _read_added_links(self, name, lead_ids):
        """Return {lead id: ids that merges added to a many2many field of it}, as far as
        they are there."""
        link = self.env["crm.lead"]._fields[name]
        # Raw SQL: as above.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT m.survivor_res_id, array_agg(DISTINCT t.%(target)s)
                  FROM crm_lead_merge m
                  JOIN crm_lead_journal journal
                    ON journal.id = m.journal_id AND journal.state = 'done'
                  JOIN crm_lead_journal_line line
                    ON line.journal_id = m.journal_id AND line.table_name = %(name)s,
                       jsonb_array_elements(line.changes) AS one, %(table)s t
                 WHERE m.survivor_res_id IN %(ids)s
                   AND t.%(lead)s = m.survivor_res_id
                   AND (one -> 'after' ->> %(lead_name)s)::int = m.survivor_res_id
                   AND (one -> 'after' ->> %(target_name)s)::int = t.%(target)s
              GROUP BY m.survivor_res_id
                """,
                ids=tuple(lead_ids),
                name=link.relation,
                table=SQL.identifier(link.relation),
                lead=SQL.identifier(link.column1),
                lead_name=link.column1,
                target=SQL.identifier(link.column2),
                target_name=link.column2,
            )
        )
        return dict(rows)

    def _find_added_files(self, name, lead_ids):
        """Return the ids of the leads of which a merge has exchanged a file."""
        # Raw SQL: as above.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT m.survivor_res_id
                  FROM crm_lead_merge m
                  JOIN crm_lead_journal journal
                    ON journal.id = m.journal_id AND journal.state = 'done'
                  JOIN ir_attachment t ON t.res_model = 'crm.lead'
                       AND t.res_id = m.survivor_res_id AND t.res_field = %s
                 WHERE m.survivor_res_id = ANY(%s)
                   AND (m.file_values -> m.survivor_res_id::text -> t.res_field
                        -> 'after' ->> 'id')::int = t.id
                """,
                name,
                list(lead_ids),
            )
        )
        return [lead_id for (lead_id,) in rows]

    def _drop_own(self, lead, values, changes):
        """Return what the row of a survivor says, without what takes away what merges
        wrote there though the lead itself has nothing new to say.

        :param changes: see `_read_merged`
        """
        kept = {}
        for name, value in values.items():
            known = lead._fields.get(name)
            if known is None or name == "id":
                kept[name] = value
            elif changes is None:
                kept.update(self._keep_unless_blank(known, value))
            elif name in changes:
                kept.update(self._keep_news(lead, known, value, changes[name]))
            else:
                kept[name] = value
        return kept

    def _keep_unless_blank(self, known, value):
        """Return {field: value}, or nothing: a blank may be as old as the file, and
        what is there may have come by a merge."""
        if known.type == "many2many":
            ids = self.cells.read_links(value)
            return {known.name: [Command.link(one) for one in ids]}
        if is_blank(value) and known.type != "boolean":
            return {}
        return {known.name: value}

    def _keep_news(self, lead, known, value, change):
        """Return {field: value} where a merge wrote something, as far as the row has
        news, or nothing.

        :param change: see `_read_merged`
        """
        if known.type == "many2many":
            return {known.name: self._keep_links(value, change)}
        if known.type == "properties":
            return {known.name: self._keep_properties(lead, known.name, value, change)}
        is_old = (
            self._is_old_file if self.cells.is_file(known.name) else self._is_repeated
        )
        return {} if is_old(lead, known.name, value, change) else {known.name: value}

    def _is_repeated(self, lead, name, value, change):
        """Return whether the row of a survivor says nothing, or the same as ever, where
        a merge has written something else.

        :param change: (what it said itself, what a merge made of it)
        """
        known = lead._fields[name]
        said, made = (self.cells.from_json(name, one) for one in change)
        value = self.cells.normalize(lead, name, value)
        if name in self.env["crm.lead.merge.fields"]._get_column_fields():
            part = self.cells.get_part(known)
            said, made = (self.cells.get_said(known, part, one) for one in (said, made))
        if said == made:
            return False
        return is_blank(value) or self.cells.is_equal(lead, name, value, said)

    def _is_old_file(self, lead, name, value, _change):
        """Return whether a file is none, or one that was set aside."""
        aside = lead.merged_value_ids.filtered(lambda one: one.field_name == name)
        value = value.decode() if isinstance(value, bytes) else value
        return not value or any((one.file or b"").decode() == value for one in aside)

    def _keep_properties(self, lead, name, value, change):
        said, made = (one or {} for one in change)
        cells = lead._fields[name].convert_to_cache(value, lead, validate=False) or {}
        repeated = {
            part
            for part, one in cells.items()
            if said.get(part) != made.get(part)
            and (is_blank(one) or one == said.get(part))
        }
        if isinstance(value, list):
            return [one for one in value if one["name"] not in repeated]
        return {part: one for part, one in cells.items() if part not in repeated}

    def _keep_links(self, value, added):
        """Return commands on a many2many field that keep what merges added."""
        if not added:
            return value
        if not value:
            return [Command.set(added)]
        return [
            Command.set([*command[2], *added])
            if command[0] == Command.SET
            else Command.set(added)
            if command[0] == Command.CLEAR
            else command
            for command in value
        ]
