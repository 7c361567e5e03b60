from collections import Counter

from ...engine.conversion import ConversionOptions


class Proposals:
    """What is best done with each of many leads.

    :param leads: all leads, as whoever starts the run sees them
    :param groups: [[lead id, …], …] of those that are the same prospect
    :param str kind: kind of the run
    """

    def __init__(self, leads, groups, kind):
        self.env = leads.env
        self.leads = leads
        self.groups = groups
        self.kind = kind
        self.readable = set(leads.exists()._filtered_access("read").ids)

    def prepare_lines(self, selected):
        """Return the values of one line a lead, in the order of the groups.

        :param selected: those of the leads that were selected
        """
        reasons = self._find_reasons_to_skip()
        planner = self.env["crm.lead.merge.planner"]
        selected = set(selected.ids)
        values = []
        for number, group in enumerate(self.groups):
            skipped = next((reasons[one] for one in group if one in reasons), "")
            into = 0
            if len(group) > 1 and not skipped:
                into = planner._propose_survivor(self.leads.browse(group)).id
            proposal = "skip" if skipped else "merge" if into else "convert"
            same = self.leads.browse(
                one for one in group if into and one in self.readable
            )
            why = self._explain_same(same)
            for place, lead_id in enumerate(group):
                lead = self.leads.browse(lead_id)
                is_readable = lead_id in self.readable
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

    def _explain_same(self, leads):
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
            elif self.kind == "convert":
                why[lead.id] = self.env._("Certainly the same prospect")
        return why

    def _find_reasons_to_skip(self):
        """Return {lead id: why it cannot be converted}."""
        if self.kind == "merge":
            return {}
        check = self.env["crm.lead.conversion.check"]
        in_groups = {one for group in self.groups if len(group) > 1 for one in group}
        reasons = check._find_obstacles(self.leads, ConversionOptions())
        opportunities = self.leads.browse(self.readable).filtered(
            lambda lead: lead.type == "opportunity"
        )
        # an opportunity among the leads of a prospect is what they may go into
        joined = in_groups & set(opportunities.ids)
        return {key: reason for key, reason in reasons.items() if key not in joined}
