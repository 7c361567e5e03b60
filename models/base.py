from contextlib import nullcontext
from weakref import WeakKeyDictionary

from odoo import models

#: {cursor: the `Recording` under way}. Not kept in the data of the cursor: what is
#: there goes with each savepoint that has something to flush.
RECORDING = WeakKeyDictionary()


class Base(models.AbstractModel):
    """Lets a journal that is recording see every row the ORM writes, of any model.

    Whatever a merge sets going – fields computed from the leads, the hooks of other
    addons – is remembered, and so undone, without anybody having to name it.
    """

    _inherit = "base"

    def _write_multi(self, vals_list):
        if recording := RECORDING.get(self.env.cr):
            recording.before_write(self)
        return super()._write_multi(vals_list)

    def _create(self, data_list):
        records = super()._create(data_list)
        if recording := RECORDING.get(self.env.cr):
            recording.after_create(records)
        return records

    def unlink(self):
        if recording := RECORDING.get(self.env.cr):
            self.env.flush_all()
            recording.before_unlink(self)
        return super().unlink()

    # Links of many2many fields have no model: the ORM writes them as part of a record.

    def write(self, vals):
        with self._recording_links(vals):
            return super().write(vals)

    def _compute_field_value(self, field):
        together = self.pool.field_computed[field]
        with self._recording_links([computed.name for computed in together]):
            return super()._compute_field_value(field)

    def _recording_links(self, names):
        """Remember the links that are written to these fields meanwhile.

        :param names: names of fields, of whatever type
        :return: a context manager
        """
        recording = RECORDING.get(self.env.cr)
        return recording.links_written(self, names) if recording else nullcontext()
