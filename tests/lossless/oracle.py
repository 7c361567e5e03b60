"""What undo has to make of a database, told from three images of each value: before the
merge, as the merge left it, and later, when undo was asked for.

What nobody has changed since is as before; what was changed since stays, and was asked
about. Nothing here knows how undo is done: rows are read by SQL.
"""

from dataclasses import dataclass

from odoo.tools import SQL

from .database import State

#: Who wrote last, and when: no value of anybody.
STAMPS = {"write_uid", "write_date"}
#: Counted by core along with every change of any lead.
COUNTERS = {"crm_lead_scoring_frequency", "ir_sequence"}
#: Computed once, when something happened, or from what other leads say.
MOMENTS = {"automated_probability", "date_last_stage_update", "date_open", "day_open",
           "day_close", "is_automated_probability"}  # fmt: skip
#: Whose computed fields follow leads.
COMPUTED_MODELS = ("crm.lead", "x_lead_trial")


@dataclass
class Images:
    """The states of the tables that anything was written to.

    :param before: before the merge
    :param left: as the merge left them
    :param later: when undo was asked for
    :param undone: after it
    """

    before: State
    left: State
    later: State
    undone: State

    def of(self, table, key):
        """Return the four images of a row."""
        return (
            self.before.get(table, key),
            self.left.get(table, key),
            self.later.get(table, key),
            self.undone.get(table, key),
        )


class Oracle:
    """Says in words what undo did wrong.

    :param world: see `World`
    :param images: see `Images`
    :param conflicts: what undo asked about, see `crm.lead.undoable._get_conflicts`
    :param now: see `Later`
    """

    def __init__(self, world, images, conflicts, now):
        self.env = env = world.env
        self.images = images
        self.converted, self.said = now.converted, now.said
        self.computed = now.computed
        self.roots = world.roots
        self.asked = {
            (self._root(table), *rest) for table, *rest, _was, _now in conflicts
        }
        self.asked_rows = {conflict[:2] for conflict in self.asked}
        self.targets = world.targets
        self.fields = {}
        for model in env.registry.values():
            if not model._abstract and not model._transient:
                self.fields.setdefault(model._table, {}).update(model._fields)

    def find_faults(self):
        """Return in words what is neither as before nor as later, and what undo did not
        ask about."""
        faults = []
        for table in self.images.before.rows:
            if table in COUNTERS:
                continue
            keys = {
                key: None
                for state in vars(self.images).values()
                for key in state.rows.get(table, ())
            }
            for key in keys:
                if table == "ir_attachment" and self._is_value(key):
                    continue
                faults += self._check_row(table, key)
        return [*faults, *self._check_files()]

    # ------------------------------------------------------------
    # Rows
    # ------------------------------------------------------------

    def _check_row(self, table, key):  # noqa: C901 one fate of a row a branch
        before, left, later, undone = self.images.of(table, key)
        if type(key) is not int:
            yield from self._check_link(table, key)
        elif before and left and later:
            if undone:
                yield from self._check_columns(table, key)
            else:
                yield f"{table} {key}: is gone"
        elif left and not later:
            if undone:
                yield f"{table} {key}: was deleted later, and is back"
            elif before and self._differs(table, before, left):
                yield from self._want_asked(table, key, None, "was deleted later")
        elif later:
            yield from self._check_new(table, key)
        elif before and not undone:
            if not self._is_ruined(table, before) and not self._is_asked(table, key):
                yield f"{table} {key}: does not come back"
        elif before:
            yield from self._check_columns(table, key)
        elif undone:
            yield f"{table} {key}: was made by undo"

    def _check_link(self, table, key):
        before, left, later, undone = self.images.of(table, key)
        stays = before if bool(left) == bool(later) else later
        if bool(undone) == bool(stays):
            return
        if stays and self._is_ruined(table, stays):
            return
        yield f"{table} {key}: {'is gone' if stays else 'is there'}"

    def _check_new(self, table, key):
        """A row that was not there before the merge, or not as it left it."""
        before, left, later, undone = self.images.of(table, key)
        if left and not before and not self._differs(table, left, later):
            if undone and not self._is_asked(table, key):  # made by the merge
                yield f"{table} {key}: was made by the merge, and stays"
        elif not undone:
            if not self._is_ruined(table, later):
                yield from self._want_asked(table, key, None, "was written later")
        else:
            yield from self._check_columns(table, key)

    def _check_columns(self, table, key):
        before, left, later, undone = self.images.of(table, key)
        rows = (later or before,) * 3
        if before and left and later:
            rows = (before, left, later)
        for column, value in undone.items():
            if column in STAMPS or self._is_computed(table, column):
                continue
            if column not in rows[0]:  # newer than the merge
                if later and value != later[column]:
                    yield f"{table}.{column} of {key}: {value!r}, not {later[column]!r}"
                continue
            images = [row.get(column) for row in rows]
            if convert := self.converted.get((table, column)):
                images = [_convert(convert, image) for image in images]
            if (table, column) == ("crm_lead", "probability"):
                if value == undone["automated_probability"]:
                    continue  # nobody typed it
            yield from self._check_value(table, key, column, images, value)

    def _check_value(self, table, key, column, images, value):
        before, left, later = images
        if self._has_parts(table, column):
            said = [image or {} for image in (*images, value)]
            for part in {part: None for image in said for part in image}:
                yield from self._check_value(
                    table, key, f"{column}.{part}",
                    [image.get(part) for image in said[:3]], said[3].get(part),
                )  # fmt: skip
            return
        if (table, key, column) in self.said and left is before is later:
            if value == self.said[table, key, column] != before:
                yield from self._want_asked(table, key, column, "was loaded")
                return
        expected = before if later == left else later
        if value != expected or type(value) is not type(expected):
            if not self._is_gone(table, column, expected) or value is not None:
                if not self._is_asked(table, key, column) or value not in images:
                    yield (
                        f"{table}.{column} of {key}: {value!r}; before {before!r}, "
                        f"merged {left!r}, later {later!r}"
                    )
            return
        numbers = [float_or_text(image) for image in images]  # 0.0 is 0.00
        is_new = numbers[2] not in numbers[:2]
        is_blank = numbers[2] == 0 and not before  # as it was
        if before != left and is_new and not is_blank:
            reason = f"was {before!r}, then {left!r}, became {later!r} later"
            yield from self._want_asked(table, key, column, reason)

    def _want_asked(self, table, key, column, reason):
        if not self._is_asked(table, key, column):
            yield f"{table}.{column} of {key}: {reason}, and undo did not ask"

    def _root(self, table):
        """Return the table that a part of one, or an heir, belongs to."""
        table = table.removeprefix("public.")  # of those that others inherit from
        return self.roots.get(table, table)

    def _is_asked(self, table, key, column=None):
        table = self._root(table)
        if column is None:
            return (table, key) in self.asked_rows
        names = {column, column.partition(".")[0], None}
        return any((table, key, name) in self.asked for name in names)

    def _differs(self, table, before, left):
        return any(
            before[column] != left.get(column)
            for column in before
            if column not in STAMPS and not self._is_computed(table, column)
        )

    # ------------------------------------------------------------
    # What columns are
    # ------------------------------------------------------------

    def _is_computed(self, table, column):
        """Whether the ORM computes it, and nobody else writes it: `find_stale`."""
        field = self.fields.get(self._root(table), {}).get(column)
        return (
            column == "x_trial_generated"
            or column == "x_trial_total"
            or (table, column) in self.computed
            or field is not None
            and bool(field.compute)
            and field.readonly
        )

    def _has_parts(self, table, column):
        field = self.fields.get(self._root(table), {}).get(column)
        return field is not None and bool(
            field.type == "properties" or field.translate or field.company_dependent
        )

    def _is_gone(self, table, column, target_id):
        """Whether the row that a value points to has been deleted since the merge."""
        target = self.targets.get(table, {}).get(column.partition(".")[0])
        if target is None or target_id is None:
            return False
        return not self.images.undone.get(target, target_id) and bool(
            self.images.left.get(target, target_id)
        )

    def _is_ruined(self, table, row):
        """Whether the row needs another one that has been deleted since."""
        return any(
            self._is_gone(table, column, row.get(column))
            for column in self.targets.get(table, ())
        )

    # ------------------------------------------------------------
    # Files that are values
    # ------------------------------------------------------------

    def _is_value(self, key):
        rows = self.images.of("ir_attachment", key)
        return any(row and row["res_field"] for row in rows)

    def _check_files(self):
        images = [_read_values(state) for state in vars(self.images).values()]
        for place in {place: None for image in images for place in image}:
            before, left, later, undone = (image.get(place) for image in images)
            model, res_id, name = place
            expected = before if later == left else later
            if model == "crm.lead.merge.value":
                continue  # goes with the merge
            if undone != expected:
                yield f"File {place}: {undone}; {before}, {left}, {later}"
            elif before != left and later not in (left, before):
                table = self.env[model]._table
                yield from self._want_asked(table, res_id, name, "has a later file")


