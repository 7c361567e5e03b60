from odoo import api, models, tools


class CrmLeadJournal(models.AbstractModel):
    """What processes have cached of rows that merges and undo rewrite by SQL, behind
    the back of the methods that would say so."""

    _inherit = "crm.lead.journal"

    @api.model
    def _drop_caches(self, tables):
        """Drop what all processes have cached of the rows of these tables, such as
        external ids and default values.

        :param tables: names of tables of which rows were rewritten
        """
        names = {name for table in tables for name in self._get_caches(table)}
        if names:
            # the other processes are told with the commit, as of any record
            self.env.registry.clear_cache(*sorted(names))
            self.env.invalidate_all()  # values may follow from what was cached

    @api.model
    @tools.ormcache("table")
    def _get_caches(self, table):
        """Return the names of the caches (``ormcache``) that hold what is in a table:
        those that the methods of its model fill. What a model has from mixins is about
        its fields, not about its rows."""
        _schema, _dot, name = table.rpartition(".")
        return tuple(
            {
                cache.cache_name
                for model in self.env.registry.values()
                if model._table == name and not model._abstract
                for definition in model.__mro__
                if not getattr(definition, "_abstract", True)
                for method in vars(definition).values()
                if (cache := getattr(method, "__cache__", None))
            }
        )
