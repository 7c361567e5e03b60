from odoo.tools import SQL

from ...references.reference import IDENTITY, row_identity


class Before:
    """How leads are before they are converted: many of them in a few statements.

    :param leads: the leads
    """

    def __init__(self, leads):
        self.env = leads.env
        self.lead_ids, self.images = self._read_images(leads)
        self.marks = self._mark_messages()

    def remember(self, conversions, created):
        """Remember what was changed and made since.

        :param conversions: the conversions of the leads, as the engine has them
        :param created: {lead id: customers created for it}
        """
        if not conversions:
            return
        self.env.flush_all()
        self._remember_created(conversions, created)
        self._remember_leads(conversions)
        self._remember_made_rows(conversions, "mail_message", "model")
        self._remember_made_rows(conversions, "mail_followers", "res_model")
        conversions.journal_id.invalidate_recordset(["line_ids"])
        conversions.invalidate_recordset(["line_ids"])

    def _read_images(self, leads):
        """Return how the rows of `leads` look: ([lead id, …], [image, …]). The images
        are JSON as PostgreSQL writes it, and go back as they are."""
        self.env.flush_all()
        # Raw SQL: the row as PostgreSQL writes it, see `crm.lead.journal`.
        rows = self.env.execute_query(
            SQL(
                "SELECT id, to_jsonb(t)::text FROM crm_lead t WHERE id = ANY(%s)",
                leads.ids,
            )
        )
        return [row[0] for row in rows], [row[1] for row in rows]

    def _mark_messages(self):
        """Return the newest ids of {table: id}. A transaction does not see what others
        insert meanwhile: any row it sees above the mark is its own."""
        # Raw SQL: the highest id, whoever may read it, without reading a row.
        [row] = self.env.execute_query(
            SQL(
                """SELECT (SELECT COALESCE(max(id), 0) FROM mail_message),
                          (SELECT COALESCE(max(id), 0) FROM mail_followers)"""
            )
        )
        return {"mail_message": row[0], "mail_followers": row[1]}

    def _remember_created(self, conversions, created):
        links = [
            SQL("(%s, %s)", conversion.id, customer.id)
            for conversion in conversions
            for customer in created.get(conversion.lead_res_id, ())
        ]
        if links:
            # Raw SQL: the ORM inserts the links of each record by themselves.
            self.env.cr.execute(
                SQL(
                    """INSERT INTO crm_lead_conversion_partner_rel
                       (conversion_id, partner_id) VALUES %s""",
                    SQL(", ").join(links),
                )
            )
            conversions.invalidate_recordset(["created_partner_ids"])

    def _remember_leads(self, conversions):
        """Remember the rows of the leads, before and after."""
        conversions.journal_id._record_each(
            "crm_lead",
            SQL(
                """SELECT of.journal_id, t.id AS row_id, was.before,
                          to_jsonb(t) AS after
                     FROM unnest(%s, %s) AS of(journal_id, lead_id)
                     JOIN unnest(%s, %s::jsonb[]) AS was(lead_id, before)
                       ON was.lead_id = of.lead_id
                     JOIN crm_lead t ON t.id = of.lead_id""",
                [one.journal_id.id for one in conversions],
                [one.lead_res_id for one in conversions],
                self.lead_ids,
                self.images,
            ),
        )

    def _remember_made_rows(self, conversions, table, model_column):
        """Remember the messages and followers that a lead or its new customer got:
        which they are, as undo deletes them. What a customer got, goes with it: see
        `forget_made_rows`."""
        conversions.journal_id._record_each(
            table,
            SQL(
                """SELECT of.journal_id, t.id AS row_id, NULL::jsonb AS before,
                          to_jsonb(t) || jsonb_build_object(
                              'model', of.model, 'res_id', of.res_id,
                              %(key)s, %(identity)s) AS after
                     FROM (SELECT journal_id, 'crm.lead' AS model,
                                  lead_res_id AS res_id
                             FROM crm_lead_conversion WHERE id = ANY(%(ids)s)
                            UNION
                           SELECT conversion.journal_id, 'res.partner', rel.partner_id
                             FROM crm_lead_conversion conversion
                             JOIN crm_lead_conversion_partner_rel rel
                               ON rel.conversion_id = conversion.id
                            WHERE conversion.id = ANY(%(ids)s)) of
                     JOIN %(table)s t ON t.id > %(mark)s AND t.res_id = of.res_id
                      AND t.%(model)s = of.model""",
                table=SQL.identifier(table),
                model=SQL.identifier(model_column),
                mark=self.marks[table],
                key=IDENTITY,
                identity=row_identity("t"),
                ids=conversions.ids,
            ),
        )


def forget_made_rows(conversions, partner_ids):
    """Forget the messages and followers that customers got who stay: undo leaves
    them as well."""
    if not partner_ids:
        return
    conversions.journal_id._forget_rows(
        ("mail_message", "mail_followers"),
        SQL(
            """one -> 'after' ->> 'model' = 'res.partner'
               AND (one -> 'after' ->> 'res_id')::int = ANY(%s)""",
            list(partner_ids),
        ),
    )


def forget_sent_messages(conversions):
    """Forget the messages that went to somebody outside, by e-mail: undo does not
    unsend them, so that what they said stays as well."""
    conversions.journal_id._forget_rows(
        ("mail_message",),
        SQL(
            """EXISTS (
                SELECT FROM mail_notification n
                  JOIN res_partner p ON p.id = n.res_partner_id
                 WHERE n.mail_message_id = (one ->> 'row_id')::int
                   AND p.partner_share AND n.notification_type = 'email'
                   AND n.notification_status
                       IN ('process', 'pending', 'sent', 'bounce'))"""
        ),
    )
