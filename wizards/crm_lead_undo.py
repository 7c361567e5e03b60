from odoo import api, fields, models

from ..engine.limits import shorten
from ..exceptions import UndoRefused
from ..models.common.arguments import check_one, check_records
from ..models.journal.crm_lead_journal import LISTED_CONFLICTS
from ..models.merge.display import Display
from ..references.obstacle import HeldBy, Unreadable

#: What can be undone: their `action_undo` asks by this dialog.
UNDOABLE_MODELS = ("crm.lead.conversion", "crm.lead.merge", "crm.lead.run")


class CrmLeadUndo(models.TransientModel):
    """The question that undo asks when something has changed since (promise B2)."""

    _name = "crm.lead.undo"
    _inherit = ["crm.lead.dialog"]
    _description = "Undo"

    res_model = fields.Char(required=True)
    res_id = fields.Many2oneReference(model_field="res_model", required=True)
    line_ids = fields.One2many("crm.lead.undo.line", "undo_id", readonly=True)
    is_shortened = fields.Boolean(
        readonly=True, help="More has been changed than is listed."
    )

    @api.model
    def _ask(self, journal, conflicts):
        """Return the action that opens the dialog.

        :param journal: the merge or conversion that is to be undone
        :param conflicts: see `crm.lead.undoable._get_conflicts`
        """
        Line = self.env["crm.lead.undo.line"]
        undo = self.create(
            {
                "res_model": journal._name,
                "res_id": journal.id,
                "line_ids": [
                    fields.Command.create(Line._prepare_vals(*conflict))
                    for conflict in conflicts[:LISTED_CONFLICTS]
                ],
                "is_shortened": len(conflicts) > LISTED_CONFLICTS,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Undo"),
            "res_model": self._name,
            "res_id": undo.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def action_undo(self):
        """Undo, and keep what came later."""
        check_one(self)
        check_records(self, "read")
        if self.res_model not in UNDOABLE_MODELS or self.res_model not in self.env:
            raise UndoRefused(
                self.env._(
                    "‘%s’ is nothing that can be undone. Open the merge or the "
                    "conversion itself, and undo it there.",
                    self.res_model,
                )
            )
        return self.env[self.res_model].browse(self.res_id).action_undo(force=True)


class CrmLeadUndoLine(models.TransientModel):
    """One thing that has changed since, and that undo will leave as it is, or cannot
    bring back."""

    _name = "crm.lead.undo.line"
    _inherit = ["crm.lead.dialog"]
    _description = "Changed Since"

    undo_id = fields.Many2one("crm.lead.undo", required=True, ondelete="cascade")
    record = fields.Char()
    label = fields.Char(string="Field")
    value_now = fields.Char(string="Stays")
    value_before = fields.Char(string="Was before")

    @api.model
    def _prepare_vals(self, table, row_id, column, before, now):
        """Say what has changed, as far as the user may see it."""
        model = self.env["crm.lead.ledger"]._get_table_model(table)
        if model is None:  # of an addon that has been removed since
            return {"record": table, "label": column or self.env._("Deleted since")}
        record = model.browse(row_id)
        name = self._get_name(record)
        if column is None and now and table == "res_partner":
            return {  # a customer that stays, and why
                "record": name,
                "label": self.env._("Customer"),
                "value_now": now,
                "value_before": self.env._("Did not exist"),
            }
        if isinstance(now, HeldBy) and column is None:
            return {
                "record": name,
                "label": self._get_kind(record),
                "value_now": self.env._(
                    "‘%s’ stands in for it", self._get_holder_name(now)
                ),
            }
        if column is None:
            return {"record": name, "label": now or self.env._("Deleted since")}
        column, _dot, part = column.partition(".")
        field = record._fields.get(column)
        # of a record that is not there either, nothing but the field is told
        is_hidden = record.exists() and not record.exists()._filtered_access("read")
        if is_hidden or (field and not record._has_field_access(field, "read")):
            return {"record": name, "label": self.env._("Something you may not see")}
        return {
            "record": name,
            "label": self._get_label(record, field, part) if field else column,
            "value_now": self._display_now(field, now),
            "value_before": self._display(field, before),
        }

    @api.model
    def _get_label(self, record, field, part):
        """Return how people know a field, and the language, company or property that
        `part` names."""
        label = field._description_string(self.env)
        if part and field.type == "properties":
            name = f"{field.name}.{part}"
            return self.env["crm.lead.merge.value"]._get_label(name)
        if part and field.company_dependent:
            # sudo: a company has the value, whether or not the user works in it
            part = self.env["res.company"].sudo().browse(int(part)).display_name
        elif part:
            part = dict(self.env["res.lang"].get_installed()).get(part, part)
        return f"{label} ({part})" if part else label

    @api.model
    def _get_name(self, record):
        """Return what a record is called, also a merged lead; else what it is, and its
        number."""
        named = record.exists()._filtered_access("read")
        if record._name == "crm.lead" and not record.exists():
            sources = self.env["crm.lead.merge.source"]
            found = sources.search([("source_res_id", "=", record.id)], limit=1)
            named = found._filtered_access("read")
        return named.display_name or f"{self._get_kind(record)} {record.id}"

    @api.model
    def _get_kind(self, record):
        return self.env["ir.model"]._get(record._name).name

    @api.model
    def _get_holder_name(self, holder):
        """Return what the record is called that has a value by now.

        :param HeldBy holder: where it is
        """
        model = self.env["crm.lead.ledger"]._get_table_model(holder.table)
        if model is None:
            return f"{holder.table} {holder.row_id}"
        return self._get_name(model.browse(holder.row_id))

    @api.model
    def _display_now(self, field, now):
        """Return what a field says after undo, and why it is not what it said
        before."""
        if isinstance(now, HeldBy):
            return self.env._(
                "Only one may have it: ‘%s’ keeps it", self._get_holder_name(now)
            )
        if isinstance(now, Unreadable):
            return self.env._("The field cannot hold this any more")
        return self._display(field, now)

    @api.model
    def _display(self, field, value):
        if value in (None, False, ""):
            return ""
        if field is not None and field.type in ("many2one", "many2many"):
            # sudo: the name of a value of a record the user may change
            if not isinstance(value, int | list):
                return str(value)  # of another type when it was remembered
            record = self.env[field.comodel_name].sudo().browse(value).exists()
            return record.display_name or self.env._("Deleted since")
        display = Display(self.env)
        if field is not None and field.type == "json":
            return shorten(display.display_json(value))
        if field is not None and field.type == "binary":
            return display.display_file(field, value)
        return shorten(str(value))
