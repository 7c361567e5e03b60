from odoo import api, models
from odoo.tools import clean_context


class CrmLeadConversionChatter(models.AbstractModel):
    """What conversions say: one note on each lead, one summary to each salesperson.

    It says what core's tracking would, and calls the same hooks, but logs the notes of
    all leads in a few queries.
    """

    _name = "crm.lead.conversion.chatter"
    _description = "Chatter of a Conversion"

    # ------------------------------------------------------------
    # Notes
    # ------------------------------------------------------------

    @api.model
    def _read_before(self, leads):
        """Read what the chatter tells changes of.

        :return: {lead id: {field: value}}, {lead id: type}
        """
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
        """Log what has changed, one note a lead.

        :param before: see `_read_before`
        :param created: {lead id: customers created for it}
        """
        values, types = before
        # sudo: the lead may be a colleague's by now, and the note is ours
        leads = leads.sudo().with_context(clean_context(self.env.context))
        described = leads.fields_get(
            leads._track_get_fields(),
            attributes=("string", "type", "selection", "currency_field"),
        )
        changes, tracking = {}, {}
        for lead in leads:
            changes[lead.id], tracking[lead.id] = lead._mail_track(
                described, values[lead.id]
            )
        bodies = {
            lead.id: self._get_note(lead, types[lead.id], created.get(lead.id))
            or lead._track_get_default_log_message(changes[lead.id])
            for lead in leads
            if lead.type != types[lead.id] or changes[lead.id]
        }
        posted = self._post(leads, bodies, changes, values, tracking)
        logged = leads.browse(key for key in bodies if key not in posted)
        messages = logged._message_log_batch({key: bodies[key] for key in logged.ids})
        # sudo: as core's tracking, which nobody else may write
        self.env["mail.tracking.value"].sudo().create(
            [
                {**command[2], "mail_message_id": message.id}
                for message in messages
                for command in tracking[message.res_id]
            ]
        )
        for lead in leads:
            lead._message_track_post_template(changes[lead.id])

    @api.model
    def _post(self, leads, bodies, changes, values, tracking):
        """Post the notes that have a subtype, as core does: who follows it is notified.

        :return: ids of the leads they are posted on
        """
        posted = set()
        for lead in leads:
            was = {name: values[lead.id][name] for name in changes[lead.id]}
            if was and (subtype := lead._track_subtype(was)):
                lead.message_post(
                    body=bodies[lead.id],
                    subtype_id=subtype.id,
                    tracking_value_ids=tracking[lead.id],
                )
                posted.add(lead.id)
        return posted

    @api.model
    def _get_note(self, lead, type_before, customers):
        if lead.type == type_before:
            return ""
        if lead.type == "lead":
            return self.env._("Became a lead again")
        if customers:
            return self.env._(
                "Converted to an opportunity; customer created: %s",
                ", ".join(customers.mapped("name")),
            )
        return self.env._("Converted to an opportunity")

    # ------------------------------------------------------------
    # Notifications
    # ------------------------------------------------------------

    @api.model
    def _notify(self, assigned):
        """Tell each salesperson who got several leads so in one message; of a single
        one Odoo itself has told.

        :param assigned: {user: leads}
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
        # sudo: the leads are a colleague's now, whose contact not everybody may read
        user, leads = user.sudo(), leads.sudo().with_context(lang=user.lang)
        subject = leads.env._("%s opportunities were assigned to you", len(leads))
        if len(leads) == 1:
            subject = leads.env._("An opportunity was assigned to you")
        body = self.env["ir.qweb"]._render(
            "crm_lead_qualification.assignment_summary",
            {"leads": leads[:50], "more": max(len(leads) - 50, 0), "subject": subject},
            minimal_qcontext=True,
        )
        body = self.env["mail.render.mixin"]._replace_local_links(body)
        thread = self.env["mail.thread"].sudo()  # sudo: as core tells of assignments
        return thread.message_notify(
            subject=subject,
            body=body,
            partner_ids=user.partner_id.ids,
            email_layout_xmlid="mail.mail_notification_layout",
        )
