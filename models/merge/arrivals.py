import logging

from odoo.exceptions import LockError, UserError

from ...engine.plan import MergeOptions
from ...engine.survivorship import get_age
from ..common.attempt import attempt

_logger = logging.getLogger(__name__)

#: System parameter: merge what comes in by itself when it is certain.
MERGE_ON_ARRIVAL = "crm_lead_qualification.merge_on_arrival"


def is_merged_on_arrival(env):
    """Return whether the settings have what comes in merged by itself."""
    # sudo: a setting of the database
    return env["ir.config_parameter"].sudo().get_param(MERGE_ON_ARRIVAL)


class Arrivals:
    """Leads that have just come in: each is merged into the open record that it
    certainly is, if the settings say so.

    :param leads: the leads
    """

    def __init__(self, leads):
        self.env = leads.env
        self.leads = leads

    def merge(self, found):
        """Merge those that certainly are an open record.

        :param found: {lead id: {other lead id: `Match`}}, the best first
        """
        if not is_merged_on_arrival(self.env):
            return
        keep_certain = self.env["crm.lead.matcher"]._keep_certain
        for lead in self.leads.filtered(self._may_merge):
            for other_id in keep_certain(found.get(lead.id, {})):
                other = self.leads.browse(other_id).exists()
                if self._may_merge_into(lead, other):
                    self._merge_apart(lead, other)
                    break

    def _may_merge(self, lead):
        """Return whether a lead is there, open, and not decided about."""
        return lead.exists()._filter_open()

    def _may_merge_into(self, lead, other):
        """Return whether `other` may take `lead` in: of its company, or of none, and
        not younger (promise P9). Where it is, it came in as well, and is merged in its
        own turn."""
        if other in self.leads and self._get_age(lead) < self._get_age(other):
            return False
        companies = (lead.company_id, other.browse().company_id)
        return self._may_merge(other) and other.company_id in companies

    def _get_age(self, lead):
        return get_age(lead.create_date or None, lead.id)

    def _merge_apart(self, lead, other):
        """Merge `lead` into `other`; where somebody is at one of them, the next run
        tries again; where it fails, it stays on its own, with the banner."""
        error = attempt(self.env, self._merge_and_tell, lead, other)
        if error is not None and isinstance(error.__cause__, LockError):
            _logger.info("Lead %s is merged on arrival later: %s", lead.id, error)
            self.env["crm.lead.match.queue"]._append(lead.ids, is_arrival=True)
        elif isinstance(error, UserError):
            _logger.info("Lead %s is not merged on arrival: %s", lead.id, error)
        elif error is not None:
            # Whatever another addon's hook raises would come again every minute, and
            # nothing behind this lead would ever be compared.
            _logger.error("Lead %s is not merged on arrival", lead.id, exc_info=error)

    def _merge_and_tell(self, lead, other):
        """Merge `lead` into `other`, and tell whoever is responsible for it."""
        options = MergeOptions(survivor_id=other.id)
        merge = self.env["crm.lead.merge"]._merge(lead + other, options)
        survivor = merge.survivor_id
        owner = survivor.user_id or survivor.team_id.user_id
        if owner:
            survivor.message_notify(
                partner_ids=owner.partner_id.ids,
                subject=self.env._("Came in again: %s", survivor.display_name),
                body=self.env._(
                    "What has just come in certainly is the same prospect, so it was "
                    "merged into this record. The merge can be undone."
                ),
            )
