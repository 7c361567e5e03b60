"""Texts in which ids were replaced one by one: see `ledger.python_text`."""

from dataclasses import dataclass

from odoo.tools import SQL

from .reference import Reference


@dataclass(frozen=True)
class RewrittenText(Reference):
    """A column of texts, of some of its rows.

    :param texts: (row id, the text as it becomes), …
    """

    texts: tuple[tuple[int, str], ...] = ()

    def holds(self, lead_ids):
        return SQL("t.id = ANY(%s)", [row_id for row_id, _text in self.texts])

    def moved(self, lead_ids, survivor_id):
        return SQL(
            """(SELECT text FROM unnest(%s::int[], %s::text[]) AS new(id, text)
                 WHERE new.id = t.id)""",
            [row_id for row_id, _text in self.texts],
            [text for _row_id, text in self.texts],
        )
