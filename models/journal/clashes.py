import json

from odoo import models

from ...references import catalogue
from ...references.catalogue import NUMBER_TYPES, UniqueKey
from ...references.obstacle import HeldBy
from . import restore
from .crm_lead_journal import COUNTERS, FOUND_AGAIN

#: How often rows are looked at again that have lost a value to others.
ROUNDS = 20


class CrmLeadJournal(models.AbstractModel):
    """Values that only one row may have, and that another row has by now: the holder
    keeps it, and the row comes back without; a row that is no lead and cannot be
    without stays away, as the holder stands in for it."""

    _inherit = "crm.lead.journal"

    def _get_unique_keys(self, tables):
        """Return {table: [UniqueKey, …]}."""
        keys = {}
        # Raw SQL: the catalogue of the database has no model.
        for table, *key in self.env.execute_query(catalogue.list_unique_keys(tables)):
            name, expressions, condition, columns, is_blank_a_value = key
            keys.setdefault(table, []).append(
                UniqueKey(
                    name,
                    tuple(expressions),
                    condition,
                    tuple(columns),
                    is_blank_a_value,
                )
            )
        return keys

    def _journal_yield(self, lines, columns):
        """Take out of the images what another row has by now.

        :param lines: see `_get_journal_lines`
        :param columns: see `_get_table_columns`
        :return: conflicts, see `_get_conflicts`
        """
        tables = {table for _ids, table, _names, has_ids in lines if has_ids}
        conflicts = []
        for table, keys in self._get_unique_keys(tables - COUNTERS.keys()).items():
            groups = [group for group in lines if group[1] == table]
            line_ids = [line_id for ids, *_rest in groups for line_id in ids]
            names = list({name for group in groups for name in group[2]})
            blanked = set()
            for _round in range(ROUNDS):
                clashes = [
                    (key, *clash)
                    for key in keys
                    # Raw SQL: what the journal says is read by SQL alone.
                    for clash in self.env.execute_query(
                        restore.clashes(line_ids, table, names, key)
                    )
                ]
                if not clashes:
                    break
                conflicts += self._yield_to(
                    table, line_ids, columns[table], clashes, blanked
                )
        return [one for one in conflicts if one[0] not in FOUND_AGAIN]

    def _yield_to(self, table, line_ids, columns, clashes, blanked):
        """Take out of the images what others hold.

        :param columns: {name: Column} of the table
        :param clashes: [(UniqueKey, row id, row as it would be, row as it is, id of the
            holder), …], see `restore.clashes`
        :param blanked: {(row id, column), …} taken out so far, filled
        :return: conflicts, see `_get_conflicts`
        """
        values, away, conflicts = [], [], []
        for key, row_id, image, now, holder_id in clashes:
            able = [
                name
                for name in self._get_columns_to_blank(table, key, columns)
                if (row_id, name) not in blanked
            ]
            name = able[0] if able else key.columns[0]
            if able or (table == "crm_lead" and now is None):
                # a lead that cannot be without gets a new one: see `_journal_fill`
                values.append((row_id, name, None))
            elif now is None:
                name = None
                away.append(row_id)
            else:
                values += [(row_id, one, json.dumps(now[one])) for one in key.columns]
            blanked.add((row_id, name))
            before = image.get(name)
            conflicts.append((table, row_id, name, before, HeldBy(table, holder_id)))
        # Raw SQL: what the journal says is written by SQL alone.
        if values:
            self.env.cr.execute(restore.set_before(line_ids, values))
        if away:
            self.env.cr.execute(restore.leave_away(line_ids, away))
        return conflicts

    def _get_columns_to_blank(self, table, key: UniqueKey, columns):
        """Return the columns of `key` that a row can be without: what is a number of
        its own; of a lead, which comes back in any case, then anything else."""
        model = self._get_table_model(table)
        fields = model._fields if model is not None else {}
        able = [
            name
            for name in key.columns
            if not columns[name].is_required and not columns[name].is_generated
        ]
        numbers = [
            name
            for name in able
            if not columns[name].is_link
            and (name not in fields or fields[name].type in NUMBER_TYPES)
        ]
        return numbers if table != "crm_lead" else [*numbers, *able]
