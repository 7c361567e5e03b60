import logging

from odoo import api, models
from odoo.tools import SQL

from ...engine.matching import scoring, weights
from ..common.number_setting import NumberSetting

_logger = logging.getLogger(__name__)

#: The thresholds of scores.
WORTH_A_LOOK = NumberSetting(
    "crm_lead_qualification.worth_a_look", weights.WORTH_A_LOOK, 0, 1_000
)
CERTAIN = NumberSetting("crm_lead_qualification.certain", weights.CERTAIN, 0, 1_000)
#: System parameter: what is not compared.
LEFT_OUT = "crm_lead_qualification.not_compared"
#: Likely matches of a lead that are compared with it, and changes of others that are
#: taken into account, where somebody looks at what is found …
LIKELY, LATEST = 30, 200
#: … and where nobody does and none may be left out.
LIKELY_THOROUGH, LATEST_THOROUGH = 1_000, 5_000
#: Matches of a lead from which on it is likely to have more than were looked for.
MANY = LIKELY // 2
#: How long the background waits for what others hold.
PATIENCE = "30s"


def compare_apart(lead_ids, one, other, *args):
    """Compare two profiles as `engine.matching.scoring.compare` does, but let a pair
    that cannot be compared keep nobody from the others.

    :param lead_ids: whose they are
    :rtype: Match; None where it was given up, or failed, which the log tells
    """
    try:
        return scoring.compare(one, other, *args)
    except Exception:
        _logger.exception("Leads %s and %s cannot be compared", *lead_ids)
        return None


