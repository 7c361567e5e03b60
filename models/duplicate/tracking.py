from odoo import api, models

from ..team.crm_lead import MERGING
from .crm_lead_match_profile import SOURCE_FIELDS

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
        compared = self._get_compared_fields()
        changed = [
            lead_id
            for lead_id, vals in zip(self._ids, vals_list, strict=True)
            if not compared.isdisjoint(vals)
        ]
        self.env["crm.lead.match.queue"]._append(changed)
        return super()._write_multi(vals_list)

    def unlink(self):
        lead_ids = self.ids
        pairs = self.env["crm.lead.duplicate"]
        if MERGING not in self.env.context:  # where the pairs have ended by now
            pairs = pairs._search_of(self)
        groups = pairs.group_id.ids
        others = (pairs.lead_id | pairs.other_lead_id).ids
        result = super().unlink()
        self.env["crm.lead.match.profile"]._forget(lead_ids)
        if groups:
            # sudo: nobody may write groups but the detector
            self.env["crm.lead.duplicate.group"].sudo()._regroup(others, groups)
        return result

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        arriving = self.with_context(**{ARRIVING: True})
        lead = super(CrmLead, arriving).message_new(msg_dict, custom_values)
        return lead.with_env(self.env)

    @api.model
    def _get_compared_fields(self):
        """Return the names of the fields that are compared; another addon may add phone
        numbers."""
        return SOURCE_FIELDS.union(self._phone_get_number_fields())

    @api.model
    def _is_arriving(self):
        """Say whether what is created comes in, rather than being typed in."""
        context, user = self.env.context, self.env.user
        told = context.get(ARRIVING) or context.get("import_file")
        return bool(told or user.share or user._is_superuser())
