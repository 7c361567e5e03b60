from odoo import api, models
from odoo.tools import SQL

# What conversions, merges and runs themselves remember of a customer.
OWN_TABLES = ("crm_lead_conversion", "crm_lead_journal", "crm_lead_run")


class CrmLeadConversionCreated(models.AbstractModel):
    """The customers that conversions created: who uses them by now, and their end."""

    _name = "crm.lead.conversion.created"
    _description = "Customers Created by Conversions"

    @api.model
    def _delete_unused(self, partners):
        """Delete those of `partners` that nothing refers to and nobody has edited."""
        partners = partners.exists()
        while partners:
            used = partners.browse(self._find_uses(partners))
            used |= self._filter_edited(partners)
            if not used:
                break
            partners -= used
        # sudo: who may take a conversion back may take its customer back, too
        partners.sudo().unlink()

    @api.model
    def _filter_edited(self, partners):
        """Return those that somebody has changed since they were created."""
        return partners.filtered(lambda one: one.write_date > one.create_date)

    @api.model
    def _get_undo_conflicts(self, conversions):
        """List the created customers that undo will leave, and why.

        :return: as `crm.lead.undoable._get_conflicts`: (table, id, None, None, why)
        """
        kept = self._find_kept(conversions)
        return [("res_partner", one, None, None, why) for one, why in kept.items()]

    @api.model
    def _find_kept(self, conversions):
        """Return {id of a created customer that undo will leave: why}."""
        partners = conversions.created_partner_ids.exists()
        kept = {}
        while partners:
            uses = self._find_uses(partners, self._get_undone_rows(conversions))
            reasons = {
                **dict.fromkeys(
                    self._filter_edited(partners).ids,
                    self.env._("Edited since"),
                ),
                **{
                    partner_id: self.env._("Used by: %s", ", ".join(users))
                    for partner_id, users in uses.items()
                },
            }
            if not reasons:
                break
            kept.update(reasons)
            partners -= partners.browse(reasons)
        return kept

    @api.model
    def _get_undone_rows(self, conversions):
        """Return {table: ids of rows that undo takes back}: they are no uses."""
        rows = {"crm_lead": set(conversions.mapped("lead_res_id"))}
        # Raw SQL: the images never pass through Python, only their ids.
        found = self.env.execute_query(
            SQL(
                """SELECT table_name, array_agg((one ->> 'row_id')::int)
                     FROM crm_lead_journal_line, jsonb_array_elements(changes) AS one
                    WHERE journal_id = ANY(%s) AND table_name != 'crm_lead'
                 GROUP BY table_name""",
                conversions.journal_id.ids,
            )
        )
        rows.update((table, set(row_ids)) for table, row_ids in found)
        return rows

    @api.model
    def _find_uses(self, partners, undone=None):
        """Return {partner id: {what refers to it: True}} of those that are in use.

        :param dict undone: {table: ids of rows that do not count}
        """
        undone = {**(undone or {}), "res_partner": set(partners.ids)}
        ledger = self.env["crm.lead.ledger"]
        references = [
            one
            for one in ledger._get_references("res.partner")
            if not one.is_transient and not one.table.startswith(OWN_TABLES)
        ]
        uses = {}
        for reference in ledger._count(partners.ids, references):
            known = undone.get(reference.table, ())
            found = ledger._find_rows(reference, partners.ids)
            for partner_id, rows in found.items():
                rows = [row for row in rows if row not in known]
                if rows:
                    said = self._describe(reference, rows)
                    uses.setdefault(partner_id, {})[said] = True
        for key in ledger._find_unknown_keys("res.partner"):
            for partner_id in self._find_held(key, partners.ids):
                uses.setdefault(partner_id, {})[key.name] = True
        return uses

    @api.model
    def _find_held(self, key, partner_ids):
        """Return the ids of customers that rows of no module point to: all of them,
        where nobody may read which."""
        if not key.is_readable:
            return partner_ids
        # Raw SQL: a table of no model.
        return [row_id for (row_id,) in self.env.execute_query(key.held(partner_ids))]

    @api.model
    def _describe(self, reference, row_ids):
        """Name the kind of records, and the first of them if it may be read."""
        if not reference.model:
            return reference.name
        kind = self.env["ir.model"]._get(reference.model).name
        record = self.env[reference.model].browse(filter(None, row_ids[:1]))
        if record and record._filtered_access("read") and record.display_name:
            return f"{kind} ‘{record.display_name}’"
        return kind
