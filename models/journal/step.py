from odoo.tools import SQL

from ...references.table import identity

#: Tables that count leads: others go on counting, so that not the value comes back, but
#: what was added is taken away.
COUNTERS = {"crm_lead_scoring_frequency": ("won_count", "lost_count")}
#: What the detector finds again by itself: the groups of pairs.
FOUND_AGAIN = frozenset({"crm_lead_duplicate"})


class Step:
    """One thing that is done to what is remembered before it comes back.

    :param Undoing undoing: which undo, or question, it is a step of
    """

    def __init__(self, undoing):
        self.undoing = undoing
        self.env = undoing.env
        self.journals = undoing.journals
        self.lines = undoing.lines
        self.columns = undoing.columns

    def get_model(self, table):
        """Return the records, none, of the model that is stored in `table`, or None."""
        return self.env["crm.lead.ledger"]._get_table_model(table)

    def get_root(self, table):
        """Return the bare name of a table: see `crm.lead.ledger._get_root`."""
        return self.env["crm.lead.ledger"]._get_root(table)

    def get_foreign_keys(self, table, columns):
        """Return [(column, table it points to, whether it is required), …] of the keys
        that name a record by its id."""
        # Raw SQL: the catalogue of the database has no model.
        return self.env.execute_query(
            SQL(
                """
                SELECT a.attname,
                       CASE WHEN pg_table_is_visible(target.oid) THEN target.relname
                            ELSE format('%%I.%%I', n.nspname, target.relname) END,
                       a.attnotnull
                  FROM pg_constraint
                  JOIN pg_class target ON target.oid = confrelid
                  JOIN pg_namespace n ON n.oid = target.relnamespace
                  JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = conkey[1]
                  JOIN pg_attribute id ON id.attrelid = confrelid
                       AND id.attnum = confkey[1]
                 WHERE contype = 'f' AND conrelid = %s AND a.attname IN %s
                   AND id.attname = 'id' AND cardinality(conkey) = 1
                """,
                identity(SQL("%s", table)),
                tuple(columns),
            )
        )

    def get_ignored_columns(self, table):
        """The columns nobody edits: computed ones, and who wrote when."""
        root = self.get_root(table)
        return [
            "write_uid",
            "write_date",
            "parent_path",  # follows the parent
            *(
                field.name
                for model in self.env.registry.values()
                if model._table == root and not model._abstract
                for field in model._fields.values()
                if field.store and field.compute and field.readonly
            ),
        ]
