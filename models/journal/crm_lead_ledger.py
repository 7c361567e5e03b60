from collections import defaultdict
from dataclasses import replace

from odoo import api, models, tools
from odoo.tools import SQL

from ...exceptions import UnknownReference
from ...references import LinkTable, Many2one
from ...references import table as tables
from ...references.discovery import (
    PLAIN_PAIRS,
    definition_fields,
    discover,
    discover_properties,
)
from ...references.foreign_key import find_unknown


class CrmLeadLedger(models.AbstractModel):
    """The reference ledger: every stored link to a lead, in any installed module.

    Another addon that stores the id of a lead without any field that says so extends
    `_get_plain_pairs`; one that stores it in a way of its own, `_get_references`.
    """

    _name = "crm.lead.ledger"
    _description = "Reference Ledger of Leads"

    @api.model
    def _get_plain_pairs(self):
        """Return ((model, field with the model, field with the id), …)."""
        return PLAIN_PAIRS

    @api.model
    @tools.ormcache("target")
    def _get_declared_references(self, target="crm.lead"):
        """The references to records of `target` that follow from the registry alone."""
        return tuple(discover(self.env, self._get_plain_pairs(), target))

    @api.model
    @tools.ormcache()
    def _get_definition_fields(self):
        return tuple(definition_fields(self.env))

    @api.model
    def _get_references(self, target="crm.lead"):
        """Return all `Reference` of this database to records of `target`."""
        return [
            *self._get_declared_references(target),
            *discover_properties(self.env, self._get_definition_fields(), target),
        ]

    @api.model
    def _get_root(self, table):
        """Return the bare name of a table, as models have it: of one that inherits from
        others the name of theirs."""
        if "." not in table:
            return table
        # Raw SQL: the catalogue of the database has no model.
        names = self.env.execute_query(tables.root(table))
        return names[0][0] if names else table

    @api.model
    def _get_table_model(self, table):
        """Return the records, none, of the model that is stored in `table`, or None.

        :param str table: as the journal calls it
        """
        name = self._get_root(table)
        for model in self.env.registry.values():
            if model._table == name and not model._abstract:
                return self.env[model._name]
        return None

    @api.model
    def _count(self, lead_ids, references=None):
        """Count what points to any of `lead_ids`, in two queries.

        :param list lead_ids: ids of leads, which need not exist any more
        :param references: where to look (all references by default)
        :return: {Reference: number of rows}, without those that have none
        """
        if not lead_ids:
            return {}
        references = self._spread(references or self._get_references())
        if not references:
            return {}
        # Raw SQL: some of these places are no field of any model.
        rows = self.env.execute_query(
            SQL(" UNION ALL ").join(
                SQL("SELECT %s, (%s)", place, reference.count(lead_ids))
                for place, reference in enumerate(references)
            )
        )
        return {references[place]: count for place, count in rows if count}

    @api.model
    def _spread(self, references):
        """Return the `references` whose table has rows: most modules that could point
        to a lead do not, and the database takes longer to plan the count of a table
        than to count it. Where other tables inherit from it, each is counted and moved
        by itself."""
        names = {reference.table for reference in references}
        places = defaultdict(list)
        # Raw SQL: a table of no pages has no rows, not even of this transaction.
        for name, place, is_empty in self.env.execute_query(tables.relatives(names)):
            if not is_empty:
                places[name].append("" if place == name else place)
        return [
            replace(reference, relative=relative) if relative else reference
            for reference in references
            for relative in places[reference.table]
        ]

    @api.model
    def _find_rows(self, reference, record_ids):
        """Return {id: ids of the rows that point to it} of each of `record_ids`; of a
        row that has no id, such as a link, None."""
        row_id = SQL("NULL") if isinstance(reference, LinkTable) else SQL("t.id")
        if isinstance(reference, Many2one | LinkTable):  # the column holds nothing else
            asked = [(reference.column_sql, record_ids)]
        else:
            asked = [(SQL("%s", one), [one]) for one in record_ids]
        found = {}
        for target, ids in asked:
            # Raw SQL: some of these places are no field of any model.
            rows = self.env.execute_query(
                SQL(
                    "SELECT %s, %s FROM %s t WHERE %s",
                    target,
                    row_id,
                    reference.rows,
                    reference.holds(ids),
                )
            )
            for record_id, row in rows:
                found.setdefault(record_id, []).append(row)
        return found

    @api.model
    def _check_complete(self, lead_ids):
        """Refuse when a foreign key that the ledger does not know points to a lead.

        :raise UnknownReference: naming the table and the column
        """
        for key in self._find_unknown_keys():
            if not key.is_readable:
                raise UnknownReference(
                    self.env._(
                        "The column %(column)s of the table %(table)s points to leads, "
                        "but Odoo may not read which. Grant SELECT on that table to "
                        "Odoo's user of the database, or drop its foreign key.",
                        column=", ".join(key.columns),
                        table=key.label,
                    )
                )
            # Raw SQL: a table of no model.
            if self.env.execute_query(key.held(lead_ids)):
                raise UnknownReference(
                    self.env._(
                        "The column %(column)s of the table %(table)s points to one of "
                        "these leads, and no installed module says what it is for. "
                        "Install the module it belongs to, or empty the column.",
                        column=", ".join(key.columns),
                        table=key.label,
                    )
                )

    @api.model
    def _find_unknown_keys(self, target="crm.lead"):
        """Return the `ForeignKey` to records of `target` that no module declares."""
        known = {
            (reference.table, reference.column)
            for reference in self._get_declared_references(target)
        }
        return find_unknown(self.env, self.env[target]._table, known)
