import functools

from odoo.tools import SQL, format_date

from ...exceptions import SharedChange
from ..common.merging import MERGING
from ..journal.recorder import get_under_way, recording
from .files import MergedFiles
from .moving import Moving, check_empty, find_references
from .reported_values import OwnValues
from .texts import NamedLeads, find_texts
from .totals import UntypedTotals


class Applying:
    """Carries out plans that have no lead in common, together: each by itself, so that
    its merge remembers what is its own, but for what costs as much for one as for all
    of them.

    :param env: of the user who merges
    :param plans: `MergePlan`s
    :param bool auto_unlink: delete the sources; otherwise the caller will
    """

    def __init__(self, env, plans, auto_unlink):
        self.env = env
        self.plans = plans
        self.auto_unlink = auto_unlink
        self.is_single = len(plans) == 1
        leads = env["crm.lead"]
        self.survivors = leads.browse(plan.survivor_id for plan in plans)
        self.sources = leads.browse(one for plan in plans for one in plan.source_ids)
        # sudo: nobody may write the journal but the engine
        self.merges = env["crm.lead.merge"].sudo()

    def run(self):
        """Carry out the plans.

        :return: the journal records, one a plan, as the engine has them
        :raise SharedChange: if something changes with it that not every merge can
            remember as its own; nothing was changed
        """
        own_values = OwnValues(self.survivors)
        with self.env.cr.savepoint():
            references = self._find_references()
            has_texts = bool(find_texts(self.sources))
            sources_of = self._remember()
            batch = frozenset((self.survivors + self.sources).ids)
            for merge, plan in zip(self.merges, self.plans, strict=True):
                survivor = self.survivors.browse(plan.survivor_id)
                own = sources_of[merge]
                known = {"crm_lead": (survivor + own).ids}
                with recording(merge.journal_id, known, batch) as seen:
                    moving = Moving(merge, survivor, own)
                    self._apply_one(moving, plan, references)
                    if has_texts:  # some may have become others by the last merge
                        NamedLeads(moving).rewrite(find_texts(own))
                    if self.is_single:
                        self._log()
                        self._delete_sources()
                # before the next one changes the same rows
                merge.journal_id._complete(seen)
            self.merges.source_ids._remember_origins(references)
            if not self.is_single:
                self._end_together()
            self.merges.journal_id._note_emails()
            check_empty(self.sources)
        own_values.remember(self.merges)
        return self.merges

    def _find_references(self):
        references = find_references(self.sources)
        if not self.is_single and any(one.table == "crm_lead" for one in references):
            raise SharedChange("leads that point to leads")
        return references

    # ------------------------------------------------------------
    # Before anything is done to the leads
    # ------------------------------------------------------------

    def _remember(self):
        """Make the journal records, and remember how the leads are.

        :return: {merge: its sources}
        """
        self.merges = self.merges.create(
            [self._prepare_vals(survivor) for survivor in self.survivors]
        )
        plan_of = dict(zip(self.merges, self.plans, strict=True))
        sources_of = {
            merge: self.sources.browse(plan.source_ids)
            for merge, plan in plan_of.items()
        }
        UntypedTotals(self.merges).remember(sources_of)
        self.merges.source_ids._remember(sources_of)
        self._remember_leads(sources_of)
        self.env["crm.lead.merge.value"]._set_aside(plan_of)
        return sources_of

    def _prepare_vals(self, survivor):
        outer = get_under_way(self.env)
        return {
            "name": survivor.display_name,
            "survivor_id": survivor.id,
            "survivor_res_id": survivor.id,
            "outer_id": outer.journals.merge_ids[:1].id if outer else False,
        }

    def _remember_leads(self, sources_of):
        """Remember the rows of all leads."""
        self.env.flush_all()
        journals = self.merges.journal_id
        survivors = {merge.journal_id: [merge.survivor_res_id] for merge in self.merges}
        journals._snapshot_each("crm_lead", survivors, is_computed_later=True)
        leaving = {one.journal_id: sources.ids for one, sources in sources_of.items()}
        journals._snapshot_each("crm_lead", leaving, is_computed_later=False)

    # ------------------------------------------------------------
    # One plan after the other
    # ------------------------------------------------------------

    def _apply_one(self, moving, plan, references):
        """Carry out one plan, but for the end of its sources."""
        moving.move(references)
        # as the user has it: the engine's environment is none that hooks may run in
        survivor = moving.survivor
        self._write_survivor(moving.merge, survivor, plan)
        # core and other addons do their part; which merge it is, is none of theirs
        merging = survivor.with_context(**{MERGING: self.merges.browse()})
        merging._merge_dependences(moving.sources)
        merging._merge_log_summary({}, moving.sources)
        survivor._mend_parent_path()

    def _write_survivor(self, merge, survivor, plan):
        """Write the values of the plan without a word to anyone: no tracking, no
        e-mail, and nothing is copied between the survivor and its customer."""
        facts = self.env["crm.lead.merge.fields"]
        values = plan.changes(facts._read_values(survivor)[survivor.id])
        MergedFiles(merge).move(survivor, plan)
        # sudo: who may change all of the leads may merge them, whichever of their
        # values he may see
        quiet = survivor.sudo().with_context(tracking_disable=True)
        quiet._write_apart_from_customer(facts._to_write(values))
        quiet._write_columns(facts._to_columns(values))
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

    # ------------------------------------------------------------
    # The notes, and the end of the sources: at once, as core drops all that it has
    # cached whenever something is deleted
    # ------------------------------------------------------------

    def _end_together(self):
        """Tell and delete, of several merges; remember which note is whose."""
        self._log()
        self.env.flush_all()
        self.merges.journal_id._record_each(
            "mail_message",
            SQL(
                """SELECT merge.journal_id, note.id AS row_id, NULL::jsonb AS before,
                          to_jsonb(note) AS after
                     FROM crm_lead_merge merge
                     JOIN mail_message note ON note.id = merge.note_id
                    WHERE merge.id = ANY(%s)""",
                self.merges.ids,
            ),
        )
        lead_ids = self.sources.ids
        gone = {"crm_lead": lead_ids}
        with recording(self.merges.journal_id, gone, frozenset(lead_ids)):
            self._delete_sources()

    def _delete_sources(self):
        if not (self.auto_unlink and self.sources):
            return
        # sudo: who may change all of them may merge them; deleting is how the merge
        # ends, and undo brings them back
        sources = self.sources.with_context(**{MERGING: self.merges.browse()})
        sources.sudo().unlink()

    def _log(self):
        """Say in the chatter of each survivor what was merged, when, by whom, and what
        was set aside."""
        bodies = {
            merge.survivor_res_id: self._render_note(merge) for merge in self.merges
        }
        logged = self.survivors._message_log_batch(bodies)
        notes = {note.res_id: note for note in logged}
        for merge in self.merges:
            merge.note_id = notes[merge.survivor_res_id]

    def _render_note(self, merge):
        facts = self.env["crm.lead.merge.fields"]
        hidden = facts._get_grouped_fields()
        return merge.env["ir.qweb"]._render(
            "crm_lead_qualification.merge_note",
            {
                "merge": merge,
                "format_date": functools.partial(format_date, merge.env),
                "values": merge.value_ids.filtered(
                    lambda value: not facts._is_hidden(value.field_name, hidden)
                ).grouped("source_res_id"),
            },
            minimal_qcontext=True,
        )
