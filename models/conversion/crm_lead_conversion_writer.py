from functools import partial

from odoo import api, models

from ...engine.conversion import GIVEN
from ..common.extended import is_extended


class CrmLeadConversionWriter(models.AbstractModel):
    """Carries out a plan on all its leads at once: customers, then values; what is said
    about it, `crm.lead.conversion.chatter` says. What other addons make of core's hooks
    counts; only where one has a hook that must be called lead by lead is it called lead
    by lead."""

    _name = "crm.lead.conversion.writer"
    _description = "Conversion Writer"

    @api.model
    def _write(self, leads, plan):
        """Write everything that `plan` says about `leads`.

        :return: {lead id: customers created for it}, {lead id: what its salesperson was
            told}
        """
        chatter = self.env["crm.lead.conversion.chatter"]
        before = chatter._read_before(leads)
        with leads._told_apart():
            created = self._assign_customers(leads, plan)
            assigned = self._get_newly_assigned(leads, plan)
            self._write_values(leads, plan, assigned)
        chatter._log(leads, before, created)
        return created, chatter._notify(assigned) if plan.options.notify else {}

    # ------------------------------------------------------------
    # Customers
    # ------------------------------------------------------------

    @api.model
    def _assign_customers(self, leads, plan):
        """Give each lead its customer. Neither says anything about the other: what the
        lead says stays, and only its blanks are filled.

        :return: {lead id: what was created for it}
        """
        if plan.options.customer != GIVEN and is_extended(
            leads, "_handle_partner_assignment"
        ):
            return self._assign_by_hook(leads, plan)
        creating = leads.filtered(lambda lead: plan.by_lead[lead.id].makes_customer)
        made, created = self.env["crm.lead.conversion.customer"]._make(
            creating,
            {
                lead.id: self.env["res.partner"].browse(
                    plan.by_lead[lead.id].company_id
                )
                for lead in creating
                if plan.by_lead[lead.id].company_id
            },
        )
        customers = {
            lead_id: step.partner_id
            for lead_id, step in plan.by_lead.items()
            if step.partner_id
        }
        customers.update((lead_id, partner.id) for lead_id, partner in made.items())
        leads._link_customers(customers)
        return created

    @api.model
    def _assign_by_hook(self, leads, plan):
        """Assign customers as another addon does, one by one."""
        created = {}
        for lead in leads:
            step = plan.by_lead[lead.id]
            hook = partial(
                lead._handle_partner_assignment,
                force_partner_id=step.partner_id or False,
                create_missing=step.makes_customer,
                with_parent=self.env["res.partner"].browse(step.company_id or ()),
            )
            with self.env.protecting(lead._get_told_fields()):
                customers = self.env["crm.lead.conversion.customer"]
                _result, made = customers._watch(hook)
                lead.flush_recordset()
            if step.makes_customer:
                created[lead.id] = made
        return created

    # ------------------------------------------------------------
    # Values
    # ------------------------------------------------------------

    @api.model
    def _get_newly_assigned(self, leads, plan):
        """Return {user: leads} of those who get leads that were not theirs."""
        assigned = {}
        for lead in leads:
            user_id = plan.by_lead[lead.id].user_id
            if user_id and user_id != lead.user_id.id:
                user = self.env["res.users"].browse(user_id)
                assigned[user] = assigned.get(user, lead.browse()) | lead
        return assigned

    @api.model
    def _write_values(self, leads, plan, assigned):
        """Write what core and other addons make of a conversion, together with person
        and channel; leads that get the same are written together."""
        groups = {}
        for lead in leads:
            step = plan.by_lead[lead.id]
            values = self._prepare_values(lead, step)
            groups.setdefault(repr(sorted(values.items())), [values, []])[1].append(
                lead.id
            )
        silent = {
            user
            for user, its_leads in assigned.items()
            if len(its_leads) > 1 or not plan.options.notify
        }
        for values, lead_ids in groups.values():
            user = self.env["res.users"].browse(values.get("user_id") or ())
            group = leads.browse(lead_ids)
            if user in silent:
                group = group.with_context(mail_auto_subscribe_no_notify=True)
            group.write(values)
        self.env.flush_all()

    @api.model
    def _prepare_values(self, lead, step):
        values = lead._convert_opportunity_data(lead.partner_id, step.team_id or False)
        if lead.type == "opportunity":
            del values["type"]
            if lead.date_conversion:
                values.pop("date_conversion", None)
        if step.team_id:
            values["team_id"] = step.team_id
        if step.user_id is not None and step.user_id != (lead.user_id.id or 0):
            values["user_id"] = step.user_id or False
        elif step.user_id:
            # assigned anew, as core has it; writing the same person would tell them
            values["date_open"] = self.env.cr.now()
        return values
