import logging

from odoo import fields, models
from odoo.tools import SQL

from ...exceptions import UndoRefused
from ...references.catalogue import written_by_database
from ..common.base import Answer, asking
from . import restore
from .step import Step

_logger = logging.getLogger(__name__)

#: Types of fields whose value in an image is the one that `create` takes.
PLAIN_TYPES = frozenset(
    ("boolean", "char", "date", "datetime", "float", "html", "integer", "many2one",
     "monetary", "selection", "text")
)  # fmt: skip
#: What a column says that says nothing, and takes no NULL.
NOTHING = {
    "varchar": SQL("''"),
    "text": SQL("''"),
    "bool": SQL("FALSE"),
    "int4": SQL("0"),
    "int8": SQL("0"),
    "numeric": SQL("0"),
    "float8": SQL("0"),
    "jsonb": SQL("'{}'::jsonb"),
    "date": SQL("CURRENT_DATE"),
    "timestamp": SQL("now()"),
}


class Filling(Step):
    """What rows say that come back, in columns that are newer than they are: what a new
    record would say, its number included, or what PostgreSQL has as default."""

    def fill(self):
        """Add to the images what they do not say and their table wants by now.

        :return: {table: {column: ids of the rows that know nothing of it}}
        """
        filled = {}
        for line_ids, table, _names, has_ids in self.lines:
            if not has_ids:
                continue
            known = self.columns[table]
            # Raw SQL: what the journal says is read by SQL alone.
            rows = self.env.execute_query(
                restore.blanks_to_fill(
                    line_ids,
                    table,
                    [one.name for one in known.values() if not one.is_generated],
                    [one.name for one in known.values() if one.is_required],
                )
            )
            if not rows:
                continue
            said = self._ask_create(table, rows)
            values = [
                (row_id, name, self._fill(table, known[name], said.get(row_id, {})))
                for row_id, _image, names in rows
                for name in names
            ]
            self.env.cr.execute(restore.set_before(line_ids, values))
            for row_id, name, _value in values:
                filled.setdefault(table, {}).setdefault(name, []).append(row_id)
        return filled

    def _fill(self, table, column, said):
        """Return what a row says in a column that it knows nothing of, as JSON.

        :param dict said: what a new record would say, see `_ask_create`
        """
        as_type = SQL.identifier(column.type)
        value = said.get(column.name)
        choices = [] if value is None else [SQL("%s::%s", value, as_type)]
        if column.default:
            choices.append(written_by_database(column.default))
        if column.is_required and not column.is_link and column.type in NOTHING:
            choices.append(NOTHING[column.type])
        # Raw SQL: as PostgreSQL writes it, see `crm.lead.journal`.
        [(filled,)] = self.env.execute_query(
            SQL(
                "SELECT to_jsonb(COALESCE(%s))::text",
                SQL(", ").join([*choices, SQL("NULL::%s", as_type)]),
            )
        )
        if filled is None and column.is_required and table == "crm_lead":
            filled = self._fill_from_survivor(column)
        return filled

    def _fill_from_survivor(self, column):
        """Return what the record that stays says, as JSON: the only one that is known
        to have a value."""
        # Raw SQL: as above.
        rows = self.env.execute_query(
            SQL(
                """SELECT (to_jsonb(t) -> %s)::text
                     FROM crm_lead t WHERE id IN (
                          SELECT (one ->> 'row_id')::int
                            FROM crm_lead_journal_line,
                                 jsonb_array_elements(changes) AS one
                           WHERE journal_id = ANY(%s) AND table_name = 'crm_lead')""",
                column.name,
                self.journals.ids,
            )
        )
        if rows:
            return rows[0][0]
        field = self.env["crm.lead"]._fields.get(column.name)
        raise UndoRefused(
            self.env._(
                "The field ‘%s’ is required by now, and has no default. Give it one, "
                "then undo.",
                field._description_string(self.env) if field else column.name,
            )
        )

    def _ask_create(self, table, rows):
        """Return what `create` would store of new records like rows, such as the next
        number of a sequence: {row id: {column: value}}.

        :param rows: [(row id, image, …), …]
        """
        model = self.get_model(table)
        if model is None:
            return {}
        # sudo: nobody makes a record here; and no word of it to anybody
        model = model.sudo().with_context(tracking_disable=True)
        vals_list = [self._prepare_like(model, image) for _id, image, *_names in rows]
        try:
            with self.env.cr.savepoint():
                stored = self._get_answer(model, vals_list)
        except Exception as error:
            _logger.info("%s would not make a record: %s", model._name, error)
            stored = [{} for _vals in vals_list]
        return {row[0]: values for row, values in zip(rows, stored, strict=True)}

    def _get_answer(self, model, vals_list):
        with asking(model):
            try:
                model.create(vals_list)
            except Answer as answer:
                return answer.stored
        raise UndoRefused(f"{model._name}.create")

    def _prepare_like(self, model, image):
        """Return the values for a new record that says what `image` says, as far as
        they are written as they are stored."""
        vals = {}
        for name, value in image.items():
            field = model._fields.get(name)
            if (
                field is None
                or value is None
                or name in models.MAGIC_COLUMNS
                or field.type not in PLAIN_TYPES
                or field.translate
                or field.company_dependent
                or (field.compute and field.readonly)
            ):
                continue
            if field.type == "datetime":
                value = fields.Datetime.to_datetime(value.replace("T", " ")[:19])
            vals[name] = value
        return vals
