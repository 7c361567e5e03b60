from odoo import api, models, tools

from ...references import catalogue


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