def float_or_text(value):
    """Return a number that PostgreSQL wrote as text as what it is."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


def _read_values(state):
    """Return {(model, id, field): checksum} of files that are values."""
    return {
        (row["res_model"], row["res_id"], row["res_field"]): row["checksum"]
        for row in state.rows.get("ir_attachment", {}).values()
        if row["res_field"]
    }


def _convert(convert, image):
    """A value of another type since; one that has been converted already stays."""
    return image if isinstance(image, dict | int) else convert(image)


def find_stale(world, state):
    """Let the ORM compute anew what it computes from leads; return in words what it had
    stored otherwise.

    :param world: see `World`
    :param state: the present one
    """
    env, rows_of = world.env, {}
    for table, rows in state.rows.items():
        rows_of.setdefault(world.roots.get(table, table), []).extend(rows)
    computed = {
        model: [
            field
            for field in env[model]._fields.values()
            if field.store and field.compute and field.readonly and field.column_type
            and field.name not in MOMENTS
        ]
        for model in COMPUTED_MODELS
        if env[model]._table in rows_of
    }  # fmt: skip
    records = {
        model: env[model].browse(rows_of[env[model]._table]).exists()
        for model in computed
    }
    before = _read_columns(env, records, computed)
    env.invalidate_all()
    for model, fields in computed.items():
        for field in fields:
            env.add_to_compute(field, records[model])
    after = _read_columns(env, records, computed)
    return [
        f"Computed {place}: {value!r}, but it is {after[place]!r}"
        for place, value in before.items()
        if value != after[place]
    ]


def _read_columns(env, records, computed):
    """Return {(model, id, field): value as PostgreSQL writes it}."""
    env.flush_all()
    values = {}
    for model, fields in computed.items():
        rows = env.execute_query(
            SQL(
                "SELECT id, to_jsonb(t) FROM %s t WHERE id = ANY(%s)",
                SQL.identifier(env[model]._table),
                records[model].ids,
            )
        )
        for row_id, row in rows:
            for field in fields:
                values[model, row_id, field.name] = row.get(field.name)
    return values
