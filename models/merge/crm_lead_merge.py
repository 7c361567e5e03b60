import dataclasses
import logging

from psycopg2.errors import ExclusionViolation, UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ...engine.plan import UNDECIDED
from ...exceptions import MergeRefused, PlanOutdated, SharedChange
from ..common.arguments import check_one, check_records, get_ids
from ..common.done_action import get_done_action
from ..common.extended import is_extended
from . import texts
from .applying import Applying
from .files import MergedFiles
from .late_arrivals import LateArrivals
from .old_ids import resolve
from .totals import UntypedTotals
from .undo_followers import Unsubscribed
from .undo_imports import ImportedSince
from .undo_meetings import MeetingSeries

_logger = logging.getLogger(__name__)

#: Contact merge of Odoo itself.
CONTACT_MERGE = "base.partner.merge.automatic.wizard"


class CrmLeadMerge(models.Model):
    """One merge that happened: the survivor, what went into it, and how to undo it.

    How it works: `_plan` says what would happen, for a dialog. `_merge` decides in the
    same way (`_decide`, by `crm.lead.merge.planner`) under row locks, and carries it
    out (`_apply`, by `Applying`), which remembers every row it changes
    (`crm.lead.journal`). `action_undo` plays the memory backwards.
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
    own_values = fields.Json(
        readonly=True,
        groups=fields.NO_ACCESS,  # the report reads it by SQL, and shows each by rights
        help="{field: [what the survivor said itself, what the merge made of it]}, the "
        "merges before this one included.",
    )
    file_values = fields.Json(
        readonly=True,
        help="{id of the lead: {field: {before, after}}}, each the id of an attachment "
        "and its checksum, or nothing.",
    )
    customer_ids = fields.Many2many(
        "res.partner",
        string="Customers",
        compute="_compute_customer_ids",
        compute_sudo=False,
        help="The customers of the merged records, without the company of another one.",
    )
    can_merge_customers = fields.Boolean(compute="_compute_customer_ids")

    @api.depends("source_ids")
    def _compute_source_count(self):
        counts = dict(
            self.env["crm.lead.merge.source"]._read_group(
                [("merge_id", "in", self.ids)], ["merge_id"], ["__count"]
            )
        )
        for merge in self:
            merge.source_count = counts.get(merge, 0)

    @api.depends("survivor_id.partner_id", "source_ids.partner_id")
    @api.depends_context("uid")
    def _compute_customer_ids(self):
        may_merge = self.env[CONTACT_MERGE].has_access("create")
        for merge in self:
            found = merge.survivor_id.partner_id | merge.source_ids.partner_id
            found = found.exists()._filtered_access("write")
            merge.customer_ids = found - found.parent_id
            several = len(merge.customer_ids) > 1
            merge.can_merge_customers = may_merge and several and merge.state == "done"

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

    @api.model
    def _decide_all(self, groups):
        """Return the plans for groups that have no lead in common."""
        prefetched = [lead_id for leads, _options in groups for lead_id in leads.ids]
        everything = self.env["crm.lead"].browse(prefetched)
        self.env["crm.lead.merge.check"]._check_there(everything)
        # of all groups at once
        values = self.env["crm.lead.merge.fields"]._read_values(everything)
        plans, moved = [], {}
        for leads, options in groups:
            leads = leads.with_prefetch(prefetched)
            plan = self._decide_there(leads, options, moved, values)
            moved.update(dict.fromkeys(plan.source_ids, plan.survivor_id))
            plans.append(plan)
        return plans

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

    @api.model
    def _apply(self, plans, auto_unlink=True):
        """Carry out `plans`, which have no lead in common; whatever fails leaves
        everything as it was.

        :param bool auto_unlink: delete the sources; otherwise the caller will
        :return: the journal records, one a plan
        """
        merges = self._apply_plans(plans, auto_unlink)
        # What was set aside keeps finding the survivor.
        queue = self.env["crm.lead.match.queue"]
        queue._append([plan.survivor_id for plan in plans])
        return merges

    @api.model
    def _apply_plans(self, plans, auto_unlink):
        """Carry them out together, or each apart where that is not possible."""
        if not (auto_unlink and is_extended(self.env["crm.lead"], "unlink")):
            try:
                return self._apply_together(plans, auto_unlink)
            # and nothing has happened
            except (SharedChange, UniqueViolation, ExclusionViolation) as found:
                _logger.debug("Merging one after the other because of %s", found)
        with self.env.cr.savepoint():
            merges = [self._apply_apart(plan, auto_unlink) for plan in plans]
        return self.union(*merges)

    @api.model
    def _apply_together(self, plans, auto_unlink):
        merges = Applying(self.env, plans, auto_unlink).run()
        return merges.sudo(self.env.su)

    @api.model
    def _apply_apart(self, plan, auto_unlink):
        """Carry out one plan.

        :raise MergeRefused: if the survivor would get what another record has
        """
        try:
            return self._apply_together([plan], auto_unlink)
        except (UniqueViolation, ExclusionViolation) as error:
            survivor = self.env["crm.lead"].browse(plan.survivor_id)
            check = self.env["crm.lead.merge.check"]
            raise MergeRefused(check._explain_held(error, survivor)) from error

    @api.model
    def _get_text_places(self):
        """Return ((model, field with the text, field with the model it is about,
        whether it may be rewritten), …) of the texts in which people write ids."""
        return texts.get_places(self.env)

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
        action = get_done_action(self, message, next_action)
        if action["params"].get("res_id") and self.can_merge_customers:
            action["params"]["then"] = {
                "name": self.env._("Merge their customers"),
                "method": "action_merge_customers",
            }
        return action

    def _get_leads(self):
        sources = self.source_ids.mapped("source_res_id")
        return self.env["crm.lead"].browse([*self.mapped("survivor_res_id"), *sources])

    @api.model
    def _cron_sweep_late_arrivals(self):
        """Move what was filed under a merged-away lead while it was being merged."""
        LateArrivals(self).sweep()

    # ------------------------------------------------------------
    # Undo
    # ------------------------------------------------------------

    def _check_undo(self):
        result = super()._check_undo()
        self.env["crm.lead"].browse(self.survivor_res_id).check_access("write")
        if inner := self._get_inner_merges():
            inner._check_undo_possible()
        return result

    def _explain_undo_first(self, earlier):
        if earlier._name != self._name:
            return self.env._(
                "‘%(lead)s’ was merged after it was converted. Undo that merge "
                "first (number %(number)s in the merge history).",
                lead=earlier.name,
                number=self.id,
            )
        return self.env._(
            "‘%(merge)s’ was merged again on %(date)s. Undo that merge first "
            "(number %(number)s in the merge history).",
            merge=earlier.name,
            date=format_date(self.env, self.create_date),
            number=self.id,
        )

    def _find_conflicts(self, others=()):
        """List as well who stopped following since, series of meetings, files, and what
        was imported; leave out the merged leads, which are gone by the merge's own
        doing, and totals that say what is computed: they will be so again."""
        engine = self.sudo()  # sudo: ids alone, whatever the user may read
        sources = set(engine.source_ids.mapped("source_res_id"))
        conflicts = [
            conflict
            for conflict in super()._find_conflicts(others)
            if conflict[0] != "crm_lead"
            or conflict[1] not in sources
            or conflict[2]
            or conflict[4]
        ]
        files = [file for merge in engine for file in MergedFiles(merge).find_changed()]
        return [
            *UntypedTotals(self).leave_out(conflicts),
            *files,
            *MeetingSeries(self).find_changed(),
            *Unsubscribed(self).find_names(),
            *ImportedSince(self).find_changed(),
        ]

    def _undo(self):
        """Bring the sources back and put everything else where it was."""
        leads = self._get_leads()
        survivor = leads.browse(self.survivor_res_id)
        imported = ImportedSince(self)
        told = imported.take()
        self.env["crm.lead.duplicate"]._forget_inherited(self)
        self.env["crm.lead.merge.check"]._lock(survivor)
        with self.env.cr.savepoint():
            merge = self.sudo()  # sudo: nobody may write the journal but the engine
            edited = merge.journal_id._find_edited("mail_message")
            merge.note_id.filtered(lambda note: note.id not in edited).unlink()
            was = survivor._get_won_lost()
            Unsubscribed(merge).forget()
            series = MeetingSeries(merge)
            meetings = series.find_new()
            merge._restore_around_inner()
            series.take_back(meetings)
            MergedFiles(merge).restore()
            merge._restore_scoring(survivor, was)
            leads.check_access("write")  # they are somebody's again
            merge.source_ids._bring_back()
            merge.value_ids.unlink()
            merge.journal_id._finish_undo()
            self.env.flush_all()
        self.env["crm.lead.duplicate"]._search_of(leads).group_id._recount()
        self.env["crm.lead.match.queue"]._append(leads.ids)
        imported.bring_back(told)
        leads._mend_parent_path()

    def _get_inner_merges(self):
        """Return the merges that other addons made in hooks of these, and in hooks of
        those, the last one first."""
        # sudo: a part of the merge is undone with it, whoever may read it
        inner = self.sudo().search(
            [("outer_id", "in", self.ids), ("state", "=", "done")], order="id desc"
        )
        return inner | inner._get_inner_merges() if inner else inner

    def _restore_around_inner(self):
        """Bring back the rows, and undo the inner merges, the latest change first."""
        before = None
        for merge in self._get_inner_merges().filtered(
            lambda merge: merge.outer_id == self
        ):
            line_ids = (merge | merge._get_inner_merges()).line_ids.ids
            self.journal_id._restore(max(line_ids), before)
            merge._undo()
            before = min(line_ids)
        self.journal_id._restore(before=before)

    def _restore_scoring(self, survivor, was):
        """Undo what the merge told core's scoring, if undo leads back to how it was;
        otherwise tell the scoring what has become of the survivor.

        :param dict was: won and lost before undo, see `crm.lead._get_won_lost`
        """
        now = survivor._get_won_lost()
        if was == now:
            return
        # Raw SQL: what the journal says is read by SQL alone.
        [(before, after)] = self.env.execute_query(
            SQL(
                """SELECT one -> 'before' ->> 'won_status',
                          one -> 'after' ->> 'won_status'
                     FROM crm_lead_journal_line, jsonb_array_elements(changes) AS one
                    WHERE journal_id = %s AND table_name = 'crm_lead'
                      AND (one ->> 'row_id')::int = %s
                      AND one -> 'before' ? 'won_status'
                    LIMIT 1""",
                self.journal_id.id,
                survivor.id,
            )
        )
        is_back = survivor.won_status == before and was == {
            survivor.id: {"is_won": after == "won", "is_lost": after == "lost"}
        }
        if is_back:
            self.journal_id._restore_counters()
        else:
            survivor._handle_won_lost(was, now)

    def _get_undo_message(self):
        return self.env._("The merge into ‘%s’ is undone.", self.name)

    # ------------------------------------------------------------
    # Where the ids of merged-away leads lead to (promise B5)
    # ------------------------------------------------------------

    @api.model
    def resolve(self, lead_ids):
        """Say where leads that were merged away are now, through chains of merges.

        :param list lead_ids: ids of leads, whether they were merged or not
        :return: {id as text: id of the record it is now}; an id that was never merged
            is its own answer; False where the user may not read the record, or it is
            gone
        :raise NotAnId: if what was given is no list of ids
        """
        lead_ids = get_ids(self.env, "crm.lead", lead_ids)
        # XML-RPC carries no other keys than text.
        return {str(lead_id): now for lead_id, now in self._resolve(lead_ids).items()}

    @api.model
    def _resolve(self, lead_ids):
        """Say what `resolve` says, by the ids themselves."""
        return resolve(self.env, lead_ids)

    # ------------------------------------------------------------
    # Customers: where merged leads had several, they may be the same one twice, and
    # Odoo's own contact merge is a click away. Nothing here touches a customer
    # ------------------------------------------------------------

    def action_merge_customers(self):
        """Open Odoo's contact merge with the customers of the merged records.

        :raise UserError: if there are not several that the user may merge
        """
        check_one(self)
        check_records(self, "read")
        if not self.can_merge_customers:
            raise UserError(
                self.env._(
                    "The records that were merged into ‘%s’ do not have several "
                    "customers that you may merge. Ask someone who may create "
                    "contacts.",
                    self.name,
                )
            )
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "base.action_partner_merge"
            ),
            "views": [(False, "form")],
            "context": {
                "active_model": "res.partner",
                "active_ids": self.customer_ids.ids,
            },
        }
