from ...references.catalogue import read_foreign_keys
from . import restore
from .step import COUNTERS, FOUND_AGAIN, Step


class Gone(Step):
    """What rows point to that has been deleted since: they come back without, and rows
    that cannot be without do not."""

    def mend(self, yielded):
        """Take out of the images what points to something deleted since; rows that
        cannot be without do not come back.

        :param yielded: see `Clashes`: what points to a row that has said itself
            that it does not come back is no conflict of its own
        :return: conflicts, see `_get_conflicts`
        """
        away = {(table, row_id) for table, row_id, column, *_ in yielded if not column}
        restored_ids = [one for line_ids, *_rest in self.lines for one in line_ids]
        emptied, is_complete = [], False
        while not is_complete:  # what points to a row that does not come back, neither
            is_complete = True
            for line_ids, table, columns, _has_ids in self.lines:
                if table in COUNTERS:
                    continue
                keys = read_foreign_keys(self.env, table, columns)
                required = {name for name, _target, is_required in keys if is_required}
                target_of = {name: target for name, target, _is_required in keys}
                gone = self._find_gone(line_ids, keys, restored_ids)
                # Raw SQL: what the journal says is written by SQL alone.
                for column, target_id in {(column, one) for _, column, one, _ in gone}:
                    is_complete = is_complete and column not in required
                    self.env.cr.execute(
                        restore.forget_target(
                            line_ids, column, target_id, column in required
                        )
                    )
                if table in FOUND_AGAIN:
                    continue
                emptied += [
                    self._explain_link(table, column, link)
                    if link
                    else (table, row_id, column, target_id, None)
                    for row_id, column, target_id, link in gone
                    if (target_of[column], target_id) not in away
                ]
        return emptied

    def give_stages(self, emptied):
        """Put leads whose stage has been deleted since into the first one of their
        channel, as core does with new leads.

        :param emptied: what `mend` has returned
        """
        leads = self.env["crm.lead"].browse(
            row_id
            for table, row_id, column, *_values in emptied
            if (table, column) == ("crm_lead", "stage_id")
        )
        leads = leads.filtered(lambda lead: not lead.stage_id)
        if not leads:
            return
        # not by `write`: it would tell followers, and the scoring once too often
        with self.env.protecting([leads._fields["stage_id"]], leads):
            leads._compute_stage_id()
        leads.modified(["stage_id"])

    def _find_gone(self, line_ids, keys, restored_ids):
        """Return what undo would bring back, but points to what is there no more.

        :param keys: see `read_foreign_keys`
        :param restored_ids: ids of lines: the rows they bring back count as there
        :return: [(row id, column, id, the whole row of a link), …]
        """
        target_of = {column: target for column, target, _is_required in keys}
        # Raw SQL: what the journal says is read by SQL alone. Not in one query, which
        # would take PostgreSQL longer to prepare than all of them take.
        ask = self.env.execute_query
        held = ask(restore.targets_held(line_ids, list(target_of))) if keys else []
        wanted = {}
        for _row_id, column, target_id, _link in held:
            wanted.setdefault(target_of[column], set()).add(target_id)
        gone = set(ask(restore.rows_gone(wanted))) if wanted else set()
        if gone:
            row_ids = {row_id for _table, row_id in gone}
            for table, row_id in ask(restore.rows_deleted(restored_ids, row_ids)):
                gone.discard((self.get_root(table), row_id))
        return [row for row in held if (target_of[row[1]], row[2]) in gone]

    def _explain_link(self, table, column, link):
        """Return a link that does not come back as what its record says: a lead and its
        tags are known to people, the table of their links is not.

        :param dict link: the row
        """
        root = self.get_root(table)
        for model in self.env.registry.values():
            for field in model._fields.values() if not model._abstract else ():
                if (
                    field.type == "many2many"
                    and field.store
                    and (field.relation, field.column2) == (root, column)
                ):
                    row_id = link[field.column1]
                    return (model._table, row_id, field.name, link[column], None)
        return (table, None, column, link[column], None)
