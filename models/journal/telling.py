from collections import defaultdict
from dataclasses import dataclass, field

from . import restore
from .step import COUNTERS, Step

#: Editable fields whose compute method itself keeps what people typed.
MINDFUL_FIELDS = frozenset({("crm.lead", "probability")})


def _sets():
    return defaultdict(set)


@dataclass
class Change:
    """What undo changes, as far as the ORM computes anything from it.

    Each is {(model, field): ids of records}.

    :param restored: values that come back
    :param kept: values that are not as they were before, as they have been changed
        since or cannot come back
    :param left: values that are not as the merge left them
    :param known: values that are remembered
    :param untyped: editable values that nobody has typed
    :param dependents: {model: {field: ids}} of what is computed from what comes back,
        before and after it does
    :param gone: models of records that have been deleted since
    """

    restored: dict = field(default_factory=_sets)
    kept: dict = field(default_factory=_sets)
    left: dict = field(default_factory=_sets)
    known: dict = field(default_factory=_sets)
    untyped: dict = field(default_factory=_sets)
    dependents: dict = field(default_factory=lambda: defaultdict(_sets))
    gone: set = field(default_factory=set)


class Telling(Step):
    """How the ORM learns what undo brings back, so that it computes what follows.

    What is remembered of a computed value is right, to the last digit, where all that
    it is computed from is as it was. Where something has been changed since, or the
    value was not remembered, it is computed from what is there. What people may have
    typed stays.
    """

    def foretell(self, conflicts):
        """Say what undo is going to change.

        :param conflicts: what does not come back as it was, see
            `crm.lead.undoable._get_conflicts`
        :rtype: Change
        """
        change = Change()
        for line_ids, table, names, has_ids in self.lines:
            if table in COUNTERS:
                continue
            if not has_ids:
                self._foretell_links(change, line_ids, table)
            elif (model := self.get_model(table)) is not None:
                self._foretell_rows(change, line_ids, model, names)
        for table, row_id, column, *_values in conflicts:
            model = self.get_model(table)
            if model is not None and column in model._fields and row_id:
                change.kept[model._name, column].add(row_id)
        self._add_dependents(change, change.restored)
        self.journals._foretell(change)
        return change

    def _foretell_rows(self, change, line_ids, model, names):
        told, computed = self.journals._get_told_fields(model._name)
        # Raw SQL: what the journal says is read by SQL alone.
        columns = [name for name in names if name in told or name in computed]
        if columns:
            query = restore.touched(line_ids, model._table, columns)
            for name, *ids in self.env.execute_query(query):
                key = (model._name, name)
                restored, kept, left, known = (set(one or ()) for one in ids)
                if name in told:
                    change.restored[key] |= restored
                    change.kept[key] |= kept
                change.left[key] |= left
                change.known[key] |= known
        if not told and not computed:
            return
        query = restore.comings_and_goings(line_ids, model._table)
        for row_id, kind in self.env.execute_query(query):
            if kind == "gone":
                change.gone.add(model._name)
                continue
            for name in told:
                change.restored[model._name, name].add(row_id)
            if kind == "inserted":
                for name in computed & set(names):
                    change.known[model._name, name].add(row_id)

    def _foretell_links(self, change, line_ids, table):
        for (
            relation,
            *columns,
        ), sides in self.env.registry.many2many_relations.items():
            if relation != table:
                continue
            for model_name, name in sides:
                told, _computed = self.journals._get_told_fields(model_name)
                column = self.env[model_name]._fields[name].column1
                if name in told and column in columns:
                    # Raw SQL: what the journal says is read by SQL alone.
                    rows = self.env.execute_query(restore.linked(line_ids, column))
                    change.restored[model_name, name].update(one for (one,) in rows)

    # ------------------------------------------------------------
    # What is computed from it
    # ------------------------------------------------------------

    def _add_dependents(self, change, values):
        """Add what is computed from `values` as things stand."""
        for model_name, names, ids in self._group_by_records(values):
            found = self._find_dependents(model_name, names, ids)
            for dependent, dependent_ids in found.items():
                change.dependents[model_name][dependent] |= dependent_ids

    def _group_by_records(self, values):
        """Yield (model, names of fields, ids): those with the same records together."""
        groups = defaultdict(list)
        for (model_name, name), ids in values.items():
            if ids:
                groups[model_name, frozenset(ids)].append(name)
        for (model_name, ids), names in groups.items():
            yield model_name, names, ids

    def _find_dependents(self, model_name, names, ids):
        """Return {field: ids of the records} of what is computed from fields, and
        stored; nothing is computed yet."""
        # sudo: whatever follows from what comes back, whoever may see it
        records = self.env[model_name].sudo().browse(ids).exists()
        records.modified(names, before=True)
        found = {}
        for dependent in list(self.env.fields_to_compute()):
            waiting = self.env.records_to_compute(dependent)
            found[dependent] = set(waiting._ids)
            self.env.remove_to_compute(dependent, waiting)
        return found

    def tell(self, change, filled):
        """Have the ORM compute what follows from what has come back.

        :param Change change: what has been changed
        :param filled: see `Filling.fill`
        """
        self.env.flush_all()  # what waits already
        self._add_dependents(change, change.restored)
        outdated = self._find_outdated(change)
        to_compute = defaultdict(set)
        for dependents in change.dependents.values():
            for dependent, ids in dependents.items():
                key = (dependent.model_name, dependent.name)
                if not dependent.readonly:  # what people may have typed
                    ids = ids & change.untyped[key]
                to_compute[dependent] |= ids & outdated[dependent]
                to_compute[dependent] |= ids & change.left[key]
                to_compute[dependent] |= ids - change.known[key]
        for table, columns in filled.items():
            model = self.get_model(table)
            for name, ids in columns.items() if model is not None else ():
                new = model._fields.get(name)
                if new is not None and new.compute and new.store:
                    to_compute[new].update(ids)
        self._compute_anew(to_compute)

    def _find_outdated(self, change):
        """Return {field: ids} of what is computed from something that is not as it was
        before."""
        outdated = _sets()
        for model_name, names, ids in self._group_by_records(change.kept):
            found = self._find_dependents(model_name, names, ids)
            for dependent, dependent_ids in found.items():
                outdated[dependent] |= dependent_ids
        for model_name, dependents in change.dependents.items():
            if model_name == "crm.lead":
                continue
            # of a row that only moves, nobody knows whether it is as it was
            for dependent, ids in dependents.items():
                if dependent.model_name != model_name:
                    outdated[dependent] |= ids
        for dependent in self._get_dependents_of(change.gone):
            for dependents in list(change.dependents.values()):
                outdated[dependent] |= dependents[dependent]
        return outdated

    def _get_dependents_of(self, model_names):
        """Return the stored fields of other models that are computed from these."""
        return {
            dependent
            for model_name in model_names
            for own in self.env[model_name]._fields.values()
            for dependent in self.env.registry.get_dependent_fields(own)
            if dependent.store
            and dependent.compute
            and dependent.model_name != model_name
        }

    def _compute_anew(self, to_compute):
        """Compute stored fields of records, without a word to anyone.

        :param to_compute: {field: ids}
        """
        # sudo: whatever follows from what comes back, whoever may see it
        quiet = self.journals.sudo().with_context(tracking_disable=True)
        records_of, said = {}, {}
        for computed, ids in to_compute.items():
            records = quiet.env[computed.model_name].browse(ids).exists()
            if not records:
                continue
            records_of[computed] = records
            records.fetch([computed.name])  # else even an equal value would be written
            for sibling in records.pool.field_computed[computed]:
                key = (sibling.model_name, sibling.name)
                if sibling.store and not sibling.readonly and key not in MINDFUL_FIELDS:
                    typed = records.browse(ids - to_compute.get(sibling, set()))
                    for record in typed & records:
                        values = said.setdefault(computed, {})
                        values[sibling, record] = record[sibling.name]
        # all of them are waiting first, as one may be computed from another one
        for computed, records in records_of.items():
            quiet.env.add_to_compute(computed, records)
        for computed in sorted(records_of, key=lambda field: field not in said):
            records_of[computed]._recompute_field(computed)
            for (sibling, record), value in said.get(computed, {}).items():
                sibling.write(record, value)
        quiet.env.flush_all()
