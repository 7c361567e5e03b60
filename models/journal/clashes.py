import json

from ...references import catalogue
from ...references.catalogue import NUMBER_TYPES, UniqueKey
from ...references.obstacle import HeldBy
from . import restore
from .step import COUNTERS, FOUND_AGAIN, Step

#: How often rows are looked at again that have lost a value to others.
ROUNDS = 20


class Clashes(Step):
    """Values that only one row may have, and that another row has by now: the holder
    keeps it, and the row comes back without; a row that is no lead and cannot be
    without stays away, as the holder stands in for it."""

    def give_way(self):
        """Take out of the images what another row has by now.

        :return: conflicts, see `_get_conflicts`
        """
        conflicts = []
        for table, keys in self._get_unique_keys().items():
            groups = [group for group in self.lines if group[1] == table]
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
                    table, line_ids, self.columns[table], clashes, blanked
                )
        return [one for one in conflicts if one[0] not in FOUND_AGAIN]

    def free(self):
        """Give what only one row may have back to the rows that stay first, so that it
        is free for those that come back."""
        unique = {
            table: {name for key in keys for name in key.columns}
            for table, keys in self._get_unique_keys().items()
        }
        for line_ids, table, names, _has_ids in self.lines:
            own = [
                name
                for name in names
                if name in unique.get(table, ())
                and not self.columns[table][name].is_link
                and not self.columns[table][name].is_numbered
            ]
            if own:
                self.env.cr.execute(restore.update_changed(line_ids, table, own))

    def _get_unique_keys(self):
        """Return {table: [UniqueKey, …]} of the rows that come back."""
        tables = {table for _ids, table, _names, has_ids in self.lines if has_ids}
        return catalogue.read_unique_keys(self.env, tables - COUNTERS.keys())

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
                # a lead that cannot be without gets a new one: see `Filling`
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
        model = self.get_model(table)
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
