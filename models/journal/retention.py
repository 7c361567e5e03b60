from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ...exceptions import UndoRefused
from ..common.number_setting import NumberSetting

#: How many months snapshots are kept; 0 or nothing: for ever.
RETENTION = NumberSetting("crm_lead_qualification.retention_months", 0, 0, 1_200)


class CrmLeadJournal(models.AbstractModel):
    """How long the journal remembers, and whose personal data it holds meanwhile."""

    _inherit = "crm.lead.journal"

    def _journal_find_emails(self):
        """SQL: the e-mail addresses that the images in ``changes`` hold, for
        `privacy_lookup`.

        How its look-up works: it goes through all models and asks the columns that it
        knows by name (`email_normalized`, `email`, `email_from`, `company_email`, and
        links to customers). So it finds what we hold without a word of ours where such
        columns exist: on snapshots, merged leads and values set aside. Its wizard can
        not be extended from here: to inherit from a model that is not installed breaks
        the registry, and what is added to it later would be a patch.
        """
        return SQL(
            """(SELECT string_agg(DISTINCT lower(found[1]), ', ')
                  FROM regexp_matches(changes::text, %s, 'g') AS found)""",
            r"[[:alnum:]_.+%-]+@[[:alnum:]-]+(?:\.[[:alnum:]-]+)+",
        )

    def _journal_close(self):
        """Note which e-mail addresses those lines hold that say nothing about it yet,
        or have changed since: of all journals of a batch at once."""
        # Raw SQL: the images never pass through Python, and one query, however many.
        self.env.cr.execute(
            SQL(
                """UPDATE crm_lead_journal_line SET email = %s
                    WHERE %s = ANY(%s) AND (is_computed_later OR email IS NULL)
                      AND strpos(changes::text, '@') > 0""",
                self._journal_find_emails(),
                SQL.identifier(self._journal_field),
                self.ids,
            )
        )

    def _check_undo_possible(self):
        """Refuse as well what the journal does not remember any more."""
        # sudo: whether a snapshot exists says nothing about what it holds
        found = (
            self.env["crm.lead.journal.line"]
            .sudo()
            ._read_group([(self._journal_field, "in", self.ids)], [self._journal_field])
        )
        remembered = {journal.id for (journal,) in found}
        for journal in self:
            if journal.id not in remembered:
                raise UndoRefused(journal._explain_removed())
        return super()._check_undo_possible()

    def _explain_removed(self):
        months = self._get_retention_months()
        date = format_date(self.env, self.create_date)
        if months and self.create_date < self._get_retention_limit():
            return self.env._(
                "‘%(record)s’ cannot be put back any more to what it was before "
                "%(date)s: snapshots are removed after %(months)s months. A sales "
                "manager can change that in the CRM settings, for later ones.",
                record=self.display_name,
                date=date,
                months=months,
            )
        return self.env._(
            "‘%(record)s’ cannot be put back any more to what it was before %(date)s: "
            "its snapshots were removed to protect personal data.",
            record=self.display_name,
            date=date,
        )

    @api.model
    def _get_retention_months(self):
        """Return for how many months snapshots are kept; 0: for ever."""
        return int(RETENTION.get(self.env))

    @api.model
    def _get_retention_limit(self):
        """Return the time before which snapshots are not kept, or None: all are."""
        months = self._get_retention_months()
        return fields.Datetime.now() - relativedelta(months=months) if months else None
