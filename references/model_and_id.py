"""A pair of columns: the name of a model, and the id of a record of it."""

from dataclasses import dataclass

from odoo.tools import SQL

from .many2one import Many2one


@dataclass(frozen=True)
class ModelAndId(Many2one):
    """A many2one_reference field, or two columns that no field declares to belong
    together.

    :param model_column: the column with the model
    :param model_table: the table whose rows that column points to instead, such as
        ``ir_model``
    :param model_name_column: the column there with the name of the model
    """

    model_column: str = ""
    model_table: str = ""
    model_name_column: str = ""

    def holds(self, lead_ids):
        models = SQL("(%s)", self.target)
        if self.model_table:
            models = SQL(
                "(SELECT id FROM %s WHERE %s = %s)",
                SQL.identifier(self.model_table),
                SQL.identifier(self.model_name_column),
                self.target,
            )
        return SQL(
            "%s IN %s AND %s",
            SQL.identifier("t", self.model_column),
            models,
            super().holds(lead_ids),
        )
