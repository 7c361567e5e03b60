import re

from odoo import api, models, tools
from odoo.tools import SQL

from ...references import catalogue
from ...references.catalogue import UniqueKey

#: Where the database says which value is held already.
HELD = re.compile(r"\)=\((.*)\) ", re.DOTALL)


class CrmLeadMergePlanner(models.AbstractModel):
    """Which values are each record's own, as only one record may have them."""

    _inherit = "crm.lead.merge.planner"

    @api.model
    @tools.ormcache()
    def _get_unique_fields(self):
        """The fields whose value one record has and no other, such as a number: what a
        merged record had stays its own, and is set aside. Of a number that counts
        within something, such as a company, it is the number."""
        fields = self.env["crm.lead"]._fields
        own = set()
        # Raw SQL: the catalogue of the database has no model.
        for (columns,) in self.env.execute_query(
            catalogue.list_unique_columns("crm_lead")
        ):
            known = [name for name in columns if name in fields]
            numbers = [
                name for name in known if fields[name].type in catalogue.NUMBER_TYPES
            ]
            own.update(numbers or known)
        return frozenset(own)

    @api.model
    def _decide_own(self, leads, values, decisions):
        """Let the survivor keep what is each record's own, whoever it belongs to
        otherwise: a bundle, or a hook.

        :return: {field: Decision}
        """
        return {
            name: self._decide_unique(name, leads, values, None)
            for name in self._get_unique_fields()
            if name in decisions
            and name in values[leads[0].id]
            and decisions[name].value != values[leads[0].id][name]
        }


class CrmLeadMergeCheck(models.AbstractModel):
    """What is said where a record would get what another one has."""

    _inherit = "crm.lead.merge.check"

    @api.model
    def _explain_held(self, error, leads):
        """Say which value another record has that one of `leads` would get, and which
        record that is, as far as the user may see it.

        :param error: what PostgreSQL said, after it was rolled back
        """
        keys = catalogue.read_unique_keys(self.env, {error.diag.table_name})
        key = next(
            (
                key
                for key in keys.get(error.diag.table_name, ())
                if key.name.strip('"') == error.diag.constraint_name
            ),
            None,
        )
        if key is None or error.diag.table_name != "crm_lead":
            return self.env._(
                "‘%(lead)s’ would get what only one record may have, and another one "
                "has it (%(rule)s of the table %(table)s). Change one of the two, then "
                "try again.",
                lead=leads[:1].display_name,
                rule=error.diag.constraint_name,
                table=error.diag.table_name,
            )
        hidden = self.env["crm.lead.merge.value"]._get_hidden_fields()
        label = self.env["crm.lead.merge.value"]._get_label
        names = [name for name in key.columns if name in leads._fields]
        return self.env._(
            "‘%(lead)s’ would get what only one record may have (%(fields)s), and "
            "‘%(holder)s’ has it. Change one of the two, then try again.",
            lead=leads[:1].display_name,
            fields=", ".join(label(name) for name in names if name not in hidden),
            holder=self._find_holder(key, error).display_name or "…",
        )

    @api.model
    def _find_holder(self, key: UniqueKey, error):
        """Return the lead that has what another one would get; none, if the user may
        not read it."""
        held = HELD.search(error.diag.message_detail or "")
        # Raw SQL: only PostgreSQL knows what its index is made of.
        rows = self.env.execute_query(
            SQL(
                """SELECT t.id FROM crm_lead t CROSS JOIN LATERAL (%s) AS present
                    WHERE concat_ws(', ', VARIADIC ARRAY[%s]) = %s LIMIT 1""",
                key.of(SQL("t")),
                SQL(", ").join(SQL("present.%s::text", name) for name in key.names()),
                held[1] if held else "",
            )
        )
        return self.env["crm.lead"].browse(rows and rows[0][0])._filtered_access("read")
