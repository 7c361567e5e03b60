"""Properties: a jsonb object ``{property: id or ids}``, and the defaults of a
definition: a jsonb list of ``{"name": …, "comodel": …, "default": …}``."""

from dataclasses import dataclass

from odoo.tools import SQL

from .reference import Reference


def _replaced(value: SQL, lead_ids, survivor_id) -> SQL:
    """`value` (jsonb: an id, or a list of ids) with `lead_ids` become `survivor_id`."""
    texts = tuple(str(lead_id) for lead_id in lead_ids)
    return SQL(
        """CASE jsonb_typeof(%(value)s)
           WHEN 'array' THEN (
               SELECT jsonb_agg(to_jsonb(one.id) ORDER BY one.place) FROM (
                   SELECT CASE WHEN item.value IN %(texts)s THEN %(survivor_id)s
                               ELSE item.value::int END AS id,
                          min(item.place) AS place
                     FROM jsonb_array_elements_text(%(value)s)
                          WITH ORDINALITY AS item(value, place)
                    GROUP BY 1) AS one)
           ELSE to_jsonb(%(survivor_id)s::int) END""",
        value=value,
        texts=texts,
        survivor_id=survivor_id,
    )


def _holds(value: SQL, lead_ids) -> SQL:
    """Condition: `value` (jsonb) is, or lists, one of `lead_ids`."""
    is_one = " || ".join(f"@ == {int(lead_id)}" for lead_id in lead_ids)
    return SQL("%s @? %s::jsonpath", value, f"$[*] ? ({is_one})")


@dataclass(frozen=True)
class PropertyValue(Reference):
    """A many2one or many2many property that points to leads, of any model.

    :param property_name: its key in the jsonb object
    """

    property_name: str = ""

    @property
    def name(self) -> str:
        return f"{self.table}.{self.column}.{self.property_name}"

    @property
    def _value(self) -> SQL:
        return SQL("%s -> %s", self.column_sql, self.property_name)

    def holds(self, lead_ids):
        return _holds(self._value, lead_ids)

    def moved(self, lead_ids, survivor_id):
        return SQL(
            "jsonb_set(%s, ARRAY[%s], %s)",
            self.column_sql,
            self.property_name,
            _replaced(SQL("(%s)", self._value), lead_ids, survivor_id),
        )


@dataclass(frozen=True)
class PropertyDefault(Reference):
    """The default of a property that points to leads, in its definition."""

    def holds(self, lead_ids):
        return SQL(
            """EXISTS (SELECT 1 FROM jsonb_array_elements(%s) AS one
                        WHERE one ->> 'comodel' = %s AND %s)""",
            self.column_sql,
            self.target,
            _holds(SQL("one -> 'default'"), lead_ids),
        )

    def moved(self, lead_ids, survivor_id):
        return SQL(
            """(SELECT jsonb_agg(CASE
                    WHEN one.value ->> 'comodel' = %s AND %s
                    THEN jsonb_set(one.value, '{default}', %s)
                    ELSE one.value END ORDER BY one.place)
                  FROM jsonb_array_elements(%s)
                       WITH ORDINALITY AS one(value, place))""",
            self.target,
            _holds(SQL("one.value -> 'default'"), lead_ids),
            _replaced(SQL("(one.value -> 'default')"), lead_ids, survivor_id),
            self.column_sql,
        )
