"""A pair of columns: the name of a model, and the id of a record of it."""

from dataclasses import dataclass

from odoo.tools import SQL

from .many2one import Many2one


@dataclass(frozen=True)
class ModelAndId(Many2one):
    """A many2one_reference field, or two columns that no field declares to belong
    together.

    :param model_column: the column with the model
    :param is_model_id: it holds the id of the ``ir.model``, not its name
    """

    model_column: str = ""
    is_model_id: bool = False

    def holds(self, lead_ids):
        model = SQL("%s", self.target)
        if self.is_model_id:
            model = SQL("(SELECT id FROM ir_model WHERE model = %s)", self.target)
        return SQL(
            "%s = %s AND %s",
            SQL.identifier("t", self.model_column),
            model,
            super().holds(lead_ids),
        )
