from odoo import fields, models
from odoo.tools import SQL

from ..models.common.arguments import check_one, check_records

LINKS = ("user_id", "team_id", "source_id", "medium_id", "campaign_id")


class CrmLeadQualificationReport(models.Model):
    """One lead or opportunity as it came in, and what has become of it.

    What was merged away is a row of its own, with its own source, person and revenue;
    the record it went into counts with what it said itself (promise B10).
    """

    _name = "crm.lead.qualification.report"
    _inherit = ["crm.lead.bound"]
    _description = "Qualification Analysis"
    _auto = False
    _order = "create_date desc, id desc"
    _lead_values = {
        **{name: name for name in (*LINKS, "name", "company_id", "lost_reason_id")},
        "came_as": "type",
        "outcome": "type",
        "lead_count": "type",
        "qualified_count": "type",
        "converted_count": "type",
        "conversion_rate": "type",
        "lost_count": "won_status",
        "create_date": "create_date",
        "date_opportunity": "date_conversion",
        "days_to_opportunity": "date_conversion",
        "expected_revenue": "expected_revenue",
    }
    _depends = {
        "crm.lead": [
            *LINKS,
            "name",
            "type",
            "company_id",
            "create_date",
            "date_conversion",
            "expected_revenue",
            "won_status",
            "lost_reason_id",
        ],
        "crm.lead.journal": ["state"],
        "crm.lead.merge": [
            "journal_id",
            "survivor_id",
            "survivor_res_id",
            "own_values",
        ],
        "crm.lead.merge.source": [
            *LINKS,
            "merge_id",
            "source_res_id",
            "name",
            "type",
            "lead_create_date",
            "date_conversion",
            "expected_revenue",
        ],
    }

    name = fields.Char(string="Lead", readonly=True)
    lead_id = fields.Many2one(
        "crm.lead",
        string="Today",
        readonly=True,
        help="The record itself, or the one that it was merged into.",
    )
    came_as = fields.Selection(
        [("lead", "Lead"), ("opportunity", "Opportunity")],
        string="Came In As",
        readonly=True,
    )
    outcome = fields.Selection(
        [
            ("waiting", "To qualify"),
            ("converted", "Converted"),
            ("merged", "Merged"),
            ("lost", "Lost"),
            ("opportunity", "Opportunity from the start"),
        ],
        readonly=True,
    )
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    source_id = fields.Many2one("utm.source", readonly=True)
    medium_id = fields.Many2one("utm.medium", readonly=True)
    campaign_id = fields.Many2one("utm.campaign", readonly=True)
    lost_reason_id = fields.Many2one("crm.lost.reason", readonly=True)
    create_date = fields.Datetime(string="Came In", readonly=True)
    date_opportunity = fields.Datetime(string="Opportunity Since", readonly=True)
    lead_count = fields.Integer(string="Leads In", readonly=True)
    qualified_count = fields.Integer(
        string="Qualified",
        readonly=True,
        help="Leads that have become an opportunity, or part of one.",
    )
    converted_count = fields.Integer(
        string="Converted",
        readonly=True,
        help="Leads that have become an opportunity themselves.",
    )
    merged_count = fields.Integer(
        string="Merged", readonly=True, help="Records that went into another one."
    )
    lost_count = fields.Integer(
        string="Lost",
        readonly=True,
        help="Lost ones, whether as a lead or as an opportunity later.",
    )
    conversion_rate = fields.Float(
        string="Conversion Rate (%)",
        aggregator="avg",
        readonly=True,
        help="Qualified leads among the leads that came in.",
    )
    days_to_opportunity = fields.Float(
        string="Days to Opportunity",
        aggregator="avg",
        readonly=True,
        help="From the day a lead came in to the day it was an opportunity, or part of "
        "one.",
    )
    expected_revenue = fields.Float(readonly=True)

    @property
    def _table_query(self):
        # Raw SQL: a report over all leads, grouped by the database. Each original is
        # one row; ids are even for leads, odd for what was merged away.
        return SQL(
            """
            SELECT *,
                   (came_as = 'lead')::int AS lead_count,
                   (came_as = 'lead' AND is_opportunity)::int AS qualified_count,
                   (outcome = 'converted')::int AS converted_count,
                   (outcome = 'merged')::int AS merged_count,
                   is_lost::int AS lost_count,
                   CASE WHEN came_as = 'lead' THEN is_opportunity::int * 100.0 END
                        AS conversion_rate,
                   CASE WHEN came_as = 'lead' AND is_opportunity THEN
                        EXTRACT(EPOCH FROM date_opportunity - create_date) / 86400.0
                   END AS days_to_opportunity
              FROM (%s UNION ALL %s) AS original
            """,
            self._select_leads(),
            self._select_merged(),
        )

    def _select_leads(self):
        return SQL(
            """
            SELECT one.id * 2 AS id, one.name, one.id AS lead_id, one.company_id,
                   one.lost_reason_id, one.create_date, own.*,
                   one.type = 'opportunity' AS is_opportunity,
                   COALESCE(own.date_conversion, CASE WHEN own.came_as = 'lead'
                        THEN one.date_conversion END) AS date_opportunity,
                   CASE WHEN own.came_as = 'opportunity' THEN 'opportunity'
                        WHEN one.type = 'opportunity' THEN 'converted'
                        WHEN one.won_status = 'lost' THEN 'lost'
                        ELSE 'waiting' END AS outcome,
                   one.won_status = 'lost' AS is_lost
              FROM crm_lead one %s
            """,
            self._join_own(SQL("one.id")),
        )

    def _select_merged(self):
        return SQL(
            """
            SELECT one.id * 2 + 1 AS id, one.name, merge.survivor_id AS lead_id,
                   one.company_id, NULL AS lost_reason_id,
                   one.lead_create_date AS create_date, own.*,
                   today.type = 'opportunity' AS is_opportunity,
                   COALESCE(own.date_conversion, CASE WHEN today.type = 'opportunity'
                        THEN GREATEST(merge.create_date, today.date_conversion) END)
                        AS date_opportunity,
                   'merged' AS outcome, FALSE AS is_lost
              FROM crm_lead_merge_source one
              JOIN crm_lead_merge merge
                ON merge.id = one.merge_id
              JOIN crm_lead_journal journal
                ON journal.id = merge.journal_id AND journal.state = 'done'
              JOIN crm_lead today ON today.id = merge.survivor_id
                   %s
            """,
            self._join_own(SQL("one.source_res_id")),
        )

    def _join_own(self, lead_id):
        """Join what the record `one` said itself, before others were merged into it.

        :param SQL lead_id: the id that the record has, or had, as a lead
        """
        types = {
            **dict.fromkeys(LINKS, SQL("int")),
            "expected_revenue": SQL("float8"),
            "date_conversion": SQL("timestamp"),
        }
        columns = [
            SQL("%s AS %s", self._own(name, sql_type), SQL.identifier(name))
            for name, sql_type in types.items()
        ]
        return SQL(
            """
            LEFT JOIN (
                SELECT DISTINCT ON (survivor_res_id) survivor_res_id, own_values
                  FROM crm_lead_merge merge
                  JOIN crm_lead_journal journal
                    ON journal.id = merge.journal_id AND journal.state = 'done'
                 ORDER BY survivor_res_id, merge.id DESC
            ) said ON said.survivor_res_id = %s
            CROSS JOIN LATERAL (
                SELECT %s, CASE WHEN %s = 'lead' OR %s IS NOT NULL
                                THEN 'lead' ELSE 'opportunity' END AS came_as
            ) own
            """,
            lead_id,
            SQL(", ").join(columns),
            self._own("type", SQL("varchar")),
            self._own("date_conversion", SQL("timestamp")),
        )

    def _own(self, name, sql_type):
        """The record's own value, where what a merge wrote over it still stands."""
        own, written = (
            SQL("NULLIF(said.own_values -> %s ->> %s, 'false')::%s", name, at, sql_type)
            for at in (0, 1)
        )
        column = SQL("one.%s::%s", SQL.identifier(name), sql_type)
        return SQL(
            "CASE WHEN jsonb_exists(said.own_values, %(name)s) "
            "AND %(column)s IS NOT DISTINCT FROM %(written)s "
            "THEN %(own)s ELSE %(column)s END",
            name=name,
            column=column,
            written=written,
            own=own,
        )

    def action_open_lead(self):
        """Open the record, or what it was merged into."""
        check_one(self)
        check_records(self, "read")
        return self.lead_id.redirect_lead_opportunity_view()
