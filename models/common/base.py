from contextlib import contextmanager, nullcontext
from weakref import WeakKeyDictionary

from odoo import models

#: {cursor: the `Recording` under way}. Not kept in the data of the cursor: what is
#: there goes with each savepoint that has something to flush.
RECORDING = WeakKeyDictionary()
#: {cursor: name of the model that is asked what `create` would store}
ASKED = WeakKeyDictionary()


class Answer(BaseException):
    """What `create` would store: nobody but `asking` may catch it.

    :param stored: [{column: value}, …]
    """

    def __init__(self, stored):
        super().__init__(stored)
        self.stored = stored


@contextmanager
def asking(model):
    """Let `create` of a model end with an `Answer` instead of a record: with all that
    it and other addons add to the values, such as a number of a sequence."""
    ASKED[model.env.cr] = model._name
    try:
        yield
    finally:
        ASKED.pop(model.env.cr, None)


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
        if ASKED.get(self.env.cr) == self._name:
            raise Answer([self._to_insert(data["stored"]) for data in data_list])
        records = super()._create(data_list)
        if recording := RECORDING.get(self.env.cr):
            names = {name for data in data_list for name in data["stored"]}
            recording.after_create(records, names)
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

    def _to_insert(self, values):
        """Return those of the values that columns hold, as they are inserted."""
        return {
            name: self._fields[name].convert_to_column_insert(value, self, values)
            for name, value in values.items()
            if self._fields[name].column_type
        }
