from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.limits import shorten
from ..common.arguments import check_records
from . import labels
from .crm_lead_matcher import MANY
from .grouping import Grouping

#: What a lead is known by in a group: the first of them that it says.
NAMES = ("contact_name", "partner_name", "name")


class CrmLeadDuplicateGroup(models.Model):
    """Leads that all look like one prospect, guarded against chains (promise B12)."""

    _name = "crm.lead.duplicate.group"
    _inherit = ["crm.lead.bound"]
    _description = "Group of Possible Duplicates"
    _order = "score desc, id"
    _log_access = False

    duplicate_ids = fields.One2many(
        "crm.lead.duplicate", "group_id", string="All pairs", readonly=True
    )
    pair_ids = fields.Many2many(
        "crm.lead.duplicate",
        compute="_compute_lead_ids",
        string="Pairs",
        help="Those that you may read; what `duplicate_ids` holds is cached for all.",
    )
    score = fields.Float(readonly=True, digits=(6, 1), aggregator="max", index=True)
    certainty = fields.Selection(labels.CERTAINTIES, required=True, readonly=True)
    shared = fields.Char(readonly=True)
    lead_count = fields.Integer(string="Leads", readonly=True)
    lead_ids = fields.Many2many(
        "crm.lead", compute="_compute_lead_ids", context={"active_test": False}
    )
    hidden_count = fields.Integer(
        string="Not visible to you",
        compute="_compute_lead_ids",
        help="Leads of this group that you may not read: ask their owners.",
    )
    team_id = fields.Many2one(
        "crm.team", compute="_compute_lead_ids", string="Sales Team"
    )
    user_id = fields.Many2one(
        "res.users", compute="_compute_lead_ids", string="Salesperson"
    )
    reasons_text = fields.Char(string="Why", compute="_compute_reasons_text")

    @api.depends("duplicate_ids")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_lead_ids(self):
        pairs_of = self._find_pairs()
        every = self.env["crm.lead.duplicate"].union(*pairs_of.values())
        all_leads = (every.lead_id | every.other_lead_id).with_env(self.env)
        readable = all_leads._filtered_access("read")
        for group in self:
            pairs = pairs_of[group.id]
            both = (pairs.lead_id | pairs.other_lead_id).with_env(self.env)
            group.lead_ids = both & readable
            group.hidden_count = len(both - readable)
            shown = pairs.filtered(
                lambda pair: pair.lead_id + pair.other_lead_id <= readable
            )
            group.pair_ids = shown.with_env(self.env)
            group.team_id = group.lead_ids.team_id[:1]
            group.user_id = group.lead_ids.user_id[:1]

    @api.depends("lead_ids")
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_display_name(self):
        for group in self:
            names = [self._name_lead(lead) for lead in group.lead_ids]
            group.display_name = ", ".join(dict.fromkeys(filter(None, names)))

    @api.model
    def _name_lead(self, lead):
        """Return whom a lead of a group is about, as far as the user may see it, and
        whether it is won or lost."""
        said = [name for name in NAMES if self._may_see(name)]
        name = next((lead[name] for name in said if lead[name]), "")
        if not name and "name" in said:
            name = lead._get_shown_name()
        outcome = lead._get_outcome()
        return f"{shorten(name)} ({outcome})" if name and outcome else shorten(name)

    @api.model
    def _has_field_access(self, field, operation):
        if field.name in labels.STORED and labels.get_hidden_subjects(self.env):
            return False
        return super()._has_field_access(field, operation)

    @api.depends("duplicate_ids")
    @api.depends_context("lang", "uid")
    def _compute_reasons_text(self):
        """Say in short why the best pair is one; each pair says all."""
        pairs_of = self._find_pairs()
        for group in self:
            reasons = pairs_of[group.id][:1].reasons
            group.reasons_text = labels.name_best(self.env, reasons)

    @api.model
    def _get_domain_of_leads(self, readable):
        """Let those who may read one lead of a group read that there is a group."""
        one = Domain("lead_id", "any!", readable)
        other = Domain("other_lead_id", "any!", readable)
        return Domain("duplicate_ids", "any!", one | other)

    def _filter_readable(self):
        pairs_of = self._find_pairs()
        every = self.env["crm.lead.duplicate"].union(*pairs_of.values())
        leads = (every.lead_id | every.other_lead_id).with_env(self.env)
        readable = set(leads._filtered_access("read")._ids)
        return self.filtered(
            lambda group: (
                not readable.isdisjoint(
                    pairs_of[group.id].lead_id._ids
                    + pairs_of[group.id].other_lead_id._ids
                )
            )
        )

    @api.model
    def _get_leads_of_large(self, lead_ids):
        """Return the ids of those of these leads that belong to a large group; of a
        record that is being typed in, nothing is asked."""
        if not lead_ids:
            return set()
        self.env["crm.lead.duplicate"].flush_model()
        self.flush_model()
        # Raw SQL: asked for with every page of leads, so nothing but an index scan.
        rows = self.env.execute_query(
            SQL(
                """SELECT lead_id, other_lead_id
                     FROM crm_lead_duplicate pair
                     JOIN crm_lead_duplicate_group g ON g.id = pair.group_id
                    WHERE g.lead_count > %(many)s AND pair.state = 'open'
                      AND (lead_id = ANY(%(leads)s) OR other_lead_id = ANY(%(leads)s))
                """,
                many=MANY,
                leads=list(lead_ids),
            )
        )
        return set(lead_ids) & {lead_id for pair in rows for lead_id in pair}

    def _find_pairs(self):
        """Return {group id: all its pairs, also those that the user may not read}."""
        # sudo: which leads they are decides what is counted, subjects and weights say
        # why; names are read without
        pairs = self.env["crm.lead.duplicate"].sudo()
        found = pairs.search([("group_id", "in", self.ids)]).grouped("group_id")
        return {group.id: found.get(group, pairs) for group in self}

    # ------------------------------------------------------------
    # Decide
    # ------------------------------------------------------------

    def action_merge(self):
        """Open the dialog that merges one group, or part of it; of several groups, the
        run that merges each of them, to be looked at and started.

        Of a group, that is the leads that the user may read; the others stay.
        """
        check_records(self, "read")
        groups = [group.lead_ids for group in self if len(group.lead_ids) > 1]
        if not groups:
            raise UserError(
                self.env._(
                    "Of ‘%s’ there is only one record that you may read. Ask the "
                    "owner of the other one.",
                    self[:1].display_name,
                )
            )
        if len(groups) == 1:
            return groups[0]._open_merge_dialog()
        return self._merge_each(groups)

    @api.model
    def _merge_each(self, groups):
        """Hook: return the action that merges each of several groups.

        :param groups: [leads, …]
        """
        raise NotImplementedError

    def action_keep_separate(self):
        """Remember that all leads of each group that one may read are separate.

        :return: an action: the notification that says so, and what is left to others
        :raise UserError: where there are no two leads of which the user may say so
        """
        check_records(self, "read")
        hidden = self.filtered("hidden_count")
        if hidden and not self.pair_ids:
            raise UserError(
                self.env._(
                    "Nothing was kept separate: of ‘%s’ there is a record that you may "
                    "not read, and who says that two are separate has to know both. "
                    "Ask its owner.",
                    hidden[0].display_name,
                )
            )
        action = self.pair_ids.action_keep_separate()
        if hidden:
            action["params"].update(
                type="warning",
                message=self.env._(
                    "%(done)s Of ‘%(group)s’ there are records that you may not read: "
                    "about those, ask their owners.",
                    done=action["params"]["message"],
                    group=hidden[0].display_name,
                ),
            )
        return action

    def action_ask_owner(self):
        """Ask the owners of the leads that the user may not read."""
        check_records(self, "read")
        pairs_of = self._find_pairs()
        for group in self:
            pairs = pairs_of[group.id]
            # sudo: the hidden leads get an activity each, and nothing of them is read
            hidden = (pairs.lead_id | pairs.other_lead_id) - group.lead_ids.sudo()
            hidden._ask_owner(group.lead_ids[:1])
        return self.env["crm.lead"]._tell_owners_asked()

    # ------------------------------------------------------------
    # Grouping, see `Grouping`
    # ------------------------------------------------------------

    @api.model
    def _regroup(self, lead_ids, group_ids=()):
        """Group the leads again that any of these is connected with.

        :param group_ids: groups that have lost pairs
        """
        Grouping(self.env).regroup(lead_ids, group_ids)

    @api.model
    def _regroup_all(self, frequencies):
        """Group all leads again.

        :param frequencies: of all terms, as the scan has them
        """
        Grouping(self.env).regroup_all(frequencies)

    def _recount(self):
        """Let groups say what the pairs that are left in them say, and go with the last
        one; nothing is compared."""
        Grouping(self.env).recount(self)
