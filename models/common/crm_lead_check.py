from odoo import api, models
from odoo.exceptions import UserError

#: How many records an error names.
NAMED = 5


class CrmLeadCheck(models.AbstractModel):
    """What must hold whatever is done with leads; each refusal names a record and a
    remedy."""

    _name = "crm.lead.check"
    _description = "Check of Leads"

    # The error that refuses.
    _refused = UserError

    @api.model
    def _check_users(self, users):
        """Refuse salespeople who cannot be chosen (any more)."""
        for user in users:
            if not user.exists() or not user.active or user.share:
                raise self._refused(
                    self.env._(
                        "‘%s’ is archived or not an employee. Choose another "
                        "salesperson.",
                        user.exists().name or user.id,
                    )
                )

    @api.model
    def _check_chosen(self, model_name, record_id):
        """Refuse a record that was chosen and has been deleted or archived since."""
        record = self.env[model_name].browse(record_id or ())
        record.exists().check_access("read")
        # sudo: for the same answer whichever of its fields the user may see
        if record and not (record.exists() and record.sudo().active):
            raise self._refused(
                self.env._(
                    "The chosen %(model)s (%(name)s) has been deleted or archived "
                    "meanwhile. Choose another.",
                    model=self.env["ir.model"]._get(model_name).name,
                    name=record.exists().display_name or record_id,
                )
            )

    @api.model
    def _explain_busy(self, leads):
        """Say that somebody else is changing one of `leads`; only some are named."""
        readable = leads.exists()._filtered_access("read")
        return self.env._(
            "Someone else is changing one of these records at this moment: %s. "
            "Try again in a few seconds.",
            ", ".join(readable[:NAMED].mapped("display_name")),
        )

    @api.model
    def _explain_gone(self, lead_id):
        """Say what became of a lead that is there no more: not even whether it ever
        was, to somebody who may not know."""
        return self.env._(
            "One of the records (number %s) has been deleted meanwhile. Close this "
            "dialog and select again.",
            lead_id,
        )
