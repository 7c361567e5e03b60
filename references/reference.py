"""What all places that can hold the id of a lead, or another record, have in common."""

from collections.abc import Sequence
from dataclasses import dataclass

from odoo.tools import SQL

from . import table as tables

MODEL = "crm.lead"
# The column in which activities and ratings keep the name of their record.
NAME = "res_name"
# Where images keep what tells their row from another one that got its id since.
IDENTITY = "@row"


@dataclass(frozen=True)
class Reference:
    """One column that can hold the id of a lead, or of a record of another model.

    Fragments of SQL refer to the row as ``t``.

    :param table: the table it is in
    :param column: the column that holds the id
    :param model: the model stored in that table, if there is one
    :param field: the field stored in that column, if there is one
    :param is_transient: rows of dialogs: moved along, neither counted nor remembered
    :param derived: further columns that the ORM computes from this one
    :param target: the model whose ids are meant
    :param relative: the table meant instead, of those that inherit from each other: see
        `references.table`
    :param is_value: it is a value of a lead itself: what becomes of it on the record
        that is merged into, the plan decides
    :param identifying: the columns that tell a row from another one that gets its id
        later, as from a dump
    """

    table: str
    column: str
    model: str | None = None
    field: str | None = None
    is_transient: bool = False
    derived: tuple[str, ...] = ()
    target: str = MODEL
    relative: str = ""
    is_value: bool = False
    identifying: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """The table whose rows are meant, as the journal calls it."""
        return self.relative or self.table

    @property
    def rows(self) -> SQL:
        """The rows of that table, in statements."""
        return tables.rows_of(self.place)

    @property
    def name(self) -> str:
        """The name of this place in plans and errors: ``table.column``."""
        return f"{self.table}.{self.column}"

    @property
    def column_sql(self) -> SQL:
        """The column, of the row ``t``."""
        return SQL.identifier("t", self.column)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns a move changes: what is remembered of each row."""
        return (self.column, NAME) if NAME in self.derived else (self.column,)

    def assignments(self, lead_ids: Sequence[int], survivor_id: int) -> SQL:
        """What a move sets: the id, and the name of the lead where rows have a copy."""
        moved = SQL(
            "%s = %s", SQL.identifier(self.column), self.moved(lead_ids, survivor_id)
        )
        if NAME not in self.derived:
            return moved
        name = SQL("(SELECT name FROM crm_lead WHERE id = %s)", survivor_id)
        return SQL("%s, %s = %s", moved, SQL.identifier(NAME), name)

    def holds(self, lead_ids: Sequence[int]) -> SQL:
        """Condition: the row ``t`` holds one of `lead_ids`."""
        raise NotImplementedError

    def moves(self, lead_ids: Sequence[int], survivor_id: int) -> SQL:
        """Condition: the row ``t`` holds one of `lead_ids`, and a move changes it."""
        if self.is_value:
            return SQL("%s AND t.id != %s", self.holds(lead_ids), survivor_id)
        return self.holds(lead_ids)

    def moved(self, lead_ids: Sequence[int], survivor_id: int) -> SQL:
        """Value of the column once each of `lead_ids` is `survivor_id`."""
        raise NotImplementedError

    def count(self, lead_ids: Sequence[int]) -> SQL:
        """Query: how many rows hold one of `lead_ids`."""
        return SQL(
            "SELECT count(*) FROM %s t WHERE %s",
            self.rows,
            self.holds(lead_ids),
        )

    def move(self, lead_ids: Sequence[int], survivor_id: int) -> SQL:
        """Common table expressions that rewrite the rows. The last one, ``changed``,
        has ``row_id, before, after`` of each, as jsonb objects of `columns`; a row that
        was dropped has no ``after``, a row without an id no ``row_id``.

        Nothing is locked first: in Odoo's transactions (``REPEATABLE READ``) a row that
        somebody else has changed meanwhile is not updated but refused."""
        return SQL(
            """
            held AS (
                SELECT t.id, %(image)s AS before FROM %(table)s t
                 WHERE %(holds)s
            ), changed AS (
                UPDATE %(table)s t SET %(assignments)s
                  FROM held WHERE t.id = held.id
                RETURNING t.id AS row_id, held.before, %(image)s AS after
            )
            """,
            table=self.rows,
            assignments=self.assignments(lead_ids, survivor_id),
            image=row_image("t", self.columns, self.identifying),
            holds=self.moves(lead_ids, survivor_id),
        )

    def cascades(self, lead_ids: Sequence[int], survivor_id: int) -> list:
        """What a move deletes elsewhere: (table, common table expressions that end with
        ``changed``, as those of `move` do)."""
        return []


def row_image(
    alias: str, columns: Sequence[str], identifying: Sequence[str] = ()
) -> SQL:
    """A jsonb object of `columns` of the row `alias`, as PostgreSQL writes them, with
    an object of those that are `identifying` under `IDENTITY`."""
    pairs = [SQL("%s, %s", name, SQL.identifier(alias, name)) for name in columns]
    if identifying:
        pairs.append(SQL("%s, %s", IDENTITY, row_image(alias, identifying)))
    return SQL("jsonb_build_object(%s)", SQL(", ").join(pairs))


def row_identity(alias: str) -> SQL:
    """What stands under `IDENTITY` of any row that was made: when, if that is known."""
    return SQL(
        "jsonb_strip_nulls(jsonb_build_object('create_date', to_jsonb(%s) -> "
        "'create_date'))",
        SQL.identifier(alias),
    )
