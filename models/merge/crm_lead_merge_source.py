from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...references.table import identity

# Fields of the merged lead that reports tell apart later (promise B10).
REPORTED_FIELDS = (
    "type",
    "user_id",
    "team_id",
    "company_id",
    "stage_id",
    "source_id",
    "medium_id",
    "campaign_id",
    "expected_revenue",
    "probability",
    "date_open",
    "date_conversion",
)
# Whose data it is, for `privacy_lookup`: see `crm.lead.journal._find_emails`.
PERSONAL_FIELDS = ("email_from", "partner_id")


class MovedMessages(fields.Many2many):
    """Links to messages without foreign keys, which the database checks one by one:
    that takes longer than moving the messages. A message that is deleted leaves a link
    that nobody follows."""

    def update_db_foreign_keys(self, model):
        """Declare none."""


class CrmLeadMergeSource(models.Model):
    """One lead that went into another: what it was, and which messages came from it.
    Its files wait here for undo, see `MergedFiles`; which external ids still name it,
    and what files have said about it since, is for `crm.lead.merge.import`."""

    _name = "crm.lead.merge.source"
    _inherit = ["crm.lead.bound", "crm.lead.journal.guard"]
    _description = "Merged Lead"
    _order = "merge_id desc, lead_create_date, id"
    # What went into a record is read by who may read that one: it is part of it. Once
    # the merge is undone, it is asked itself as well.
    _lead_values = {
        "name": "name",
        "lead_create_date": "create_date",
        **{name: name for name in REPORTED_FIELDS + PERSONAL_FIELDS},
        "message_ids": "message_ids",
    }

    merge_id = fields.Many2one(
        "crm.lead.merge", required=True, index=True, ondelete="cascade", readonly=True
    )
    source_res_id = fields.Integer(
        string="Number", required=True, index=True, readonly=True, aggregator=None
    )
    lead_id = fields.Many2one(
        "crm.lead",
        string="Brought back",
        index="btree_not_null",
        ondelete="cascade",
        readonly=True,
        help="The lead itself, once the merge was undone.",
    )
    name = fields.Char(readonly=True)
    lead_create_date = fields.Datetime(string="Dated", readonly=True)
    type = fields.Selection(
        [("lead", "Lead"), ("opportunity", "Opportunity")], readonly=True
    )
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    stage_id = fields.Many2one("crm.stage", readonly=True)
    source_id = fields.Many2one("utm.source", readonly=True)
    medium_id = fields.Many2one("utm.medium", readonly=True)
    campaign_id = fields.Many2one("utm.campaign", readonly=True)
    expected_revenue = fields.Float(readonly=True)
    probability = fields.Float(readonly=True, aggregator="avg")
    date_open = fields.Datetime(string="Assigned on", readonly=True)
    date_conversion = fields.Datetime(string="Converted on", readonly=True)
    email_from = fields.Char(string="Email", readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", index="btree_not_null", readonly=True
    )
    message_ids = MovedMessages(
        "mail.message",
        "crm_lead_merge_source_message_rel",
        "source_id",
        "message_id",
        readonly=True,
    )

    external_id_ids = fields.Many2many(
        "ir.model.data",
        "crm_lead_merge_source_external_id_rel",
        "source_id",
        "external_id",
        readonly=True,
        groups="base.group_system",
        help="The external ids of this lead, which lead to the survivor now.",
    )
    imported_values = fields.Json(
        readonly=True,
        groups="base.group_system",
        help="{field: value} of what files have said about this lead since, other than "
        "it said at the merge. Undo gives it to the lead; kept as long as snapshots.",
    )

    @api.model
    def _get_domain_of_leads(self, readable):
        merges = self.env["crm.lead.merge"]._get_domain_of_leads(readable)
        return super()._get_domain_of_leads(readable) & Domain(
            "merge_id", "any!", merges
        )

    def _get_leads_about(self):
        return super()._get_leads_about() | self.merge_id.survivor_id

    @api.model
    def _remember(self, sources):
        """Remember the leads that go into another, for reports.

        :param sources: {merge: leads}
        """
        self.create(
            [
                self._prepare_vals(merge, lead)
                for merge, leads in sources.items()
                # sudo: whatever the user may see of the leads
                for lead in leads.sudo()
            ]
        )

    @api.model
    def _prepare_vals(self, merge, lead):
        """Return what is kept of `lead` for reports."""
        return {
            "merge_id": merge.id,
            "source_res_id": lead.id,
            # how people know it; the subject itself, if it is longer, is set aside
            "name": lead._get_shown_name(),
            "lead_create_date": lead.create_date,
            **{
                name: lead._fields[name].convert_to_write(lead[name], lead)
                for name in REPORTED_FIELDS + PERSONAL_FIELDS
            },
        }

    def unlink(self):
        """Forget a merged lead altogether: its values set aside, and the snapshots that
        hold it. What moved to the survivor stays there."""
        of_these = Domain.OR(
            Domain("merge_id", "=", source.merge_id.id)
            & Domain("source_res_id", "=", source.source_res_id)
            for source in self
        )
        self.env["crm.lead.merge.value"].search(of_these).unlink()
        self.merge_id.line_ids.unlink()
        self._forget_messages()
        return super().unlink()

    def _forget_messages(self):
        """Forget which messages come from these leads."""
        # Raw SQL: one query, however many messages.
        self.env.cr.execute(
            SQL(
                "DELETE FROM crm_lead_merge_source_message_rel "
                "WHERE source_id = ANY(%s)",
                self.ids,
            )
        )
        self.invalidate_recordset(["message_ids"])

    def _drop_files(self):
        """Delete the files of merged leads that no undo will give back any more."""
        # sudo: they are no longer anybody's
        files = self.env["ir.attachment"].sudo()
        files.search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("res_field", "!=", False),
            ]
        ).unlink()

    def _remember_origins(self, references):
        """Remember from which of the leads each message and external id that has moved
        comes.

        :param references: what has moved
        """
        moved = {reference.model for reference in references}
        if "mail.message" in moved:
            self._remember_moved(
                "mail_message", "crm_lead_merge_source_message_rel", "message_id"
            )
            self.invalidate_recordset(["message_ids"])
        if "ir.model.data" in moved:
            self._remember_moved(
                "ir_model_data", "crm_lead_merge_source_external_id_rel", "external_id"
            )
            self.invalidate_recordset(["external_id_ids"], flush=False)

    def _remember_moved(self, table, relation, column):
        """Link each row of a table that has moved to the lead that it comes from.

        :param table: the table of the rows
        :param relation: the table of the links
        :param column: the column of the links with the id of a row
        """
        # Raw SQL: thousands of rows in one query, from the journal just written.
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO %s (source_id, %s)
                SELECT source.id, (one ->> 'row_id')::int
                  FROM crm_lead_journal_line line, jsonb_array_elements(changes) AS one
                  JOIN crm_lead_merge_source source
                    ON source.source_res_id = (one -> 'before' ->> 'res_id')::int
                  JOIN crm_lead_merge m ON m.id = source.merge_id
                 WHERE line.journal_id = m.journal_id AND source.id = ANY(%s)
                   AND %s = %s
                ON CONFLICT DO NOTHING
                """,
                SQL.identifier(relation),
                SQL.identifier(column),
                self.ids,
                # by any name: rows of a table that inherits from it are no rows of it
                identity(SQL.identifier("line", "table_name")),
                identity(SQL("%s", table)),
            )
        )

    def _bring_back(self):
        """Point to the leads that undo brought back, whose messages and external ids
        are theirs again."""
        # Raw SQL: one query each, however many leads were merged.
        self.flush_recordset()
        self._forget_messages()
        self.env.cr.execute(
            SQL(
                "DELETE FROM crm_lead_merge_source_external_id_rel "
                "WHERE source_id = ANY(%s)",
                self.ids,
            )
        )
        self.env.cr.execute(
            SQL(
                "UPDATE crm_lead_merge_source SET lead_id = source_res_id "
                "WHERE id = ANY(%s)",
                self.ids,
            )
        )
        self.invalidate_recordset()
