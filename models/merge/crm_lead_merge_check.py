import re

from odoo import api, models
from odoo.exceptions import AccessError, LockError
from odoo.tools import SQL

from ...exceptions import MergeRefused
from ...references import catalogue
from ...references.catalogue import UniqueKey
from ..journal.recorder import get_under_way

#: Where the database says which value is held already.
HELD = re.compile(r"\)=\((.*)\) ", re.DOTALL)


class CrmLeadMergeCheck(models.AbstractModel):
    """What must hold before leads are merged; each refusal names a record and a
    remedy."""

    _name = "crm.lead.merge.check"
    _inherit = ["crm.lead.check"]
    _description = "Merge Check"
    _refused = MergeRefused

    @api.model
    def _lock(self, leads):
        """Keep others from changing the leads, or from pointing to them, meanwhile."""
        leads.browse().check_access("write")  # of each record, see `_check`
        try:
            leads.lock_for_update()
        except LockError as error:
            self._check_there(leads)
            raise MergeRefused(self._explain_busy(leads)) from error

    @api.model
    def _check_there(self, leads):
        """Refuse leads that have been deleted, or merged, meanwhile.

        :raise MergeRefused: naming the first, and what became of it
        """
        if gone := leads - leads.exists():
            raise MergeRefused(self._explain_gone(gone[0].id))

    @api.model
    def _check(self, leads):
        """Refuse what cannot be merged, before anything happens; all of it is there.

        :raise MergeRefused: naming the record and saying what to do
        """
        if len(leads) < 2:
            raise MergeRefused(
                self.env._("Select at least two leads or opportunities to merge them.")
            )
        try:
            leads.check_access("write")
        except AccessError as error:
            raise self._explain_forbidden(leads, error) from error
        self._check_not_under_way(leads)
        companies = leads.company_id
        if len(companies) > 1:
            other = leads.filtered(lambda lead: lead.company_id == companies[1])[0]
            raise MergeRefused(
                self.env._(
                    "‘%(lead)s’ belongs to %(company)s, others to %(others)s. Merge "
                    "the records of each company by themselves.",
                    lead=other.display_name,
                    company=companies[1].display_name,
                    others=companies[0].display_name,
                )
            )

    @api.model
    def _check_not_under_way(self, leads):
        """Refuse leads of the merge in whose hook another addon merges."""
        under_way = get_under_way(self.env)
        batch = under_way.batch if under_way else ()
        if taken := leads.filtered(lambda lead: lead.id in batch):
            raise MergeRefused(
                self.env._(
                    "‘%s’ is being merged at this moment. Merge it with others once "
                    "that is done.",
                    taken[0].display_name,
                )
            )

    @api.model
    def _ask_about_closed(self, leads, survivor):
        """Return the question whether leads are to be merged, where that closes an
        open one, opens a lost one, or takes what was won out of the reports.

        :param leads: the records to merge, as the user sees them
        :param survivor: the one of them to merge into
        :return: the question; empty where there is nothing to ask
        """
        leads = (leads | survivor)._filtered_access("read")
        others = (leads - survivor).filtered(
            lambda lead: lead.won_status != survivor.won_status
        )
        won = others.filtered(lambda lead: lead.won_status == "won")[:1]
        if not others or survivor not in leads:
            return ""
        if survivor.won_status == "won":
            return self.env._(
                "‘%s’ is won: all that is merged into it becomes part of a deal that "
                "is closed. To go on working on a new inquiry, merge into that, or "
                "keep them separate.",
                survivor.display_name,
            )
        if survivor.won_status == "lost":
            return self.env._(
                "‘%s’ is lost: it gets what the others say, and opens again if one of "
                "them is open. To leave it lost, merge into another one.",
                survivor.display_name,
            )
        if won:
            return self.env._(
                "‘%(won)s’ is won, and ‘%(survivor)s’ is not: the deal counts as won "
                "no more once it is part of that. To leave it won, keep them separate.",
                won=won.display_name,
                survivor=survivor.display_name,
            )
        return ""

    @api.model
    def _check_options(self, leads, options):
        """Refuse choices that name other records, or values the user may not see.

        :raise MergeRefused: saying what to choose instead
        """
        self._check_assignment(leads, options)
        chosen = [one_id for _name, one_id in options.choices]
        for lead_id in (options.survivor_id, *chosen):
            if lead_id is not None and lead_id not in leads.ids:
                raise MergeRefused(
                    self.env._(
                        "Record number %s was chosen, but is not among those to merge. "
                        "Choose one of them, or select it as well.",
                        lead_id,
                    )
                )
        planner = self.env["crm.lead.merge.planner"]
        facts = self.env["crm.lead.merge.fields"]
        unique = facts._get_unique_fields()
        for name, lead_id in options.choices:
            survivor = name in unique and planner._sort(leads, options.survivor_id)[0]
            if survivor and lead_id != survivor.id:
                raise MergeRefused(
                    self.env._(
                        "‘%s’ is each record's own and cannot be taken from another "
                        "one. Merge into the record whose value is to be kept.",
                        self.env["crm.lead.merge.value"]._get_label(name),
                    )
                )
        hidden = facts._get_hidden_fields()
        if any(facts._is_hidden(name, hidden) for name, _lead_id in options.choices):
            raise MergeRefused(
                self.env._(
                    "A value was chosen that you may not see. Open the dialog again, "
                    "and choose among those it shows."
                )
            )

    @api.model
    def _check_assignment(self, leads, options):
        """Refuse whom converting refuses, too. Whose one of `leads` is already, is
        nothing new."""
        own = leads.sudo()  # sudo: only whose they are, for the same answer to all
        # sudo: whether a user is archived is no secret of the settings
        users = self.env["res.users"].sudo().browse(options.user_id or ())
        self._check_users(users - own.user_id)
        if options.team_id not in own.team_id.ids:
            self._check_chosen("crm.team", options.team_id)

    @api.model
    def _explain_forbidden(self, leads, error):
        readable = leads._filtered_access("read")
        forbidden = readable - readable._filtered_access("write")
        if not forbidden:
            return error  # not even its name may be told
        return AccessError(
            self.env._(
                "You may not change ‘%s’. Leave it out, or ask its salesperson or a "
                "sales manager to merge it.",
                forbidden[0].display_name,
            )
        )

    @api.model
    def _explain_held(self, error, leads):
        """Say which value another record has that one of `leads` would get, and which
        record that is, as far as the user may see it.

        :param error: what PostgreSQL said, after it was rolled back
        """
        keys = catalogue.read_unique_keys(self.env, {error.diag.table_name})
        key = next(
            (
                key
                for key in keys.get(error.diag.table_name, ())
                if key.name.strip('"') == error.diag.constraint_name
            ),
            None,
        )
        if key is None or error.diag.table_name != "crm_lead":
            return self.env._(
                "‘%(lead)s’ would get what only one record may have, and another one "
                "has it (%(rule)s of the table %(table)s). Change one of the two, then "
                "try again.",
                lead=leads[:1].display_name,
                rule=error.diag.constraint_name,
                table=error.diag.table_name,
            )
        hidden = self.env["crm.lead.merge.fields"]._get_hidden_fields()
        label = self.env["crm.lead.merge.value"]._get_label
        names = [name for name in key.columns if name in leads._fields]
        return self.env._(
            "‘%(lead)s’ would get what only one record may have (%(fields)s), and "
            "‘%(holder)s’ has it. Change one of the two, then try again.",
            lead=leads[:1].display_name,
            fields=", ".join(label(name) for name in names if name not in hidden),
            holder=self._find_holder(key, error).display_name or "…",
        )

    @api.model
    def _find_holder(self, key: UniqueKey, error):
        """Return the lead that has what another one would get; none, if the user may
        not read it."""
        held = HELD.search(error.diag.message_detail or "")
        # Raw SQL: only PostgreSQL knows what its index is made of.
        rows = self.env.execute_query(
            SQL(
                """SELECT t.id FROM crm_lead t CROSS JOIN LATERAL (%s) AS present
                    WHERE concat_ws(', ', VARIADIC ARRAY[%s]) = %s LIMIT 1""",
                key.of(SQL("t")),
                SQL(", ").join(SQL("present.%s::text", name) for name in key.names()),
                held[1] if held else "",
            )
        )
        return self.env["crm.lead"].browse(rows and rows[0][0])._filtered_access("read")
