from collections import Counter

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..engine.conversion import ConversionOptions


class CrmLeadRun(models.Model):
    """Lets people change what is proposed in the lines of a run, nothing else of it."""

    _inherit = "crm.lead.run"

    def write(self, vals):
        if self.env.su:
            return super().write(vals)
        self.check_access("write")
        commands = vals.get("line_ids") or []
        if set(vals) - {"line_ids"} or any(
            command[0] != Command.UPDATE or command[1] not in self.line_ids.ids
            for command in commands
        ):
            raise UserError(
                self.env._("Of a bulk run only what is proposed can be changed.")
            )
        for _update, line_id, values in commands:
            self.line_ids.browse(line_id).write(values)
        return True


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
                into = planner._sort(leads.browse(group))[0].id
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
                        "name": lead.display_name if is_readable else str(lead_id),
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

        Leads of one group go into one record, whichever of their lines says so. A lead
        that leaves its group stands for itself from then on.

        :param str proposal: what to do instead
        :param survivor: the record to merge into, or none
        :raise UserError: if a run of merges is to convert
        """
        line = self.sudo()  # sudo: nobody may write runs but the engine
        if proposal == "convert" and line.run_id.kind == "merge":
            raise UserError(
                self.env._(
                    "‘%s’ merges and converts nothing. Choose to merge or to skip.",
                    line.run_id.name,
                )
            )
        values = {"proposal": proposal, "survivor_res_id": 0, "reason": ""}
        if proposal == "merge":
            values["survivor_res_id"] = survivor.id
            group = line + line._get_others()
            if (survivor.id or line.lead_res_id) in group.mapped("lead_res_id"):
                group.write(values)
                return
        line._leave_group()
        line.write({**values, "is_head": True})

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

    def _leave_group(self):
        """Put the line into a group of its own; the next one heads those that stay, and
        what was to go into its record goes into the first of those."""
        others = self._get_others()
        if not others:
            return
        if self.is_head:
            others[0].is_head = True
        if len(others) == 1 and others.proposal == "merge":
            others._stand_alone()
        elif self.survivor_res_id == self.lead_res_id:
            leads = self.env["crm.lead"].browse(others.mapped("lead_res_id")).exists()
            planner = self.env["crm.lead.merge.planner"]
            others.survivor_res_id = planner._sort(leads)[:1].id
        # numbers of groups are places in the run; those after the last are free
        self.group_number = len(self.run_id.line_ids) + self.sequence

    def _stand_alone(self):
        """Do what is left to do with a lead whose group has gone."""
        values = {"proposal": "convert", "survivor_res_id": 0, "reason": ""}
        if not self.is_selected:
            values.update(proposal="skip", reason=self.env._("It was not selected."))
        if self.run_id.kind == "merge":
            reason = self.env._("There is nothing left to merge it with.")
            values.update(proposal="skip", reason=reason)
        self.write(values)
