from odoo import api, models


class CrmLeadJournalGuard(models.AbstractModel):
    """A record that only the engine writes, whatever whoever asks for it sends along.

    The engine writes with more rights than they have, and undo carries out what is
    written: so neither their context, nor their own default values, nor commands on a
    field that points here may add to it.
    """

    _name = "crm.lead.journal.guard"
    _description = "Record of the Engine Alone"
    _allow_sudo_commands = False

    @api.model
    def default_get(self, fields):  # pylint: disable=method-required-super
        """Return the defaults that the fields themselves have, and no others."""
        known = [self._fields[name] for name in fields if name in self._fields]
        return {field.name: field.default(self) for field in known if field.default}
