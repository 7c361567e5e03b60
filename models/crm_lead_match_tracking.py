from odoo import api, models
from odoo.tools import SQL

from .crm_lead import MERGING
from .crm_lead_match_profile import PARTNER_FIELDS, SOURCE_FIELDS

#: Context key: what is created now comes in from outside.
ARRIVING = "crm_lead_arriving"


class CrmLead(models.Model):
    """A lead is compared again when a field that is compared has changed."""

    _inherit = "crm.lead"

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        self.env["crm.lead.match.queue"]._append(leads.ids, self._is_arriving())
        return leads

    def _write_multi(self, vals_list):
        """See what is written at the end of all computing, whoever has asked for it."""
        changed = [
            lead_id
            for lead_id, vals in zip(self._ids, vals_list, strict=True)
            if not SOURCE_FIELDS.isdisjoint(vals)
        ]
        self.env["crm.lead.match.queue"]._append(changed)
        return super()._write_multi(vals_list)

    def unlink(self):
        lead_ids = self.ids
        # the pairs of leads that are being merged have ended by now
        is_merging = MERGING in self.env.context
        rows = [] if is_merging else self._read_pairs()
        result = super().unlink()
        self.env["crm.lead.match.profile"]._forget(lead_ids)
        if rows:
            # sudo: nobody may write groups but the detector
            self.env["crm.lead.duplicate.group"].sudo()._regroup(
                {lead_id for row in rows for lead_id in row[:2]} - set(lead_ids),
                {row[2] for row in rows},
            )
        return result

    def _read_pairs(self):
        """Return [(lead id, other lead id, group id), …] of the pairs in a group."""
        # Raw SQL: plain numbers; the pairs go with the leads.
        return self.env.execute_query(
            SQL(
                """SELECT lead_id, other_lead_id, group_id FROM crm_lead_duplicate
                    WHERE group_id IS NOT NULL AND (lead_id = ANY(%(leads)s)
                          OR other_lead_id = ANY(%(leads)s))""",
                leads=self.ids,
            )
        )

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        arriving = self.with_context(**{ARRIVING: True})
        lead = super(CrmLead, arriving).message_new(msg_dict, custom_values)
        return lead.with_env(self.env)

    @api.model
    def _is_arriving(self):
        """Say whether what is created comes in, rather than being typed in."""
        context, user = self.env.context, self.env.user
        told = context.get(ARRIVING) or context.get("import_file")
        return bool(told or user.share or user._is_superuser())


class ResPartner(models.Model):
    """A customer whose leads are compared by its tax number and its company."""

    _inherit = "res.partner"

    def write(self, vals):
        result = super().write(vals)
        if not PARTNER_FIELDS.isdisjoint(vals):
            # sudo: all leads of the customer are compared again, whoever changes it
            leads = self.env["crm.lead"].sudo().with_context(active_test=False)
            found = leads._search([("partner_id", "child_of", self.ids)])
            self.env["crm.lead.match.queue"]._append(found.get_result_ids())
        return result
