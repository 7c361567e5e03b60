from odoo import api, models

from ..engine.conversion import GIVEN
from .crm_lead_conversion_doors import is_extended


class CrmLeadConversionWriter(models.AbstractModel):
    """Carries out a plan on all its leads at once: customers, values, notes, and word
    to the salespeople. What other addons make of core's hooks counts; only where one
    has a hook that must be called lead by lead is it called lead by lead."""

    _name = "crm.lead.conversion.writer"
    _description = "Conversion Writer"

    @api.model
    def _write(self, leads, plan):
        """Write everything that `plan` says about `leads`.

        :return: {lead id: (customers created for it, notification about it)}
        """
        quiet = leads.with_context(mail_notrack=True)
        tracked = self._get_tracked_values(leads)
        created = self._assign_customers(quiet, plan)
        assigned = self._get_newly_assigned(leads, plan)
        self._write_values(quiet, plan, assigned)
        self._log(leads, tracked, created)
        told = self._notify(assigned) if plan.options.notify else {}
        return {
            lead.id: (created.get(lead.id), told.get(lead.id))
            for lead in leads
            if lead.id in created or lead.id in told
        }

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
        leads.with_context(tracking_disable=True)._link_customers(customers)
        return created

    @api.model
    def _assign_by_hook(self, leads, plan):
        """Assign customers as another addon does, one by one."""
        created = {}
        # sudo: the highest id, whoever may read it
        Partner = self.env["res.partner"].sudo().with_context(active_test=False)
        for lead in leads:
            step = plan.by_lead[lead.id]
            newest = Partner.search([], order="id desc", limit=1)
            with self.env.protecting(lead._get_told_fields()):
                lead._handle_partner_assignment(
                    force_partner_id=step.partner_id or False,
                    create_missing=step.makes_customer,
                    with_parent=self.env["res.partner"].browse(step.company_id or ()),
                )
                lead.flush_recordset()
            if step.makes_customer:
                created[lead.id] = Partner.search([("id", ">", newest.id)])
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

    # ------------------------------------------------------------
    # Words
    # ------------------------------------------------------------

    @api.model
    def _get_tracked_values(self, leads):
        """Return {lead id: {field: value}} of what the chatter tells changes of."""
        names = leads._track_get_fields()
        values = {
            # sudo: as tracking does, whoever may see the field
            lead.id: {name: self._get_tracked_value(lead, name) for name in names}
            for lead in leads.sudo()
        }
        return values, {lead.id: lead.type for lead in leads}

    @api.model
    def _get_tracked_value(self, lead, name):
        field = lead._fields[name]
        if field.type != "properties":
            return lead[name]
        properties = field.convert_to_read(lead[name], lead)
        # a property that nobody has labelled yet goes by its name
        return [{"string": one["name"], **one} for one in properties]

    @api.model
    def _log(self, leads, before, created):
        """Log what has changed, one note a lead, all of them in a few queries."""
        values, types = before
        # sudo: the lead may be a colleague's by now, and the note is ours
        leads = leads.sudo()
        described = leads.fields_get(
            leads._track_get_fields(),
            attributes=("string", "type", "selection", "currency_field"),
        )
        changes = {
            lead.id: lead._mail_track(described, values[lead.id])[1] for lead in leads
        }
        told = leads.filtered(
            lambda lead: lead.type != types[lead.id] or changes[lead.id]
        )
        bodies = {
            lead.id: self._get_note(lead, types[lead.id], created.get(lead.id))
            for lead in told
        }
        messages = told._message_log_batch(bodies)
        self.env["mail.tracking.value"].sudo().create(
            [
                {**command[2], "mail_message_id": message.id}
                for message in messages
                for command in changes[message.res_id]
            ]
        )

    @api.model
    def _get_note(self, lead, type_before, customers):
        if lead.type == type_before:
            return ""
        if customers:
            return self.env._(
                "Converted to an opportunity; customer created: %s",
                ", ".join(customers.mapped("name")),
            )
        return self.env._("Converted to an opportunity")

    @api.model
    def _notify(self, assigned):
        """Tell each salesperson who got several leads so in one message; of a single
        one Odoo itself has told.

        :return: {lead id: message}
        """
        told = {}
        if self.env.context.get("mail_auto_subscribe_no_notify"):
            return told
        for user, leads in assigned.items():
            if len(leads) > 1 and user != self.env.user:
                message = self._notify_one(user, leads)
                told.update(dict.fromkeys(leads.ids, message))
        return told

    @api.model
    def _notify_one(self, user, leads):
        """Send `user` one summary of `leads`, which are theirs now."""
        # sudo: the leads are a colleague's now
        leads = leads.sudo().with_context(lang=user.lang)
        subject = leads.env._("%s opportunities were assigned to you", len(leads))
        if len(leads) == 1:
            subject = leads.env._("An opportunity was assigned to you")
        body = self.env["ir.qweb"]._render(
            "crm_lead_qualification.assignment_summary",
            {"leads": leads[:50], "more": max(len(leads) - 50, 0), "subject": subject},
            minimal_qcontext=True,
        )
        body = self.env["mail.render.mixin"]._replace_local_links(body)
        thread = self.env["mail.thread"].sudo()
        return thread.message_notify(
            subject=subject,
            body=body,
            partner_ids=user.sudo().partner_id.ids,
            email_layout_xmlid="mail.mail_notification_layout",
        )
