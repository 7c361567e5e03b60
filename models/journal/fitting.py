import json

from psycopg2 import DataError

from odoo.tools import SQL

from ...references.obstacle import Unreadable
from . import restore
from .step import Step

#: Types of columns of which it is known what they can hold: see `restore.misfits`.
KNOWN_TYPES = frozenset(
    ("int2", "int4", "int8", "numeric", "float4", "float8", "bool", "varchar", "text",
     "bpchar", "date", "timestamp", "timestamptz")
)  # fmt: skip
TEXTS = frozenset(("varchar", "text", "bpchar"))
WHOLE_NUMBERS = frozenset(("int2", "int4", "int8"))


class Fitting(Step):
    """How rows are read that were remembered before their table became another one:
    with columns of another type."""

    def fit(self):
        """Write what is remembered as the columns can hold it by now.

        :return: conflicts, see `_get_conflicts`: what no column can hold any more
        """
        conflicts = []
        for line_ids, table, names, _has_ids in self.lines:
            model = self.get_model(table)
            fields = model._fields if model is not None else {}
            kinds = {
                name: kind
                for name in names
                if (kind := self._get_kind(self.columns[table][name], fields.get(name)))
            }
            # Raw SQL: what the journal says is read by SQL alone.
            query = kinds and restore.misfits(line_ids, kinds)
            found = self.env.execute_query(query) if kinds else []
            if not found:
                continue
            misfits = {(name, value) for _id, name, value, _is_restored in found}
            fitting = {}
            for name in {name for name, _value in misfits}:
                values = sorted(value for one, value in misfits if one == name)
                column, field = self.columns[table][name], fields.get(name)
                for value, fitted in self._convert(column, field, values).items():
                    fitting[name, value] = fitted
            self.env.cr.execute(
                restore.fit(
                    line_ids,
                    [(*misfit, new or "null") for misfit, new in fitting.items()],
                )
            )
            conflicts += [
                (table, row_id, name, json.loads(value), Unreadable())
                for row_id, name, value, is_restored in found
                if is_restored and fitting[name, value] is None
            ]
        return conflicts

    def _get_kind(self, column, field):
        """Return what `column` can hold as `restore.misfits` calls it, or None: what
        it holds is not known, and taken as it is."""
        if column.type == "jsonb" and field is not None:
            is_in_parts = field.translate or field.company_dependent
            return "parts" if is_in_parts or field.type == "properties" else None
        return column.type if column.type in KNOWN_TYPES else None

    def _convert(self, column, field, values):
        """Return {value: what the column holds instead, or None}, all as JSON."""
        read = {value: json.loads(value) for value in values}
        if column.type == "jsonb":
            return {value: self._divide(field, one) for value, one in read.items()}
        texts = {
            value: self._write_out(value, self._take_part(one))
            for value, one in read.items()
        }
        if column.type in TEXTS:
            return {
                value: None if text is None else json.dumps(text)
                for value, text in texts.items()
            }
        known = [value for value, text in texts.items() if text is not None]
        casts = self._cast(column.type, [texts[value] for value in known])
        return {**dict.fromkeys(values), **dict(zip(known, casts, strict=True))}

    def _divide(self, field, value):
        """Return a value as a field holds it that has one for each language, or for
        each company, by now: as JSON."""
        if isinstance(value, list) or field.type == "properties":
            return None
        if field.translate:
            return json.dumps({"en_US": str(value)})
        # sudo: each company has the value that all of them had
        companies = self.env["res.company"].sudo()._read_group([], ["id"])
        return json.dumps({str(company.id): value for (company,) in companies})

    def _take_part(self, value):
        """Return the part of a value that is the value where there is only one."""
        if not isinstance(value, dict):
            return value
        parts = [value.get("en_US"), value.get(str(self.env.company.id))]
        return next((one for one in (*parts, *value.values()) if one), None)

    def _write_out(self, value, part):
        """Return a part of a value as text, if it can be one."""
        if isinstance(part, str):
            return part
        if isinstance(part, bool):
            return "1" if part else "0"
        if isinstance(part, int | float):
            return value if not value.startswith("{") else str(part)
        return None

    def _cast(self, type_name, texts):
        """Return what each text is in a type of PostgreSQL, as JSON, or None."""
        if not texts:
            return []
        number = SQL("::numeric") if type_name in WHOLE_NUMBERS else SQL("")
        # Raw SQL: only PostgreSQL knows what it can read.
        query = SQL(
            """SELECT to_jsonb(text%s::%s)::text
                 FROM unnest(%s) WITH ORDINALITY AS asked(text, place)
             ORDER BY place""",
            number,
            SQL.identifier(type_name),
            texts,
        )
        try:
            with self.env.cr.savepoint(flush=False):
                self.env.cr.execute(query, log_exceptions=False)
                return [value for (value,) in self.env.cr.fetchall()]
        except DataError:
            if len(texts) == 1:
                return [None]
        half = len(texts) // 2  # few values say nothing: nearer to them each time
        return [
            *self._cast(type_name, texts[:half]),
            *self._cast(type_name, texts[half:]),
        ]
