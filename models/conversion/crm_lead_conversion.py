from odoo import api, fields, models
from odoo.tools import format_date

from ...engine.conversion import CREATE, UNDECIDED
from ...exceptions import ConversionRefused, UndoRefused
from ..journal.recorder import get_under_way
from .remembering import Before, forget_made_rows, forget_sent_messages


class CrmLeadConversion(models.Model):
    """One lead that became an opportunity: what it was, what it is, and the way back.

    How it works: `crm.lead.conversion.planner` says what will happen to each lead,
    `_apply` does it to all of them at once under row locks
    (`crm.lead.conversion.writer`) and remembers every row it changes
    (`crm.lead.journal`), `action_undo` plays the memory backwards.
    """

    _name = "crm.lead.conversion"
    _inherit = ["crm.lead.bound", "crm.lead.undoable"]
    _inherits = {"crm.lead.journal": "journal_id"}
    _description = "Conversion of a Lead"
    _order = "id desc"
    _maker_reads = True  # who may take it back, even if it is a colleague's now
    _lead_values = {
        "name": "name",
        "user_before_id": "user_id",
        "user_id": "user_id",
        "team_before_id": "team_id",
        "team_id": "team_id",
        "stage_before_id": "stage_id",
        "stage_id": "stage_id",
        "partner_before_id": "partner_id",
        "partner_id": "partner_id",
        "created_partner_ids": "partner_id",
    }

    name = fields.Char(string="Lead", required=True, readonly=True)
    lead_id = fields.Many2one(
        "crm.lead",
        string="Opportunity",
        readonly=True,
        index=True,
        ondelete="cascade",
        help="The opportunity; moves along when it is merged.",
    )
    lead_res_id = fields.Integer(
        string="Number",
        required=True,
        readonly=True,
        index=True,
        aggregator=None,
        help="The id of the lead that was converted, whatever became of it.",
    )
    merge_id = fields.Many2one(
        "crm.lead.merge",
        string="Part of merge",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help="The merge that this conversion completed; undoing it undoes both.",
    )
    user_before_id = fields.Many2one("res.users", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_before_id = fields.Many2one("crm.team", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    stage_before_id = fields.Many2one("crm.stage", readonly=True)
    stage_id = fields.Many2one("crm.stage", readonly=True)
    partner_before_id = fields.Many2one(
        "res.partner", readonly=True, index="btree_not_null"
    )
    partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True, index="btree_not_null"
    )
    is_reverse = fields.Boolean(
        readonly=True, help="An opportunity that became a lead: the other way round."
    )
    created_partner_ids = fields.Many2many(
        "res.partner",
        "crm_lead_conversion_partner_rel",
        "conversion_id",
        "partner_id",
        string="Created customers",
        readonly=True,
        context={"active_test": False},
    )
    notification_id = fields.Many2one(
        "mail.message",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="What the salesperson was told.",
    )

    # ------------------------------------------------------------
    # Convert
    # ------------------------------------------------------------

    @api.model
    def _convert(self, leads, options=UNDECIDED, merges=None):
        """Plan and carry out at once.

        :param leads: leads in the order in which they are shared out
        :param options: what is decided already
        :param merges: the merges whose results are among `leads`, if any
        :return: (conversions, {lead id: why it was skipped})
        :raise ConversionRefused: if something holds for all of them, such as a
            salesperson who is archived
        """
        self.env["crm.lead.conversion.check"]._lock(leads)
        plan = self._plan(leads, options, merges)
        return self._apply(plan, merges), dict(plan.skipped)

    @api.model
    def _convert_one(self, lead, options=UNDECIDED, merges=None):
        """Convert one lead, as `_convert` does, or say why not.

        :raise ConversionRefused: if it cannot be converted
        """
        conversion, skipped = self._convert(lead, options, merges)
        if skipped:
            raise ConversionRefused(skipped[lead.id])
        return conversion

    @api.model
    def _merge_and_convert(self, leads, merge_options, options):
        """Merge leads, and give the result its customer, as part of the merge.

        :param merge_options: see `crm.lead.conversion.planner._get_merge_options`
        :param options: how the result is converted
        :return: the merge
        """
        merge = self.env["crm.lead.merge"]._merge(leads, merge_options)
        result = merge.sudo().survivor_id  # sudo: it may be a colleague's by now
        if result.partner_id and result.date_conversion:
            return merge
        engine = self
        if not result.with_env(self.env)._filtered_access("write"):
            if options.customer == CREATE:
                self.env["res.partner"].check_access("create")
            # sudo: it was the user's until this merge handed it to a colleague
            engine = self.sudo()
        engine._convert(result.with_env(engine.env), options, merges=merge)
        return merge

    @api.model
    def _plan(self, leads, options=UNDECIDED, merges=None):
        """Say what converting `leads` would do to each; nothing is written.

        :rtype: ConversionPlan
        """
        return self.env["crm.lead.conversion.planner"]._plan(leads, options, merges)

    def _apply(self, plan, merges=None):
        """Carry out `plan`; whatever fails leaves everything as it was.

        :return: the journal records, one a lead that became an opportunity
        """
        if not plan.by_lead:
            return self.browse()
        leads = self.env["crm.lead"].browse(plan.by_lead)
        merge_of = {merge.survivor_res_id: merge for merge in merges or ()}
        converted = leads.filtered(
            lambda lead: lead.type == "lead" or lead.id in merge_of
        )
        with self.env.cr.savepoint():
            before = {lead: self._prepare_before(lead) for lead in converted}
            rows = Before(converted)
            created, told = self.env["crm.lead.conversion.writer"]._write(leads, plan)
            no_message = self.env["mail.message"]
            # another addon converts in a hook of a merge: they are undone together
            under_way = get_under_way(self.env)
            outer = self.env["crm.lead.merge"]
            if under_way:
                outer = under_way.journals.merge_ids[:1]
            # sudo: nobody may write the journal but the engine
            conversions = self.sudo().create(
                [
                    {
                        **values,
                        **self._prepare_after(lead),
                        "merge_id": merge_of.get(lead.id, outer).id,
                        "notification_id": told.get(lead.id, no_message).id,
                    }
                    for lead, values in before.items()
                ]
            )
            rows.remember(conversions, created)
        return conversions.sudo(self.env.su)

    @api.model
    def _prepare_before(self, lead):
        """Return what is kept of `lead` before it is converted."""
        return {
            "name": lead.display_name,
            "lead_id": lead.id,
            "lead_res_id": lead.id,
            "user_before_id": lead.user_id.id,
            "team_before_id": lead.team_id.id,
            "stage_before_id": lead.stage_id.id,
            "partner_before_id": lead.partner_id.id,
        }

    @api.model
    def _prepare_after(self, lead):
        """Return what is kept of `lead` after it."""
        lead = lead.sudo()  # sudo: it may be a colleague's by now
        return {
            "user_id": lead.user_id.id,
            "team_id": lead.team_id.id,
            "stage_id": lead.stage_id.id,
            "partner_id": lead.partner_id.id,
        }

    @api.model
    def _go_back(self, lead):
        """Make a lead of an opportunity of which no conversion is remembered: nothing
        changes but its type, and undo takes that back.

        :return: the journal record
        :raise ConversionRefused: if someone else is changing it at this moment
        """
        self.env["crm.lead.conversion.check"]._lock(lead)
        chatter = self.env["crm.lead.conversion.chatter"]
        with self.env.cr.savepoint():
            values = {**self._prepare_before(lead), "is_reverse": True}
            rows = Before(lead)
            told = chatter._read_before(lead)
            with lead._told_apart():
                lead.type = "lead"
                lead.flush_recordset()
            chatter._log(lead, told, {})
            # sudo: nobody may write the journal but the engine
            conversion = self.sudo().create({**values, **self._prepare_after(lead)})
            rows.remember(conversion, {})
        return conversion.sudo(self.env.su)

    # ------------------------------------------------------------
    # Undo
    # ------------------------------------------------------------

    def _check_undo_together(self):
        leads = self.env["crm.lead"].browse(self.mapped("lead_res_id"))
        if gone := leads - leads.exists():
            check = self.env["crm.lead.check"]
            raise UndoRefused(check._explain_gone(gone[0].id))
        result = super()._check_undo_together()
        self._check_undo_rights(leads)
        return result

    def _check_undo_rights(self, leads):
        """Let those undo who may change the lead, and whoever converted it: handing it
        to a colleague must not take the way back away."""
        # sudo: who converted them, which `_check_undo` lets the user read
        others = self.sudo().filtered(lambda one: one.create_uid != self.env.user)
        leads.browse(others.mapped("lead_res_id")).check_access("write")
        self.env["crm.lead"].check_access("write")

    def _is_undone_first(self):
        """Return whether it is remembered, and nothing later rests on it."""
        # sudo: whether a snapshot exists says nothing about what it holds
        conversion = self.sudo()
        leads = {conversion.journal_id: conversion._get_leads().ids}
        return conversion.can_undo and not conversion.journal_id._find_later(leads)

    def _explain_undo_first(self, earlier):
        if earlier._name != self._name:
            return self.env._(
                "‘%(lead)s’ was converted on %(date)s, after the merge. Undo the "
                "conversion first.",
                lead=earlier.name,
                date=format_date(self.env, self.create_date),
            )
        return self.env._(
            "‘%s’ has been made a lead and converted once more since. Undo that first.",
            earlier.name,
        )

    def _find_conflicts(self, others=()):
        created = self.env["crm.lead.conversion.created"]
        # sudo: what a customer is used for is asked of all records; what the user may
        # not read is not named
        uses = created._get_undo_conflicts(self.sudo())
        return [*super()._find_conflicts(others), *uses]

    def _undo(self):
        """Bring the leads back, and delete the customers that nothing needs by now."""
        self.env["crm.lead.conversion.check"]._lock(self._get_leads())
        with self.env.cr.savepoint():
            # sudo: nobody may write the journal but the engine
            conversions = self.sudo()
            created = self.env["crm.lead.conversion.created"]
            forget_made_rows(conversions, created._find_kept(conversions))
            forget_sent_messages(conversions)
            leads = conversions._get_leads()
            was = leads._get_won_lost()
            conversions.journal_id._restore()
            self.env["crm.lead.match.queue"]._append(leads.ids)
            leads._handle_won_lost(was, leads._get_won_lost())
            created._delete_unused(conversions.created_partner_ids)
            conversions.journal_id._finish_undo()
            conversions._delete_notifications()
            self.env.flush_all()

    def _get_created(self):
        return self.created_partner_ids

    def _get_undo_message(self):
        if self.is_reverse:
            return self.env._("‘%s’ is an opportunity again.", self.name)
        return self.env._("‘%s’ is a lead again.", self.name)

    def _get_leads(self):
        return self.env["crm.lead"].browse(self.mapped("lead_res_id"))

    def _delete_notifications(self):
        """Delete what salespeople were told once none of it is true any more."""
        messages = self.notification_id
        still_true = self.search(
            [("state", "=", "done"), ("notification_id", "in", messages.ids)]
        )
        (messages - still_true.notification_id).unlink()
