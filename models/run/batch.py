import logging

from odoo.exceptions import LockError, UserError

from ...engine.conversion import ConversionOptions
from ...engine.plan import MergeOptions
from ...exceptions import ConversionRefused
from ..common.attempt import attempt

_logger = logging.getLogger(__name__)

# How often a lead that someone else is changing is tried before it is skipped.
ATTEMPTS = 3


class Batch:
    """Lines of one run that are carried out or undone together, as whoever started it:
    all at once where that works, group by group where it does not.

    :param lines: `crm.lead.run.line`
    """

    def __init__(self, lines):
        self.env = lines.env
        self.lines = lines
        # sudo: runs are the engine's own; leads are handled as their user may
        self.engine = lines.sudo()
        self.run = self.engine.run_id

    # ------------------------------------------------------------
    # Carry out
    # ------------------------------------------------------------

    def carry_out(self):
        """Carry out all lines at once; if that fails, group by group, so that one that
        cannot be done does not stop the others."""
        skipped = self.engine.filtered(lambda line: line.proposal == "skip")
        for line in skipped:
            line._settle("skipped", line.reason or self.env._("Skipped as chosen"))
        todo = Batch(self.lines - skipped.with_env(self.env))
        if attempt(self.env, todo.carry_out_together) is None:
            return
        for group in todo.lines._by_group():
            batch = Batch(group)
            error = attempt(self.env, batch.carry_out_together)
            if error is not None:
                batch._fail(error)

    def _fail(self, error):
        """Skip these lines with the reason, or try again later what someone else is
        changing at the moment."""
        lines = self.engine
        lines.attempts = lines[:1].attempts + 1
        is_busy = isinstance(error.__cause__, LockError)
        if not is_busy or lines[:1].attempts >= ATTEMPTS:
            lines._settle("skipped", self._explain(error))

    def _explain(self, error):
        """Return what people read of an error: its message is for them if it is meant
        to be, else it is for the log alone."""
        if isinstance(error, UserError):
            return str(error) or type(error).__name__
        ids = self.engine.mapped("lead_res_id")
        _logger.error("Leads %s of a bulk run failed", ids, exc_info=error)
        return self.env._(
            "An unexpected error came up, and nothing was changed. Ask your "
            "administrator: the log of the server says more."
        )

    def carry_out_together(self):
        """Merge and convert the leads of all lines, and note what became of them."""
        lines = self.engine
        # sudo: as above
        groups = [group.sudo() for group in self.lines._by_group()]
        merges = self._merge([one for one in groups if one[0].proposal == "merge"])
        singles = [
            lead_id
            for group in groups
            if group[0].proposal != "merge"
            for lead_id in group.mapped("lead_res_id")
        ]
        if self.run.kind == "merge":
            lines._settle("done")
            return
        results = merges.mapped("survivor_res_id")
        leads = self.env["crm.lead"].browse([*singles, *results])
        said = {  # the heads last: what they say counts
            line.merge_id.survivor_res_id or line.lead_res_id: line
            for line in lines.sorted("is_head")
        }
        options = self.run._get_conversion_options(leads, said)
        engine = self.env["crm.lead.conversion"]
        conversions, skipped = engine._convert(leads, options, merges=merges)
        # sudo: they may be a colleague's by now
        self._note(conversions.sudo(), skipped)

    def _merge(self, groups):
        """Merge the leads of each group of lines, and note the merge in the lines.

        :return: the merges, in the order of the groups
        """
        prepared = [self._prepare_merge(group) for group in groups]
        self._check_not_separate([leads for leads, _options in prepared])
        if self.run.kind == "convert":
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
                ("separate_date", ">=", self.run.create_date),
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

    def _prepare_merge(self, group):
        """Return the leads of a group, and how to merge them: into the record that was
        chosen, if there is one."""
        leads = self.env["crm.lead"].browse(group.mapped("lead_res_id"))
        survivor = leads.browse(filter(None, group.mapped("survivor_res_id")))[:1]
        options = MergeOptions(
            survivor_id=survivor.id or None, convert=self.run.kind == "convert"
        )
        return leads | survivor, options

    def _note(self, conversions, skipped):
        """Note which conversion each line led to, or why there is none."""
        by_lead = {one.lead_res_id: one for one in conversions}
        for line in self.engine:
            lead_id = line.merge_id.survivor_res_id or line.lead_res_id
            line.conversion_id = by_lead.get(lead_id)
            if lead_id in skipped:
                line._settle("done" if line.merge_id else "skipped", skipped[lead_id])
        waiting = self.engine.filtered(lambda line: line.state == "waiting")
        waiting._settle("done")

    # ------------------------------------------------------------
    # Undo
    # ------------------------------------------------------------

    def undo(self):
        """Undo all lines at once; if that fails, group by group."""
        if attempt(self.env, self.undo_together) is None:
            return
        for group in reversed(self.lines._by_group()):
            batch = Batch(group)
            error = attempt(self.env, batch.undo_together)
            if error is not None:
                group._settle("kept", batch._explain(error))

    def undo_together(self):
        """Undo the merges and conversions of all lines, the last first."""
        lines = self.engine
        for merge in lines.merge_id.sorted("id", reverse=True).with_env(self.env):
            # sudo: whether it is undone already, whoever may read it by now
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
