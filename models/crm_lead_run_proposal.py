from odoo import api, models

from ..engine.conversion import ConversionOptions


class CrmLeadRunLine(models.Model):
    """What is proposed for each lead of a run, and what people choose instead."""

    _inherit = "crm.lead.run.line"

    @api.model
    def _propose(self, leads, groups, kind):
        """Say what is best done with each lead.

        :param leads: all leads, as whoever starts the run sees them
        :param groups: [[lead id, …], …] of those that are the same prospect
        :param str kind: kind of the run
        :return: [values of a line, …]
        """
        reasons = self._find_reasons_to_skip(leads, groups, kind)
        readable = set(leads.exists()._filtered_access("read").ids)
        planner = leads.env["crm.lead.merge.planner"]
        values = []
        for number, group in enumerate(groups):
            skipped = next((reasons[one] for one in group if one in reasons), "")
            into = 0
            if len(group) > 1 and not skipped:
                into = planner._sort(leads.browse(group))[0].id
            proposal = "skip" if skipped else "merge" if into else "convert"
            for place, lead_id in enumerate(group):
                lead = leads.browse(lead_id)
                is_readable = lead_id in readable
                values.append(
                    {
                        "sequence": len(values),
                        "group_number": number,
                        "is_head": not place,
                        "lead_res_id": lead_id,
                        "name": lead.display_name if is_readable else str(lead_id),
                        "proposal": proposal,
                        "survivor_res_id": into,
                        "reason": skipped,
                    }
                )
        return values

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

        A lead that leaves its group stands for itself from then on.

        :param str proposal: what to do instead
        :param survivor: the record to merge into, or none
        """
        line = self.sudo()  # sudo: nobody may write runs but the engine
        values = {"proposal": proposal, "survivor_res_id": survivor.id, "reason": ""}
        if proposal != "merge" or survivor.id != line.survivor_res_id:
            line._leave_group()
            values.update(is_head=True)
        line.write(values)

    def _leave_group(self):
        """Put the line into a group of its own; the next one heads those that stay."""
        others = self.search(
            [
                ("run_id", "=", self.run_id.id),
                ("group_number", "=", self.group_number),
                ("id", "!=", self.id),
            ]
        )
        if self.is_head and others:
            others[0].is_head = True
        if len(others) == 1 and others.proposal == "merge":
            if others.survivor_res_id in (self.lead_res_id, others.lead_res_id):
                others.write({"proposal": "convert", "survivor_res_id": 0})
        if others:
            # numbers of groups are places in the run; those after the last are free
            self.group_number = len(self.run_id.line_ids) + self.sequence
