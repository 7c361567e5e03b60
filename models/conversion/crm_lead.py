from contextlib import contextmanager
from weakref import WeakKeyDictionary

from odoo import api, models
from odoo.exceptions import UserError

from ...engine.conversion import GIVEN, KEEP, ConversionOptions, share_out
from ...exceptions import ConversionRefused
from ..common.arguments import check_one, check_records, get_id, get_ids
from ..common.done_action import get_done_action
from ..common.extended import is_extended
from ..common.question import get_question
from ..merge.crm_lead_merge_planner import BUNDLES

ADDRESS = next(bundle.fields for bundle in BUNDLES if bundle.name == "address")
#: {cursor: ids of the leads whose changes are told apart}. Not kept in the data of the
#: cursor: what is there goes with each savepoint.
TOLD_APART = WeakKeyDictionary()


class CrmLead(models.Model):
    """Core's entry points to converting: each hands over to `crm.lead.conversion`."""

    _inherit = "crm.lead"

    def unlink(self):
        """Forget the conversions of leads that are deleted for good, and their
        snapshots. Those of leads that are merged have moved on to the survivor."""
        check_records(self, "unlink")
        # sudo: who may delete the lead need not have rights on the journal
        conversions = self.env["crm.lead.conversion"].sudo()
        conversions.search([("lead_id", "in", self.ids)]).unlink()
        return super().unlink()

    def convert_opportunity(self, partner, user_ids=False, team_id=False):
        """Convert leads; see `crm.lead.conversion`. Archived and won ones stay.

        :param partner: customer of all of them, a record or, as by RPC, an id; where
            there is none, each keeps its own
        :param list user_ids: salespeople to share them between, in turn
        :param int team_id: channel of all of them
        :return: True
        :raise ConversionRefused: if they cannot be converted, saying why
        :raise NotAnId: if what was given is no id, or no list of ids
        """
        check_records(self, "read")
        partner_id = get_id(self.env, "res.partner", partner)
        user_ids = get_ids(self.env, "res.users", user_ids)
        team_id = get_id(self.env, "crm.team", team_id)
        leads = self.filtered(lambda lead: lead.active and lead.won_status != "won")
        leads.check_access("write")
        options = ConversionOptions(
            user_ids=tuple(user_ids),
            team_id=team_id,
            customer=GIVEN if partner_id else KEEP,
            partner_id=partner_id,
            opportunities_too=True,
        )
        _conversions, skipped = self.env["crm.lead.conversion"]._convert(leads, options)
        if skipped:
            raise ConversionRefused("\n".join(skipped.values()))
        (self - leads)._handle_salesmen_assignment(user_ids, team_id)
        return True

    def _handle_partner_assignment(
        self, force_partner_id=False, create_missing=True, with_parent=None
    ):
        """Give leads a customer, new ones all at once.

        :param int force_partner_id: the customer of all of them
        :param create_missing: create one for those that have none
        :param with_parent: company that new customers belong to
        """
        if force_partner_id:
            self._link_customers(dict.fromkeys(self.ids, force_partner_id))
        missing = self.filtered(lambda lead: not lead.partner_id)
        if missing and create_missing:
            customers = self.env["crm.lead.conversion.customer"]
            companies = customers._find_companies(missing)
            if with_parent:
                companies = dict.fromkeys(missing.ids, with_parent)
            made, _created = customers._make(missing, companies)
            missing._link_customers({key: one.id for key, one in made.items()})

    def _handle_salesmen_assignment(self, user_ids=False, team_id=False):
        """Share leads between salespeople in turn, and put them into a channel.

        A salesperson who gets several is told so in one message.

        :param list user_ids: salespeople, in the order in which they take turns
        :param int team_id: channel of all of them
        """
        values = {"team_id": team_id} if team_id else {}
        if not user_ids:
            if team_id:
                self.write(values)
            return
        shares = {}
        for lead_id, user_id in share_out(self.ids, user_ids).items():
            shares.setdefault(user_id, []).append(lead_id)
        chatter = self.env["crm.lead.conversion.chatter"]
        for user_id, lead_ids in shares.items():
            leads = self.browse(lead_ids)
            new = leads.filtered(lambda lead, to=user_id: lead.user_id.id != to)
            several = bool(user_id) and len(new) > 1
            if several:
                leads = leads.with_context(mail_auto_subscribe_no_notify=True)
            new.with_env(leads.env).write({**values, "user_id": user_id})
            if values:
                (leads - new).write(values)
            if several:
                chatter._notify({self.env["res.users"].browse(user_id): new})

    # ------------------------------------------------------------
    # Customers
    # ------------------------------------------------------------

    def _link_customers(self, customers):
        """Link leads to customers without copying over what either of them says: blanks
        of a lead are filled from its customer, nothing else changes.

        :param dict customers: {lead id: customer id}
        """
        groups = {}
        for lead in self:
            customer_id = customers.get(lead.id)
            if customer_id and lead.partner_id.id != customer_id:
                groups.setdefault(customer_id, []).append(lead.id)
        changing = self.browse(lead_id for ids in groups.values() for lead_id in ids)
        if not changing:
            return
        # what is computed of new customers only later would pass for a change of theirs
        self.env.flush_all()
        with self.env.protecting(changing._get_told_fields()):
            if len(groups) == 1 or is_extended(self, "write"):
                for customer_id, lead_ids in groups.items():
                    self.browse(lead_ids).write({"partner_id": customer_id})
            else:
                changing._set_customers(groups)

    def _set_customers(self, groups):
        """Do what `write` does with one customer after the other, but check, compute
        and validate all leads at once. Only for where `write` is core's alone: it knows
        nothing else of customers, and what it remembers of the write itself follows
        with what else there is to write.

        :param dict groups: {customer id: [lead id, …]}
        """
        check_records(self, "write")
        context = self.env.context
        if not context.get("tracking_disable") and not context.get("mail_notrack"):
            self._track_prepare(["partner_id"])
        field = self._fields["partner_id"]
        self.modified(["partner_id"], before=True)
        for customer_id, lead_ids in groups.items():
            field.write(self.browse(lead_ids), customer_id)
        self.modified(["partner_id"])
        self._validate_fields(["partner_id"])

    def _get_told_fields(self):
        """Return [([field, …], leads), …]: what these leads say that would be replaced
        by what their customer says. An address is one thing."""
        synced = self._get_customer_fields()
        told = {}
        for lead in self:
            said = {name for name in synced if lead[name]}
            if said & set(ADDRESS):
                said |= set(ADDRESS)
            told.setdefault(frozenset(said), []).append(lead.id)
        return [
            ([self._fields[name] for name in said], self.browse(lead_ids))
            for said, lead_ids in told.items()
        ]

    @api.model
    def _get_customer_fields(self):
        """The stored fields that follow the customer, but not the assignment."""
        depends = self.env.registry.field_depends
        return [
            name
            for name, field in self._fields.items()
            if field.store
            and field.compute
            and not field.readonly
            and {one.partition(".")[0] for one in depends[field]} == {"partner_id"}
        ]

    def action_back_to_lead(self, force=False):
        """Make a lead of an opportunity again: undo its conversion if there was one,
        and simply change the type of one that never was a lead, or is the result of a
        merge, which stays, or of a conversion that is not remembered any more.

        :param bool force: do not ask, neither this nor what undo asks
        :return: an action: the lead, or the question whether to go on
        :raise UserError: if it is won or lost, or a lead already
        """
        check_one(self)
        check_records(self, "write")
        if self.type == "lead":
            raise UserError(self.env._("‘%s’ is a lead already.", self.display_name))
        if not self._filter_open():
            raise UserError(
                self.env._(
                    "‘%s’ is won, lost or archived. Only open opportunities go back to "
                    "the leads.",
                    self.display_name,
                )
            )
        conversion = self.env["crm.lead.conversion"].search(
            [
                ("lead_res_id", "=", self.id),
                ("state", "=", "done"),
                ("merge_id", "=", False),
            ],
            limit=1,
        )
        is_known = conversion and not conversion.is_reverse
        if is_known and conversion._is_undone_first():
            return conversion.action_undo(force=force)
        if not force:
            message = self.env._(
                "No conversion of ‘%s’ can be undone: it never was a lead, or was "
                "merged since, or what it was is not remembered any more. It becomes a "
                "lead as it is now, and leaves the pipeline.",
                self.display_name,
            )
            label = self.env._("Make it a lead")
            return get_question(self, "action_back_to_lead", message, label)
        conversion = self.env["crm.lead.conversion"]._go_back(self)
        message = self.env._("‘%s’ is a lead now.", self.display_name)
        action = self.redirect_lead_opportunity_view()
        return get_done_action(conversion, message, action)

    # ------------------------------------------------------------
    # What a conversion tells in one note
    # ------------------------------------------------------------

    @contextmanager
    def _told_apart(self):
        """Within, core's tracking leaves these leads alone: somebody else tells what
        changes. No context key says so, which would reach whatever other addons write
        in reaction; that is tracked as ever."""
        before = TOLD_APART.get(self.env.cr, frozenset())
        TOLD_APART[self.env.cr] = before.union(self.ids)
        try:
            yield
        finally:
            TOLD_APART[self.env.cr] = before

    def _track_prepare(self, fields_iter):
        apart = TOLD_APART.get(self.env.cr)
        tracked = self.filtered(lambda lead: lead.id not in apart) if apart else self
        return super(CrmLead, tracked)._track_prepare(fields_iter)
