import functools

from odoo import api, fields, models
from odoo.tools import format_date

from ..engine.plan import UNDECIDED
from ..exceptions import PlanOutdated
from .crm_lead import MERGING
from .done_action import get_done_action


class CrmLeadMerge(models.Model):
    """One merge that happened: the survivor, what went into it, and how to undo it.

    How it works: `_plan` says what will happen (`crm.lead.merge.planner`), `_apply`
    does it under row locks and remembers every row it changes (`crm.lead.journal`),
    `action_undo` plays the memory backwards.
    """

    _name = "crm.lead.merge"
    _inherit = ["crm.lead.journal"]
    _description = "Merge of Leads"
    _order = "id desc"
    _journal_field = "merge_id"

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
    note_id = fields.Many2one(
        "mail.message", readonly=True, ondelete="set null", index="btree_not_null"
    )
    line_ids = fields.One2many(
        "crm.lead.journal.line", "merge_id", groups="base.group_system"
    )
    can_undo = fields.Boolean(compute="_compute_can_undo")

    @api.depends("source_ids")
    def _compute_source_count(self):
        counts = dict(
            self.env["crm.lead.merge.source"]._read_group(
                [("merge_id", "in", self.ids)], ["merge_id"], ["__count"]
            )
        )
        for merge in self:
            merge.source_count = counts.get(merge, 0)

    @api.depends("state", "line_ids")
    def _compute_can_undo(self):
        # sudo: whether a snapshot exists says nothing about what it holds
        counts = dict(
            self.env["crm.lead.journal.line"]
            .sudo()
            ._read_group([("merge_id", "in", self.ids)], ["merge_id"], ["__count"])
        )
        for merge in self:
            merge.can_undo = merge.state == "done" and bool(counts.get(merge.sudo()))

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
        plan.references.update(
            (place.name, count)
            for place, count in counts.items()
            if not place.is_transient
        )
        return plan

    @api.model
    def _decide(self, leads, options, moved=None):
        """The part of the plan that is carried out; what moves is counted then."""
        check = self.env["crm.lead.merge.check"]
        check._check(leads)
        check._check_options(leads, options)
        return self.env["crm.lead.merge.planner"]._plan(leads, options, moved)

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
        plans, moved = [], {}
        for leads, options in groups:
            plan = self._decide(leads.with_prefetch(prefetched), options, moved)
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
                    "at "
                    "the new proposal and merge again.",
                    ", ".join(label(name) for name in changed),
                )
            )
        return self._apply([plan])

    @api.model
    def _apply(self, plans, auto_unlink=True):
        """Carry out `plans`, which have no lead in common; whatever fails leaves
        everything as it was.

        :param bool auto_unlink: delete the sources; otherwise the caller will
        :return: the journal records, one a plan
        """
        survivors = self.env["crm.lead"].browse(plan.survivor_id for plan in plans)
        sources = survivors.browse(one for plan in plans for one in plan.source_ids)
        with self.env.cr.savepoint():
            references = self._find_references(sources)
            # sudo: nobody may write the journal but the engine
            merges = self.sudo().create([self._prepare_vals(one) for one in survivors])
            merges.source_ids._remember(
                {
                    merge: sources.browse(plan.source_ids)
                    for merge, plan in zip(merges, plans, strict=True)
                }
            )
            for merge, plan in zip(merges, plans, strict=True):
                survivor = survivors.browse(plan.survivor_id)
                merge._apply_one(plan, survivor, references, auto_unlink)
            merges._journal_close()
            self._check_empty(sources)
        return merges.sudo(self.env.su)

    def _apply_one(self, plan, survivor, references, auto_unlink):
        """Carry out one of several plans, and remember what changes.

        :param survivor: the record to merge into, as the user has it: the journal's
            own environment is none that hooks may run in
        """
        sources = survivor.browse(plan.source_ids)
        self.env.flush_all()
        self._journal_snapshot("crm_lead", survivor.ids)
        self._journal_leaving("crm_lead", sources.ids)
        leads = {"crm_lead": [survivor.id, *sources.ids]}
        with self._journal_recording(leads):
            self._move_references(survivor, sources, references)
            self.value_ids._set_aside(self, plan)
            self._write_survivor(survivor, plan)
            self._call_hooks(survivor, sources, auto_unlink)
        self._journal_complete()

    def _call_hooks(self, survivor, sources, auto_unlink):
        """Let core and other addons do their part, and delete the sources."""
        context = {MERGING: self}
        merging = survivor.with_context(**context)
        merging._merge_dependences(sources)
        merging._merge_log_summary({}, sources)
        if auto_unlink:
            # sudo: who may change all of them may merge them; deleting is how the
            # merge ends, and undo brings them back
            sources.with_context(**context).sudo().unlink()

    @api.model
    def _prepare_vals(self, survivor):
        return {
            "name": survivor.display_name,
            "survivor_id": survivor.id,
            "survivor_res_id": survivor.id,
        }

    def _write_survivor(self, survivor, plan):
        """Write the values of the plan without a word to anyone: no tracking, no
        e-mail, and nothing is copied between the survivor and its customer."""
        planner = self.env["crm.lead.merge.planner"]
        values = plan.changes(planner._read_values(survivor))
        self.value_ids._move_files(self, survivor, plan)
        # sudo: who may change all of the leads may merge them, whichever of their
        # values he may see
        quiet = survivor.sudo().with_context(tracking_disable=True)
        quiet._write_apart_from_customer(planner._to_write(values))
        quiet._write_columns(planner._to_columns(values))
        if plan.by_field["probability"].value is False:
            quiet._align_probability()
        closed = plan.by_field["date_closed"].value
        if quiet.date_closed != closed:
            quiet.date_closed = closed  # core writes today's date with the outcome
        if values.get("user_id"):
            self._subscribe(survivor)

    def _subscribe(self, survivor):
        """Let the new salesperson follow, as being assigned does, but without
        e-mail."""
        # sudo: as core subscribes whoever is assigned
        survivor.sudo().message_subscribe(survivor.user_id.partner_id.ids)

    def _log(self, survivor):
        """Say in the chatter what was merged, when, by whom, and what was set aside."""
        hidden = self.env["crm.lead.merge.value"]._get_grouped_fields()
        body = self.env["ir.qweb"]._render(
            "crm_lead_qualification.merge_note",
            {
                "merge": self,
                "format_date": functools.partial(format_date, self.env),
                "values": self.value_ids.filtered(
                    lambda value: value.field_name not in hidden
                ).grouped("source_res_id"),
            },
            minimal_qcontext=True,
        )
        self.note_id = survivor._message_log(body=body)

    def _get_done_action(self, next_action):
        """Return the action that says what was merged, offers *Undo*, and goes on.

        :param dict next_action: the action to go on with
        """
        # sudo: who merged them is told so, also once the result is a colleague's
        merge = self.sudo()
        message = self.env._(
            "%(count)s records were merged into ‘%(name)s’.",
            count=merge.source_count + 1,
            name=merge.name,
        )
        return get_done_action(self, message, next_action)
