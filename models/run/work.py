import logging

from odoo import api, models
from odoo.exceptions import LockError, UserError
from odoo.tools import SQL

from ...engine.conversion import ConversionOptions
from ...engine.plan import MergeOptions
from ...exceptions import ConversionRefused
from ..common.attempt import attempt

_logger = logging.getLogger(__name__)

# How often a lead that someone else is changing is tried before it is skipped.
ATTEMPTS = 3


class CrmLeadRunLine(models.Model):
    """How the lines of a run are carried out and undone: all at once where that works,
    one by one where it does not."""

    _inherit = "crm.lead.run.line"

    # ------------------------------------------------------------
    # Take
    # ------------------------------------------------------------

    @api.model
    def _take(self, run, limit):
        """Take the next lines that no other worker is at: their groups are ours until
        the end of the transaction. What was busy comes again after all others, and
        undo goes back the same way."""
        self.env.flush_all()
        order = SQL("attempts NULLS FIRST, sequence")  # as the index has it
        if run.state == "undoing":
            order = SQL("attempts DESC NULLS LAST, sequence DESC")
        # Raw SQL: the ORM cannot search and lock, skipping what is locked, in one.
        rows = self.env.execute_query(
            SQL(
                """SELECT id, group_number FROM crm_lead_run_line
                    WHERE run_id = %s AND state = %s AND is_head
                 ORDER BY %s LIMIT %s FOR UPDATE SKIP LOCKED""",
                run.id,
                run._get_pending_state(),
                order,
                limit,
            )
        )
        lines = self.browse(row[0] for row in rows)
        if not lines:
            return lines
        members = self.search(
            [
                ("run_id", "=", run.id),
                ("group_number", "in", [row[1] for row in rows]),
                ("is_head", "=", False),
            ]
        )
        return lines + members

    def _for_owner(self):
        """Return the lines as whoever started the run works on them; or, where they are
        undone or nobody is left who started it, whoever asks for it."""
        # sudo: runs are the engine's own; leads are handled as their user may
        run = self.run_id.sudo()
        user = run.create_uid
        if not self.env.su and (run.state == "undoing" or not user):
            user = self.env.user
        companies = run.company_ids & user.company_ids
        first = (run.options or {}).get("company_id")
        companies = companies.sorted(lambda company: company.id != first)
        context = {"allowed_company_ids": companies.ids, "lang": user.lang}
        return self.with_user(user).with_context(**context)

    def _by_group(self):
        """Return the lines group by group, the head first."""
        groups = {}
        # sudo: runs are the engine's own; leads are handled as their user may
        for line in self.sudo():
            groups.setdefault(line.group_number, self.browse())
            groups[line.group_number] += line
        return [group.with_env(self.env) for group in groups.values()]

    def _settle(self, state, reason=None):
        """Note what became of the lines.

        :param str reason: why; None: what was said when it was proposed stays (B7)
        """
        values = {"state": state}
        if reason is not None:
            values["reason"] = reason
        # sudo: nobody may write runs but the engine
        self.sudo().write(values)

    # ------------------------------------------------------------
    # Carry out
    # ------------------------------------------------------------

    def _carry_out(self):
        """Carry out all lines at once; if that fails, group by group, so that one that
        cannot be done does not stop the others."""
        # sudo: runs are the engine's own; leads are handled as their user may
        skipped = self.sudo().filtered(lambda one: one.proposal == "skip")
        for line in skipped:
            line._settle("skipped", line.reason or self.env._("Skipped as chosen"))
        todo = self - skipped.with_env(self.env)
        if attempt(self.env, todo._carry_out_together) is None:
            return
        for group in todo._by_group():
            error = attempt(self.env, group._carry_out_together)
            if error is not None:
                group._fail(error)

    def _fail(self, error):
        """Skip these lines with the reason, or try again later what someone else is
        changing at the moment."""
        # sudo: runs are the engine's own; leads are handled as their user may
        lines = self.sudo()
        lines.attempts = lines[:1].attempts + 1
        is_busy = isinstance(error.__cause__, LockError)
        if not is_busy or lines[:1].attempts >= ATTEMPTS:
            lines._settle("skipped", self._explain(error))

    def _explain(self, error):
        """Return what people read of an error: its message is for them if it is meant
        to be, else it is for the log alone."""
        if isinstance(error, UserError):
            return str(error) or type(error).__name__
        # sudo: runs are the engine's own; leads are handled as their user may
        ids = self.sudo().mapped("lead_res_id")
        _logger.error("Leads %s of a bulk run failed", ids, exc_info=error)
        return self.env._(
            "An unexpected error came up, and nothing was changed. Ask your "
            "administrator: the log of the server says more."
        )

    def _carry_out_together(self):
        # sudo: runs are the engine's own; leads are handled as their user may
        lines = self.sudo()
        groups = [group.sudo() for group in self._by_group()]
        merges = self._merge([one for one in groups if one[0].proposal == "merge"])
        singles = [
            lead_id
            for group in groups
            if group[0].proposal != "merge"
            for lead_id in group.mapped("lead_res_id")
        ]
        if lines.run_id.kind == "merge":
            lines._settle("done")
            return
        results = merges.mapped("survivor_res_id")
        leads = self.env["crm.lead"].browse([*singles, *results])
        said = {  # the heads last: what they say counts
            one.merge_id.survivor_res_id or one.lead_res_id: one
            for one in lines.sorted("is_head")
        }
        options = lines.run_id._get_conversion_options(leads, said)
        engine = self.env["crm.lead.conversion"]
        conversions, skipped = engine._convert(leads, options, merges=merges)
        # sudo: they may be a colleague's by now
        lines._note(conversions.sudo(), skipped)

    @api.model
    def _merge(self, groups):
        """Merge the leads of each group of lines, and note the merge in the lines.

        :return: the merges, in the order of the groups
        """
        prepared = [group._prepare_merge(self.env) for group in groups]
        self._check_not_separate([leads for leads, _options in prepared])
        if self.run_id.kind == "convert":
            self._check_open([leads for leads, _options in prepared])
        merges = self.env["crm.lead.merge"]._merge_groups(prepared)
        for group, merge in zip(groups, merges, strict=True):
            group.merge_id = merge
        return merges

    def _check_not_separate(self, groups):
        """Refuse to merge what somebody has kept separate since it was proposed.

        :param groups: [leads, …]
        :raise ConversionRefused: naming two of them
        """
        number = {
            lead.id: place for place, leads in enumerate(groups) for lead in leads
        }
        # sudo: a decision stands, whoever may read both leads
        pairs = self.env["crm.lead.duplicate"].sudo()
        for pair in pairs.search(
            [
                ("state", "=", "separate"),
                ("separate_date", ">=", self.run_id.create_date),
                ("lead_id", "in", list(number)),
                ("other_lead_id", "in", list(number)),
            ]
        ):
            if number[pair.lead_id.id] == number[pair.other_lead_id.id]:
                pair = pair.with_env(self.env)
                raise ConversionRefused(
                    self.env._(
                        "‘%(one)s’ and ‘%(other)s’ were kept separate after this was "
                        "proposed. Convert or merge them by hand if you like.",
                        one=pair.lead_id.display_name,
                        other=pair.other_lead_id.display_name,
                    )
                )

    @api.model
    def _check_open(self, groups):
        """Refuse to merge what cannot be converted (any more), such as what was won
        meanwhile.

        :param groups: [leads, …]
        :raise ConversionRefused: naming one of them
        """
        leads = self.env["crm.lead"].union(*groups)
        options = ConversionOptions(opportunities_too=True)
        check = self.env["crm.lead.conversion.check"]
        for reason in check._find_obstacles(leads, options).values():
            raise ConversionRefused(reason)

    def _prepare_merge(self, env):
        """Return the leads of a group, and how to merge them: into the record that was
        chosen, if there is one."""
        leads = env["crm.lead"].browse(self.mapped("lead_res_id"))
        survivor = leads.browse(filter(None, self.mapped("survivor_res_id")))[:1]
        options = MergeOptions(
            survivor_id=survivor.id or None, convert=self.run_id.kind == "convert"
        )
        return leads | survivor, options

    def _note(self, conversions, skipped):
        """Note which conversion each line led to, or why there is none."""
        by_lead = {one.lead_res_id: one for one in conversions}
        for line in self:
            lead_id = line.merge_id.survivor_res_id or line.lead_res_id
            line.conversion_id = by_lead.get(lead_id)
            if lead_id in skipped:
                line._settle("done" if line.merge_id else "skipped", skipped[lead_id])
        self.filtered(lambda one: one.state == "waiting")._settle("done")

    # ------------------------------------------------------------
    # Undo
    # ------------------------------------------------------------

    def _get_conflicts(self):
        """List what has been changed since, but not by the run itself: what a line
        changed, others may have changed once more."""
        # sudo: runs are the engine's own; what may not be read is not named
        lines = self.sudo().filtered(lambda one: one.state == "done")
        merges = lines.merge_id.filtered(lambda one: one.state == "done")
        conversions = lines.conversion_id.filtered(lambda one: one.state == "done")
        return merges.with_env(self.env)._get_conflicts(conversions)

    def _undo(self):
        """Undo all lines at once; if that fails, group by group."""
        if attempt(self.env, self._undo_together) is None:
            return
        for group in reversed(self._by_group()):
            error = attempt(self.env, group._undo_together)
            if error is not None:
                group._settle("kept", group._explain(error))

    def _undo_together(self):
        # sudo: runs are the engine's own; leads are handled as their user may
        lines = self.sudo()
        for merge in lines.merge_id.sorted("id", reverse=True).with_env(self.env):
            if merge.sudo().state == "done":
                merge._check_undo()
                merge._undo()
        conversions = lines.conversion_id.filtered(lambda one: one.state == "done")
        conversions = conversions.with_env(self.env)
        if conversions:
            conversions._check_undo_possible()
            conversions._check_undo_together()
            conversions._undo()
        for line in lines:
            if line.conversion_id or line.merge_id:
                line._settle("undone")
            else:
                reason = self.env._("‘%s’ has been deleted since.", line.name)
                line._settle("kept", reason)
