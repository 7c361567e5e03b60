import functools
import logging

from psycopg2.errors import ExclusionViolation, UniqueViolation

from odoo import api, models
from odoo.tools import SQL, format_date

from ...exceptions import MergeRefused, SharedChange
from ..common.extended import is_extended
from ..common.merging import MERGING
from ..journal.recorder import get_under_way, recording

_logger = logging.getLogger(__name__)


class CrmLeadMerge(models.Model):
    """How plans are carried out: each by itself, so that it remembers what is its own,
    but for what costs as much for one as for all of them."""

    _inherit = "crm.lead.merge"

    @api.model
    def _apply(self, plans, auto_unlink=True):
        """Carry out `plans`, which have no lead in common; whatever fails leaves
        everything as it was.

        :param bool auto_unlink: delete the sources; otherwise the caller will
        :return: the journal records, one a plan
        """
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
    def _apply_together(self, plans, auto_unlink):
        """Carry out `plans`; the notes, and the end of the sources, of all of them at
        once: core drops all that it has cached whenever something is deleted.

        :raise SharedChange: if something changes with it that not every merge can
            remember as its own; nothing was changed
        """
        survivors = self.env["crm.lead"].browse(plan.survivor_id for plan in plans)
        sources = survivors.browse(one for plan in plans for one in plan.source_ids)
        doomed = sources if auto_unlink else sources.browse()
        is_single = len(plans) == 1
        with self.env.cr.savepoint():
            references = self._find_references(sources)
            has_texts = bool(self._find_texts(sources))
            if not is_single and any(one.table == "crm_lead" for one in references):
                raise SharedChange("leads that point to leads")
            # sudo: nobody may write the journal but the engine
            merges = self.sudo().create([self._prepare_vals(one) for one in survivors])
            sources_of = {
                merge: sources.browse(plan.source_ids)
                for merge, plan in zip(merges, plans, strict=True)
            }
            merges._remember_totals(sources_of)
            merges.source_ids._remember(sources_of)
            merges._remember_leads(sources_of)
            self.env["crm.lead.merge.value"]._set_aside(
                dict(zip(merges, plans, strict=True))
            )
            batch = frozenset((survivors + sources).ids)
            for merge, plan in zip(merges, plans, strict=True):
                survivor, own = survivors.browse(plan.survivor_id), sources_of[merge]
                known = {"crm_lead": (survivor + own).ids}
                with recording(merge.journal_id, known, batch) as seen:
                    merge._apply_one(plan, survivor, own, references)
                    if has_texts:  # some may have become others by the last merge
                        texts = self._find_texts(own)
                        merge._rewrite_texts(texts, survivor, own)
                    if is_single:
                        merge._log(survivors)
                        merge._delete(doomed)
                # before the next one changes the same rows
                merge.journal_id._complete(seen)
            merges._remember_messages(references)
            if not is_single:
                merges._log_together(survivors)
                gone = {"crm_lead": sources.ids}
                with recording(merges.journal_id, gone, frozenset(sources.ids)):
                    merges._delete(doomed)
            merges.journal_id._close()
            self._check_empty(sources)
        return merges.sudo(self.env.su)

    def _remember_leads(self, sources_of):
        """Remember the rows of all leads before anything is done to them.

        :param sources_of: {merge: its sources}
        """
        self.env.flush_all()
        journals = self.journal_id
        survivors = {merge.journal_id: [merge.survivor_res_id] for merge in self}
        journals._snapshot_each("crm_lead", survivors, is_computed_later=True)
        leaving = {one.journal_id: sources.ids for one, sources in sources_of.items()}
        journals._snapshot_each("crm_lead", leaving, is_computed_later=False)

    def _apply_one(self, plan, survivor, sources, references):
        """Carry out one of several plans, but for the end of its sources.

        :param survivor: the record to merge into, as the user has it: the journal's
            own environment is none that hooks may run in
        """
        self._move_references(survivor, sources, references)
        self._write_survivor(survivor, plan)
        # core and other addons do their part; which merge it is, is none of theirs
        merging = survivor.with_context(**{MERGING: self.browse()})
        merging._merge_dependences(sources)
        merging._merge_log_summary({}, sources)

    def _delete(self, sources):
        if not sources:
            return
        # sudo: who may change all of them may merge them; deleting is how the merge
        # ends, and undo brings them back
        sources.with_context(**{MERGING: self.browse()}).sudo().unlink()

    @api.model
    def _prepare_vals(self, survivor):
        outer = get_under_way(self.env)
        return {
            "name": survivor.display_name,
            "survivor_id": survivor.id,
            "survivor_res_id": survivor.id,
            "outer_id": outer.journals.merge_ids[:1].id if outer else False,
        }

    def _write_survivor(self, survivor, plan):
        """Write the values of the plan without a word to anyone: no tracking, no
        e-mail, and nothing is copied between the survivor and its customer."""
        planner = self.env["crm.lead.merge.planner"]
        values = plan.changes(planner._read_values(survivor)[survivor.id])
        self._move_files(survivor, plan)
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

    def _log(self, survivors):
        """Say in the chatter of each survivor what was merged, when, by whom, and what
        was set aside.

        :param survivors: the records merged into, as the user has them
        """
        bodies = {merge.survivor_res_id: merge._render_note() for merge in self}
        notes = {one.res_id: one for one in survivors._message_log_batch(bodies)}
        for merge in self:
            merge.note_id = notes[merge.survivor_res_id]

    def _log_together(self, survivors):
        """Do so for several merges at once, and remember which note is whose."""
        self._log(survivors)
        self.env.flush_all()
        self.journal_id._record_each(
            "mail_message",
            SQL(
                """SELECT merge.journal_id, note.id AS row_id, NULL::jsonb AS before,
                          to_jsonb(note) AS after
                     FROM crm_lead_merge merge
                     JOIN mail_message note ON note.id = merge.note_id
                    WHERE merge.id = ANY(%s)""",
                self.ids,
            ),
        )

    def _render_note(self):
        planner = self.env["crm.lead.merge.planner"]
        hidden = planner._get_grouped_fields()
        return self.env["ir.qweb"]._render(
            "crm_lead_qualification.merge_note",
            {
                "merge": self,
                "format_date": functools.partial(format_date, self.env),
                "values": self.value_ids.filtered(
                    lambda value: not planner._is_hidden(value.field_name, hidden)
                ).grouped("source_res_id"),
            },
            minimal_qcontext=True,
        )
