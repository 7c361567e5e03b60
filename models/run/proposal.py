from collections import Counter

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...engine.conversion import ConversionOptions
from ...engine.proposals import NOT_SELECTED, NOTHING_LEFT, Proposal, choose


class CrmLeadRun(models.Model):
    """Lets people change what is proposed in the lines of a run, nothing else of it."""

    _inherit = "crm.lead.run"

    def write(self, vals):
        if self.env.su:
            return super().write(vals)
        self.check_access("write")
        commands = vals.get("line_ids") or []
        if set(vals) - {"line_ids"} or not all(map(self._is_choice, commands)):
            raise UserError(
                self.env._("Of a bulk run only what is proposed can be changed.")
            )
        for _update, line_id, values in commands:
            self.line_ids.browse(line_id).write(values)
        return True

    def _is_choice(self, command):
        """Return whether a command changes what is proposed in a line of this run."""
        return (
            isinstance(command, list | tuple)
            and len(command) == 3
            and command[0] == Command.UPDATE
            and command[1] in self.line_ids.ids
            and isinstance(command[2], dict)
        )


class CrmLeadRunLine(models.Model):
    """What is proposed for each lead of a run, and what people choose instead."""

    _inherit = "crm.lead.run.line"

    @api.model
    def _propose(self, leads, groups, kind, selected):
        """Say what is best done with each lead.

        :param leads: all leads, as whoever starts the run sees them
        :param groups: [[lead id, …], …] of those that are the same prospect
        :param str kind: kind of the run
        :param selected: those of the leads that were selected
        :return: [values of a line, …]
        """
        reasons = self._find_reasons_to_skip(leads, groups, kind)
        readable = set(leads.exists()._filtered_access("read").ids)
        planner = leads.env["crm.lead.merge.planner"]
        selected = set(selected.ids)
        values = []
        for number, group in enumerate(groups):
            skipped = next((reasons[one] for one in group if one in reasons), "")
            into = 0
            if len(group) > 1 and not skipped:
                into = planner._propose_survivor(leads.browse(group)).id
            proposal = "skip" if skipped else "merge" if into else "convert"
            same = leads.browse(one for one in group if into and one in readable)
            why = self._explain_same(same, kind)
            for place, lead_id in enumerate(group):
                lead = leads.browse(lead_id)
                is_readable = lead_id in readable
                values.append(
                    {
                        "sequence": len(values),
                        "group_number": number,
                        "is_selected": lead_id in selected,
                        "is_head": not place,
                        "lead_res_id": lead_id,
                        "name": lead._name_offered() if is_readable else str(lead_id),
                        "proposal": proposal,
                        "survivor_res_id": into,
                        "reason": skipped or why.get(lead_id, ""),
                    }
                )
        return values

    @api.model
    def _explain_same(self, leads, kind):
        """Return {lead id: what tells that it is the same prospect as the others}."""
        get_keys = self.env["crm.lead.conversion.prospects"]._get_keys
        keys = {
            lead.id: {
                *get_keys(lead),
                ("email", lead.email_normalized or lead),
            }
            for lead in leads
        }
        counts = Counter(key for held in keys.values() for key in held)
        why = {}
        for lead in leads:
            shared = {key[0] for key in keys[lead.id] if counts[key] > 1}
            if "email" in shared:
                why[lead.id] = self.env._("Same e-mail address")
            elif "id" in shared:
                why[lead.id] = self.env._("Same customer")
            elif kind == "convert":
                why[lead.id] = self.env._("Certainly the same prospect")
        return why

    @api.model
    def _find_reasons_to_skip(self, leads, groups, kind):
        if kind == "merge":
            return {}
        check = leads.env["crm.lead.conversion.check"]
        in_groups = {one for group in groups if len(group) > 1 for one in group}
        reasons = check._find_obstacles(leads, ConversionOptions())
        opportunities = (
            leads.exists()
            ._filtered_access("read")
            .filtered(lambda lead: lead.type == "opportunity")
        )
        # an opportunity among the leads of a prospect is what they may go into
        joined = in_groups & set(opportunities.ids)
        return {key: reason for key, reason in reasons.items() if key not in joined}

    def _choose(self, proposal, survivor):
        """Do something else with a lead than was proposed.

        What the others of its group do follows: see `engine.proposals`.

        :param str proposal: what to do instead
        :param survivor: the record to merge into, or none
        :raise UserError: if a run of merges is to convert
        """
        line = self.sudo()  # sudo: nobody may write runs but the engine
        if proposal not in line._fields["proposal"].get_values(self.env):
            raise UserError(
                self.env._(
                    "‘%s’ is nothing that can be done with a lead. Choose to convert, "
                    "to merge or to skip.",
                    str(proposal),
                )
            )
        if proposal == "convert" and line.run_id.kind == "merge":
            raise UserError(
                self.env._(
                    "‘%s’ merges and converts nothing. Choose to merge or to skip.",
                    line.run_id.name,
                )
            )
        others = line._get_others()
        group = {one.lead_res_id: one for one in line + others}
        changes, leaves = choose(
            {
                lead_id: Proposal(one.proposal, one.survivor_res_id)
                for lead_id, one in group.items()
            },
            line.lead_res_id,
            Proposal(proposal, survivor.id or 0),
            line._find_first,
            {lead_id for lead_id, one in group.items() if one.is_selected},
            converts=line.run_id.kind == "convert",
        )
        if leaves and others:
            if line.is_head:
                others[0].is_head = True
            # numbers of groups are places in the run; those after the last are free
            line.group_number = len(line.run_id.line_ids) + line.sequence
        for lead_id, change in changes.items():
            group[lead_id].write(
                {
                    "proposal": change.what,
                    "survivor_res_id": change.into,
                    **self._prepare_reason(change),
                }
            )
        if leaves:
            line.is_head = True

    @api.model
    def _find_first(self, lead_ids):
        """Return the id of the lead that others are merged into by default."""
        leads = self.env["crm.lead"].browse(lead_ids).exists()
        return self.env["crm.lead.merge.planner"]._propose_survivor(leads).id

    @api.model
    def _prepare_reason(self, change):
        """Return the reason of a line whose proposal has changed, if that has."""
        if change.why is None:
            return {}
        reasons = {
            NOT_SELECTED: self.env._("It was not selected."),
            NOTHING_LEFT: self.env._("There is nothing left to merge it with."),
        }
        return {"reason": reasons.get(change.why, "")}

    def _get_others(self):
        """Return the other lines of the group."""
        return self.search(
            [
                ("run_id", "=", self.run_id.id),
                ("group_number", "=", self.group_number),
                ("id", "!=", self.id),
            ]
        )

    def _get_owned_groups(self):
        """Return the numbers of the groups of which a lead has a salesperson."""
        # sudo: only whether it is somebody's; who may not read a lead is told so later
        leads = self.env["crm.lead"].sudo().browse(self.mapped("lead_res_id")).exists()
        owned = set(leads.filtered("user_id").ids)
        return {one.group_number for one in self if one.lead_res_id in owned}
