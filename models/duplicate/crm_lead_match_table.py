from odoo import models
from odoo.tools import SQL


class CrmLeadMatchTable(models.AbstractModel):
    """A table of the detector that holds plain numbers, and is written all the time.

    Its rows are numbered with 64 bits: those of 32 would be used up within years.
    """

    _name = "crm.lead.match.table"
    _description = "Table of the Duplicate Detector"
    _log_access = False

    def init(self):
        """Widen the numbers, which the ORM makes narrow."""
        super().init()
        if self._abstract:
            return
        # Raw SQL: the ORM knows one kind of ids; this is done once, with an update.
        is_narrow = self.env.execute_query(
            SQL(
                """SELECT FROM pg_attribute WHERE attrelid = %s::regclass
                      AND attname = 'id' AND atttypid = 'int4'::regtype""",
                self._table,
            )
        )
        if is_narrow:
            table = SQL.identifier(self._table)
            sequence = SQL.identifier(f"{self._table}_id_seq")
            self.env.cr.execute(SQL("ALTER TABLE %s ALTER COLUMN id TYPE int8", table))
            self.env.cr.execute(SQL("ALTER SEQUENCE %s AS int8", sequence))
