from weakref import WeakKeyDictionary

from odoo import models

#: {cursor: the journal that is recording}. Not kept in the data of the cursor: what is
#: there goes with each savepoint that has something to flush.
RECORDING = WeakKeyDictionary()


class Base(models.AbstractModel):
    """Lets a journal that is recording see every row the ORM writes, of any model.

    Whatever a merge sets going – fields computed from the leads, the hooks of other
    addons – is remembered, and so undone, without anybody having to name it.
    """

    _inherit = "base"

    def _write_multi(self, vals_list):
        journal = RECORDING.get(self.env.cr)
        if journal is not None:
            journal._journal_before_write(self)
        return super()._write_multi(vals_list)

    def _create(self, data_list):
        records = super()._create(data_list)
        journal = RECORDING.get(self.env.cr)
        if journal is not None:
            journal._journal_after_create(records)
        return records

    def unlink(self):
        journal = RECORDING.get(self.env.cr)
        if journal is not None:
            self.env.flush_all()
            journal._journal_before_write(self)
        return super().unlink()
