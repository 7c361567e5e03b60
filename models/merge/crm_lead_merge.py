import dataclasses

from odoo import api, fields, models

from ...engine.plan import UNDECIDED
from ...exceptions import PlanOutdated
from ..common.done_action import get_done_action


class CrmLeadMerge(models.Model):
    """One merge that happened: the survivor, what went into it, and how to undo it.

    How it works: `_plan` says what will happen (`crm.lead.merge.planner`), `_apply`
    does it under row locks and remembers every row it changes (`crm.lead.journal`),
    `action_undo` plays the memory backwards.
    """

    _name = "crm.lead.merge"
    _inherit = ["crm.lead.bound", "crm.lead.undoable"]
    _inherits = {"crm.lead.journal": "journal_id"}
    _description = "Merge of Leads"
    _order = "id desc"
    _lead_fields = ("survivor_id",)
    _lead_values = {
        "name": "name",
        "customer_ids": "partner_id",
        "can_merge_customers": "partner_id",
    }

    name = fields.Char(string="Merged into", required=True, readonly=True)
    survivor_id = fields.Many2one(
        "crm.lead",
        string="Result",
        readonly=True,
        index=True,
        ondelete="cascade",
        help="The record that holds everything now, also when it is merged again.",
    )
    survivor_res_id = fields.Integer(
        string="Survivor ID",
        readonly=True,
        index=True,
        aggregator=None,
        help="The id of the record that was merged into, whatever became of it.",
    )
    source_ids = fields.One2many(
        "crm.lead.merge.source", "merge_id", string="Merged records", readonly=True
    )
    source_count = fields.Integer(compute="_compute_source_count")
    value_ids = fields.One2many(
        "crm.lead.merge.value", "merge_id", string="Merged information", readonly=True
    )
    outer_id = fields.Many2one(
        "crm.lead.merge",
        string="Part of merge",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The merge in which another addon made this one; undoing it undoes both.",
    )
    note_id = fields.Many2one(
        "mail.message", readonly=True, ondelete="set null", index="btree_not_null"
    )

    untyped_totals = fields.Json(
        readonly=True, help="{lead id: [names of fields that were computed], …}"
    )

    @api.depends("source_ids")
    def _compute_source_count(self):
        counts = dict(
            self.env["crm.lead.merge.source"]._read_group(
                [("merge_id", "in", self.ids)], ["merge_id"], ["__count"]
            )
        )
        for merge in self:
            merge.source_count = counts.get(merge, 0)

    # ------------------------------------------------------------
    # Plan
    # ------------------------------------------------------------

    @api.model
    def _plan(self, leads, options=UNDECIDED):
        """Say what merging `leads` would do, down to each value and each kind of
        record.

        :raise MergeRefused: if they cannot be merged
        :rtype: MergePlan
        """
        plan = self._decide(leads, options)
        counts = self.env["crm.lead.ledger"]._count(plan.source_ids)
        references = {
            place.name: count
            for place, count in counts.items()
            if not place.is_transient
        }
        return dataclasses.replace(plan, references=references)

    @api.model
    def _decide(self, leads, options):
        """The part of the plan that is carried out; what moves is counted then."""
        self.env["crm.lead.merge.check"]._check_there(leads)
        return self._decide_there(leads, options)

    @api.model
    def _decide_there(self, leads, options, moved=None, values=None):
        """As `_decide`, of leads that are known to be there, and of which `values` may
        have been read."""
        check = self.env["crm.lead.merge.check"]
        check._check(leads)
        check._check_options(leads, options)
        planner = self.env["crm.lead.merge.planner"]
        return planner._plan(leads, options, moved, values)

    # ------------------------------------------------------------
    # Apply
    # ------------------------------------------------------------

    @api.model
    def _merge(self, leads, options=UNDECIDED, auto_unlink=True):
        """Plan and carry out at once, as code does that shows no plan.

        :param bool auto_unlink: delete the sources; otherwise the caller will
        :return: the journal record
        """
        return self._merge_groups([(leads, options)], auto_unlink)

    @api.model
    def _merge_groups(self, groups, auto_unlink=True):
        """Merge each of several groups of leads, in their order, as `_merge` does.

        :param groups: [(leads, options), …]; a lead may be in several
        :return: the journal records, in the order of the groups
        """
        merges = self.browse()
        if groups:
            leads = self.env["crm.lead"].union(*(leads for leads, _options in groups))
            self.env["crm.lead.merge.check"]._lock(leads)
            for batch in self._split(groups):
                merges += self._apply(self._decide_all(batch), auto_unlink)
        return merges

    @api.model
    def _split(self, groups):
        """Yield batches of groups that have no lead in common: what a merge makes of a
        lead is there for the next one to see."""
        batch, seen = [], set()
        for leads, options in groups:
            if not seen.isdisjoint(leads.ids):
                yield batch
                batch, seen = [], set()
            batch.append((leads, options))
            seen.update(leads.ids)
        yield batch

    @api.model
    def _decide_all(self, groups):
        """Return the plans for groups that have no lead in common."""
        prefetched = [lead_id for leads, _options in groups for lead_id in leads.ids]
        everything = self.env["crm.lead"].browse(prefetched)
        self.env["crm.lead.merge.check"]._check_there(everything)
        # of all groups at once
        values = self.env["crm.lead.merge.planner"]._read_values(everything)
        plans, moved = [], {}
        for leads, options in groups:
            leads = leads.with_prefetch(prefetched)
            plan = self._decide_there(leads, options, moved, values)
            moved.update(dict.fromkeys(plan.source_ids, plan.survivor_id))
            plans.append(plan)
        return plans

    @api.model
    def _apply_shown(self, leads, options, shown):
        """Carry out a plan that was shown, if it is still what would happen.

        :param dict shown: the `fingerprint` of the plan that was shown
        :return: the journal record
        :raise PlanOutdated: if the leads have changed meanwhile
        """
        self.env["crm.lead.merge.check"]._lock(leads)
        plan = self._decide(leads, options)
        if changed := plan.differs_in(shown if isinstance(shown, dict) else {}):
            label = self.env["crm.lead.merge.value"]._get_label
            raise PlanOutdated(
                self.env._(
                    "The records have changed since this dialog was opened (%s). Look "
                    "at the new proposal and merge again.",
                    ", ".join(label(name) for name in changed),
                )
            )
        return self._apply([plan])

    def _get_done_action(self, next_action):
        """Return the action that says what was merged, offers *Undo*, and goes on.

        :param dict next_action: the action to go on with
        """
        # sudo: who merged them is told so, also once the result is a colleague's
        merge = self.sudo()
        message = self.env._(
            "%(count)s records became one: ‘%(name)s’.",
            count=merge.source_count + 1,
            name=merge.name,
        )
        return get_done_action(self, message, next_action)

    def _get_leads(self):
        sources = self.source_ids.mapped("source_res_id")
        return self.env["crm.lead"].browse([*self.mapped("survivor_res_id"), *sources])

    # ------------------------------------------------------------
    # Totals that nobody had typed: undo computes them anew, too
    # ------------------------------------------------------------

    def _remember_totals(self, sources_of):
        """Remember which totals of the leads nobody has typed.

        :param sources_of: {merge: its sources}
        """
        planner = self.env["crm.lead.merge.planner"]
        if not planner._get_total_fields():
            return
        for merge, sources in sources_of.items():
            untyped = planner._find_untyped(merge.survivor_id | sources)
            merge.untyped_totals = {
                str(lead_id): sorted(names) for lead_id, names in untyped.items()
            }

    def _leave_out_untyped_totals(self, changes):
        """Leave out the totals that say what is computed: they will be so again.

        :param changes: see `_get_conflicts`
        """
        totals = self.env["crm.lead.merge.planner"]._get_total_fields()
        changed = {
            row_id
            for table, row_id, column, *_values in changes
            if table == "crm_lead" and column in totals
        }
        if not changed:
            return changes
        leads = self.env["crm.lead"].browse(changed)
        untyped = self.env["crm.lead.merge.planner"]._find_untyped(leads)
        return [
            change
            for change in changes
            if change[0] != "crm_lead" or change[2] not in untyped.get(change[1], ())
        ]

    def _add_untyped_totals(self, change):
        """Tell the change that undo makes which totals nobody has typed.

        :param Change change: see `telling`
        """
        planner = self.env["crm.lead.merge.planner"]
        names = planner._get_total_fields()
        if not names:
            return
        leads = self._get_leads()
        present = planner._find_untyped(leads.exists())
        before = {}
        for merge in self:
            for lead_id, untyped in (merge.untyped_totals or {}).items():
                before[int(lead_id)] = untyped
        for lead_id in leads.ids:
            for name in names:
                is_left = lead_id in change.left["crm.lead", name]
                if name in (present if is_left else before).get(lead_id, ()):
                    change.untyped["crm.lead", name].add(lead_id)