class CrmLeadMatcher(models.AbstractModel):
    """The one duplicate detector: every door asks here which leads are the same.

    It finds candidates by their keys (`crm.lead.match.key`), compares their profiles
    (`engine.matching.scoring`), and keeps what is worth a look (`crm.lead.duplicate`).
    """

    _name = "crm.lead.matcher"
    _description = "Duplicate Detector"

    # ------------------------------------------------------------
    # At once: a form, a dialog
    # ------------------------------------------------------------

    @api.model
    def _find(self, leads, is_thorough=False, at_most=None):
        """Find what looks like the same prospect as each of `leads`, at once.

        Values that have just been typed count. All leads are looked at, lost and
        archived ones too, those that the user may not read included: what is told of
        them is up to the caller.

        :param bool is_thorough: nobody looks at what is found, and none may be left out
        :param int at_most: compare so many likely matches of each lead, those included
            that share nothing but what many share
        :return: {lead id: {other lead id: `Match`}}, the best first
        """
        unbuilt = self._make_unbuilt(leads.ids, is_thorough, at_most or 0)
        profiles = self.env["crm.lead.match.profile"]._load(leads.ids, unbuilt)
        return self._match(profiles, is_thorough, unbuilt, at_most)

    @api.model
    def _make_unbuilt(self, lead_ids, is_thorough=False, at_most=0):
        """Make in memory what is compared of these leads, and of the latest others,
        that have changed since the scheduled action ran: what was typed a moment ago is
        found, and where nobody looks at what is found, what was imported a moment ago
        is."""
        latest = max(at_most, LATEST_THOROUGH if is_thorough else LATEST)
        return self.env["crm.lead.match.profile"]._make_unbuilt(lead_ids, latest)

    @api.model
    def _find_like(self, profiles, is_thorough=False):
        """Find what looks like any of `profiles`, which need not be leads.

        :param profiles: {probe id: `Profile`}; the id of a lead, or a negative number
        :param bool is_thorough: see `_find`
        :return: {probe id: {lead id: `Match`}}, the best first
        """
        unbuilt = self._make_unbuilt([], is_thorough)
        return self._match(profiles, is_thorough, unbuilt)

    @api.model
    def _match(self, profiles, is_thorough=False, unbuilt=None, at_most=None):
        unbuilt = unbuilt or {}
        keys = self.env["crm.lead.match.key"]
        wanted = keys._get_keys(profiles)
        found = {probe: {} for probe in profiles}
        if not any(wanted.values()):
            return found
        total = self.env["crm.lead.match.term"]._get_total()
        limit = at_most or (LIKELY_THOROUGH if is_thorough else LIKELY)
        pairs = keys._find_candidates(wanted, total, limit, unbuilt, at_most or 0)
        if not pairs:
            return found
        others = self.env["crm.lead.match.profile"]._load(
            {other for _id, other in pairs}, unbuilt
        )
        frequencies = self.env["crm.lead.match.term"]._get_frequencies(
            [*profiles.values(), *others.values()], unbuilt
        )
        least, without = self._get_thresholds()[0], self._get_left_out()
        for probe, other in pairs:
            if other in others:
                match = compare_apart(
                    (probe, other),
                    profiles[probe],
                    others[other],
                    frequencies,
                    without,
                    least,
                )
                if match and match.score >= least:
                    found[probe][other] = match
        return {
            probe: dict(sorted(matches.items(), key=lambda each: -each[1].score))
            for probe, matches in found.items()
        }

    @api.model
    def _compare(self, lead, other):
        """Compare two leads, whether or not they share anything.

        :rtype: Match
        """
        leads = lead + other
        unbuilt = self._make_unbuilt(leads.ids)
        made = self.env["crm.lead.match.profile"]._load(leads.ids, unbuilt)
        frequencies = self.env["crm.lead.match.term"]._get_frequencies(
            made.values(), unbuilt
        )
        without = self._get_left_out()
        return scoring.compare(made[lead.id], made[other.id], frequencies, without)

    @api.model
    def _compare_seen(self, lead, other):
        """As `_compare`, by what the user may see of the two, and of their customers.

        :rtype: Match
        """
        leads = lead + other
        hidden = frozenset(self.env["crm.lead"]._get_hidden_fields())
        # sudo: of fields and customers that are hidden nothing is read
        made = self.env["crm.lead.match.profile"]._make(leads.sudo(), hidden)
        frequencies = self.env["crm.lead.match.term"]._get_frequencies(
            made.values(), self._make_unbuilt(leads.ids)
        )
        without = self._get_left_out()
        return scoring.compare(made[lead.id], made[other.id], frequencies, without)

    @api.model
    def _find_opposed(self, pairs):
        """Return those of `pairs` that clearly are not the same, both ways round:
        whatever links them, they are not to become one (promise B12).

        :param pairs: {(lead id, other lead id), …}
        """
        lead_ids = {lead_id for pair in pairs for lead_id in pair}
        if not lead_ids:
            return set()
        profiles = self.env["crm.lead.match.profile"]
        unbuilt = profiles._make_unbuilt(lead_ids)
        made = profiles._load(lead_ids, unbuilt)
        frequencies = self.env["crm.lead.match.term"]._get_frequencies(
            made.values(), unbuilt
        )
        without = self._get_left_out()
        against = frequencies.prior + weights.AGAINST
        opposed = set()
        for one, other in pairs:
            if one in made and other in made:
                match = compare_apart(
                    (one, other), made[one], made[other], frequencies, without
                )
                if match is None or match.score < against:
                    opposed |= {(one, other), (other, one)}
        return opposed

    # ------------------------------------------------------------
    # In the background
    # ------------------------------------------------------------

    @api.model
    def _be_alone(self):
        """Wait until nobody else compares in the background, and keep others from it to
        the end of this transaction, which has only just begun.

        Two that compare the same leads at once would get into each other's way, and one
        of them would have to begin again.

        :raise LockNotAvailable: where that takes too long
        """
        # Raw SQL: to lock a table, unlike anything else, is possible before the
        # transaction decides what it sees, which then is what the others have done.
        # Neither people who read or write nor a backup wait for such a lock, or hold it
        # up. Behind it, no row is waited for any longer, either.
        self.env.cr.execute(SQL("SET LOCAL lock_timeout = %s", PATIENCE))
        self.env.cr.execute(
            "LOCK TABLE crm_lead_scan IN SHARE UPDATE EXCLUSIVE MODE",
            log_exceptions=False,
        )

    @api.model
    def _compare_changed(self, taken):
        """Build the keys of changed leads, and compare them with their likely matches.

        :param taken: {lead id: whether it has just come in}
        """
        # sudo: the detector looks at all leads
        Lead = self.env["crm.lead"].sudo().with_context(active_test=False)
        leads = Lead.browse(taken).exists()
        gone = set(taken) - set(leads.ids)
        if gone:
            self.env["crm.lead.match.profile"]._forget(gone)
        profiles = self.env["crm.lead.match.profile"]._build(leads)
        self.env["crm.lead.match.term"]._recount_if_grown()
        found = self._match(profiles)
        self.env["crm.lead.duplicate"]._store(found, leads.ids)
        arrivals = Lead.browse(one for one in leads.ids if taken[one])
        if arrivals:
            self._after_arrivals_compared(arrivals, found)

    @api.model
    def _after_arrivals_compared(self, leads, found):
        """Hook: leads that have just come in have been compared.

        :param leads: those leads
        :param found: {lead id: {other lead id: `Match`}}, the best first
        """

    # ------------------------------------------------------------
    # Settings
    # ------------------------------------------------------------

    @api.model
    def _get_thresholds(self):
        """Return the scores from which a pair is worth a look, and certain."""
        return WORTH_A_LOOK.get(self.env), CERTAIN.get(self.env)

    @api.model
    def _get_certainty(self, score):
        """Return ``certain``, ``likely``, or False for what is not worth a look."""
        least, certain = self._get_thresholds()
        return score >= least and ("certain" if score >= certain else "likely")

    @api.model
    def _keep_certain(self, matches):
        """Return those of {lead id: `Match`} that certainly are the same."""
        _least, certain = self._get_thresholds()
        return {
            lead_id: match
            for lead_id, match in matches.items()
            if match.score >= certain
        }

    @api.model
    def _get_left_out(self):
        """Return the names of what is not compared, by the settings."""
        # sudo: a setting of the database, the same for everybody
        get = self.env["ir.config_parameter"].sudo().get_param
        return frozenset((get(LEFT_OUT) or "").split())
