import json
from contextlib import contextmanager

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models, tools
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ...exceptions import UndoRefused
from ...references.table import identity
from ..common.number_setting import NumberSetting
from .undoing import Undoing

#: How many months snapshots are kept; 0 or nothing: for ever.
RETENTION = NumberSetting("crm_lead_qualification.retention_months", 0, 0, 1_200)
#: How much the rows in one line of the journal hold, in bytes, before another begins.
LINE_SIZE = 2**24
#: How many changes since the dialog lists before something is undone.
LISTED_CONFLICTS = 100


class CrmLeadJournal(models.Model):
    """What one merge or conversion has changed: a memory of the rows, and undo.

    Everything is stored as PostgreSQL writes it (``to_jsonb``) and restored by SQL, so
    that what comes back is what was there, to the last digit. Undo compares three
    images of every value: before, after, and now. What is now as it was left comes back
    as it was before; what has been changed since is kept, and said (promise B2).

    The merge or conversion itself is its subject (`crm.lead.undoable`): who may read
    that may read the journal. Journals are numbered in the order of events.
    """

    _name = "crm.lead.journal"
    _inherit = ["crm.lead.bound", "crm.lead.journal.guard"]
    _description = "Journal of a Change"
    _order = "id desc"
    _lead_fields = ()

    state = fields.Selection(
        [("done", "Done"), ("undone", "Undone")],
        default="done",
        required=True,
        readonly=True,
    )
    undo_uid = fields.Many2one("res.users", string="Undone by", readonly=True)
    undo_date = fields.Datetime(string="Undone on", readonly=True)
    line_ids = fields.One2many(
        "crm.lead.journal.line", "journal_id", groups="base.group_system"
    )
    can_undo = fields.Boolean(compute="_compute_can_undo")

    @api.depends("state", "line_ids")
    def _compute_can_undo(self):
        remembered = self._find_remembered()
        for journal in self:
            journal.can_undo = journal.state == "done" and journal.id in remembered

    def _find_remembered(self):
        """Return the ids of those of these journals that still have their rows."""
        # sudo: whether a snapshot exists says nothing about what it holds
        lines = self.env["crm.lead.journal.line"].sudo()
        found = lines._read_group([("journal_id", "in", self.ids)], ["journal_id"])
        return {journal.id for (journal,) in found}

    @api.depends(lambda self: self._get_subject_fields())
    def _compute_display_name(self):
        for journal in self:
            journal.display_name = journal._get_subject().display_name

    # ------------------------------------------------------------
    # What it is the journal of
    # ------------------------------------------------------------

    @api.model
    def _get_subject_fields(self):
        """Hook: return the names of the fields that hold what can be undone by a
        journal, one of each kind."""
        return []

    def _get_subject(self):
        """Return the merge or conversion that this journal belongs to, or nothing."""
        subjects = (self[name] for name in self._get_subject_fields())
        return next(filter(None, subjects), self.browse())

    @api.model
    def _get_readable_domain(self):
        return Domain.OR(
            Domain(name, "any", Domain.TRUE) for name in self._get_subject_fields()
        )

    def _filter_readable(self):
        readable = self.browse()
        for name in self._get_subject_fields():
            # sudo: which they are; whether they may be read is asked
            subjects = self.sudo()[name].with_env(self.env)
            readable |= subjects._filtered_access("read").journal_id
        return self & readable

    @api.model
    def _get_touched(self):
        """Hook: return queries of the leads that journals have touched: ``journal_id,
        lead_id, whole_id``, the last being the journal that this one is a part of, if
        it is.

        :rtype: list[SQL]
        """
        return []

    def _find_later(self, lead_ids):
        """Return {journal: the first of those to undo}: the last of the later changes
        that touch the same leads and rest on what this one did.

        :param lead_ids: {journal: ids of the leads it has touched}
        """
        self.env.flush_all()
        pairs = [(journal.id, one) for journal in lead_ids for one in lead_ids[journal]]
        # Raw SQL: one query, whatever kinds of changes there are, and however many.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT mine.journal_id, max(COALESCE(later.whole_id, later.journal_id))
                  FROM unnest(%s::int[], %s::int[]) AS mine(journal_id, lead_id)
                  JOIN (%s) AS later ON later.lead_id = mine.lead_id
                  JOIN crm_lead_journal journal ON journal.id = later.journal_id
                 WHERE later.journal_id > mine.journal_id AND journal.state = 'done'
                   AND later.journal_id != ALL(%s)
                   AND COALESCE(later.whole_id, 0) != ALL(%s)
              GROUP BY mine.journal_id
                """,
                [journal_id for journal_id, _lead_id in pairs],
                [lead_id for _journal_id, lead_id in pairs],
                SQL(" UNION ALL ").join(self._get_touched()),
                self.ids,
                self.ids,
            )
        )
        return {self.browse(mine): self.browse(later) for mine, later in rows}

    @api.autovacuum
    def _gc_without_subject(self):
        """Forget what was done to leads that were deleted behind the back of the ORM,
        and the merge or conversion with them."""
        subjects = self._get_subject_fields()
        self.search([(name, "=", False) for name in subjects]).unlink()

    # ------------------------------------------------------------
    # Remember
    # ------------------------------------------------------------

    def _record(self, table, changed):
        """Carry out `changed` and remember each row it changes, in one query.

        :param str table: the table that is changed
        :param SQL changed: common table expressions, the last of which is called
            ``changed`` and has ``row_id, before, after`` (see `Reference.move`)
        :return: ids of the changed rows, as far as they have one
        """
        # Raw SQL: see the class; and one query, however many rows change.
        rows = self.env.execute_query(
            SQL(
                """
                WITH %(changed)s
                INSERT INTO crm_lead_journal_line
                    (journal_id, table_name, changes,
                     create_uid, create_date, write_uid, write_date)
                SELECT %(id)s, %(table)s, jsonb_agg(jsonb_build_object(
                           'row_id', row_id, 'before', before, 'after', after)),
                       %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM (SELECT *, %(part)s AS part FROM changed) AS changed
              GROUP BY part
                RETURNING jsonb_path_query_array(changes, '$[*].row_id')
                """,
                changed=changed,
                part=self._get_line_part(),
                id=self.id,
                table=table,
                uid=self.env.uid,
                now=self.env.cr.now(),
            )
        )
        return [row_id for (row_ids,) in rows for row_id in row_ids if row_id]

    @api.model
    def _get_line_part(self, partition=""):
        """Return in SQL the number of the line that a row goes into, by what it and
        those before it hold: PostgreSQL refuses a list of more than 256 MB.

        :param str partition: column that says whose lines are numbered by themselves
        """
        whose = SQL("PARTITION BY %s", SQL.identifier(partition)) if partition else None
        return SQL(
            """sum(COALESCE(pg_column_size(before), 0)
                   + COALESCE(pg_column_size(after), 0))
               OVER (%s ORDER BY row_id ROWS UNBOUNDED PRECEDING) / %s""",
            whose or SQL(""),
            LINE_SIZE,
        )

    def _record_each(self, table, changed, is_computed_later=False):
        """Remember for each of several journals the rows it changed, and which e-mail
        addresses they hold, in one query.

        :param SQL changed: query: ``journal_id, row_id, before, after``
        """
        # Raw SQL: see the class; and one query, however many journals.
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_lead_journal_line
                    (journal_id, table_name, is_computed_later, changes, email,
                     create_uid, create_date, write_uid, write_date)
                SELECT journal_id, %(table)s, %(later)s, changes, %(email)s,
                       %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM (SELECT journal_id, jsonb_agg(jsonb_build_object(
                               'row_id', row_id, 'before', before, 'after', after))
                               AS changes
                          FROM (SELECT *, %(part)s AS part
                                  FROM (%(changed)s) AS changed) AS changed
                      GROUP BY journal_id, part) AS line
                """,
                changed=changed,
                part=self._get_line_part("journal_id"),
                table=table,
                later=is_computed_later,
                email=self._find_emails(),
                uid=self.env.uid,
                now=self.env.cr.now(),
            )
        )

    def _snapshot(self, table, row_ids):
        """Remember whole rows before anything is done to them."""
        self._snapshot_each(table, {self: row_ids}, is_computed_later=True)

    def _snapshot_each(self, table, rows, is_computed_later):
        """Remember for each of several journals whole rows before anything is done to
        them. Those that are going to be deleted, now or by the caller, are not
        computed later: undo brings them back if they are gone by then.

        :param rows: {journal: [row id, …]}
        """
        pairs = [(journal.id, row_id) for journal in rows for row_id in rows[journal]]
        self._record_each(
            table,
            SQL(
                """SELECT of.journal_id, t.id AS row_id, to_jsonb(t) AS before,
                          NULL::jsonb AS after
                     FROM unnest(%s::int[], %s::int[]) AS of(journal_id, row_id)
                     JOIN %s t ON t.id = of.row_id""",
                [journal_id for journal_id, _row_id in pairs],
                [row_id for _journal_id, row_id in pairs],
                SQL.identifier(table),
            ),
            is_computed_later,
        )

    def _complete(self, tables, is_final=False):
        """Remember how the rows that the ORM went on rewriting look in the end.

        :param tables: names of the tables that they are in
        :param bool is_final: what becomes of them later on is remembered by other lines
        """
        self.env.flush_all()
        for table in tables:
            # Raw SQL: see the class. The addresses in final images are looked for again
            # by `_close`.
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE crm_lead_journal_line SET is_computed_later = NOT %s,
                           email = CASE WHEN %s THEN NULL ELSE email END, changes = (
                        SELECT jsonb_agg(one || jsonb_build_object('after',
                               CASE WHEN one -> 'before' = 'null'
                               THEN one -> 'after' || COALESCE(to_jsonb(t), '{}')
                               ELSE to_jsonb(t) END))
                          FROM jsonb_array_elements(changes) AS one
                     LEFT JOIN %s t ON t.id = (one ->> 'row_id')::int)
                     WHERE table_name = %s AND journal_id = ANY(%s)
                       AND is_computed_later
                    """,
                    is_final,
                    is_final,
                    SQL.identifier(table),
                    table,
                    self.ids,
                )
            )

    def _forget_rows(self, tables, condition):
        """Forget rows of some tables: undo leaves them as they are.

        :param tables: names of tables
        :param SQL condition: which rows, of the image ``one`` of a row
        """
        # Raw SQL: the images never pass through Python.
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_lead_journal_line SET changes = COALESCE((
                    SELECT jsonb_agg(one) FROM jsonb_array_elements(changes) AS one
                     WHERE (%s) IS NOT TRUE), '[]')
                 WHERE journal_id = ANY(%s) AND %s IN (%s)
                """,
                condition,
                self.ids,
                # by any name, as where others inherit from it
                identity(SQL.identifier("table_name")),
                SQL(", ").join(identity(SQL("%s", table)) for table in tables),
            )
        )

    def _find_emails(self):
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

    def _note_emails(self):
        """Note which e-mail addresses those lines hold that say nothing about it yet,
        or have changed since: of all journals of a batch at once."""
        # Raw SQL: the images never pass through Python, and one query, however many.
        self.env.cr.execute(
            SQL(
                """UPDATE crm_lead_journal_line SET email = %s
                    WHERE journal_id = ANY(%s) AND (is_computed_later OR email IS NULL)
                      AND strpos(changes::text, '@') > 0""",
                self._find_emails(),
                self.ids,
            )
        )

    @contextmanager
    def _adopting(self, table, row_id):
        """Let undo take back what is done to a row meanwhile as part of this journal:
        what was as it was left before counts as left as it is afterwards."""
        self.env.flush_all()
        # Raw SQL: the row as PostgreSQL writes it, see `crm.lead.journal`.
        [(before,)] = self.env.execute_query(
            SQL(
                "SELECT to_jsonb(t) FROM %s t WHERE id = %s",
                SQL.identifier(table),
                row_id,
            )
        )
        yield
        self.env.flush_all()
        # Raw SQL: as above.
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_lead_journal_line line SET changes = (
                    SELECT jsonb_agg(CASE WHEN (one ->> 'row_id')::int = %(row_id)s
                           AND one -> 'after' != 'null'
                           THEN jsonb_set(one, '{after}', one -> 'after' || (
                               SELECT COALESCE(jsonb_object_agg(key, now -> key), '{}')
                                 FROM jsonb_object_keys(now) AS key
                                WHERE one -> 'after' -> key = %(before)s::jsonb -> key))
                           ELSE one END)
                      FROM jsonb_array_elements(line.changes) AS one)
                  FROM (SELECT to_jsonb(t) AS now FROM %(table)s t
                         WHERE id = %(row_id)s) AS present
                 WHERE line.journal_id = %(id)s AND line.table_name = %(name)s
                """,
                row_id=row_id,
                before=json.dumps(before),
                table=SQL.identifier(table),
                id=self.id,
                name=table,
            )
        )

    # ------------------------------------------------------------
    # Undo
    # ------------------------------------------------------------

    def _check_undo_possible(self):
        """Refuse to undo what cannot be put back, in a few queries, however many there
        are."""
        self._check_remembered()
        self._check_not_won()

    def _check_remembered(self):
        """Refuse what is not remembered any more."""
        remembered = self._find_remembered()
        for journal in self:
            if journal.id not in remembered:
                raise UndoRefused(journal._explain_removed())

    def _check_not_won(self):
        """Refuse to make a lead of what has been won since."""
        self.env.flush_all()
        # Raw SQL: what the journal says is read by SQL alone.
        won = self.env.execute_query(
            SQL(
                """SELECT t.name
                     FROM crm_lead_journal_line line,
                          jsonb_array_elements(line.changes) AS one, crm_lead t
                    WHERE line.journal_id = ANY(%s) AND line.table_name = 'crm_lead'
                      AND one -> 'before' ->> 'type' = 'lead'
                      AND one -> 'before' ->> 'won_status' != 'won'
                      AND one -> 'after' ->> 'won_status' IS DISTINCT FROM 'won'
                      AND t.id = (one ->> 'row_id')::int
                      AND t.type = 'opportunity' AND t.won_status = 'won'
                    LIMIT 1""",
                self.ids,
            )
        )
        if won:
            raise UndoRefused(
                self.env._(
                    "‘%s’ has been won since, and what is won is no lead. Take it back "
                    "to another stage first, then undo.",
                    won[0][0],
                )
            )

    def _finish_undo(self):
        """Forget the rows, which are back, and note who brought them back."""
        self.line_ids.unlink()
        self.write(
            {
                "state": "undone",
                "undo_uid": self.env.uid,
                "undo_date": fields.Datetime.now(),
            }
        )

    def _find_conflicts(self, others=()):
        """List what does not come back as it was.

        :param others: journals that are undone as well, and asked about apart
        :return: see `crm.lead.undoable._get_conflicts`
        """
        return Undoing(self, others).find_conflicts()

    def _restore(self, after=0, before=None):
        """Bring back the rows of all lines, except what has been changed since.

        :param after, before: see `Undoing`
        :raise UndoRefused: if the database refuses a row, naming the table and the rule
        """
        Undoing(self, after=after, before=before).restore()

    def _find_edited(self, table):
        """Return the ids of the rows of a table that were made, and that somebody has
        edited since: undo leaves them."""
        return Undoing(self).find_edited(table)

    def _restore_counters(self):
        """Take back what was added to counters, and drop those that were made."""
        Undoing(self).restore_counters()

    @api.model
    def _find_kept_together(self):
        """Hook: return [(column of leads, one that keeps it when changed, status), …];
        with a status, of those leads alone that had it before, or have it now."""
        # of which core takes no other in a won stage than 100 %
        outcome = ("stage_id", "probability")
        return [(*outcome, "won"), (*reversed(outcome), "won")]

    def _foretell(self, change):
        """Hook: add to what undo is about to change, as far as the ORM computes
        anything from it.

        :param Change change: see `telling`
        """

    @api.model
    @tools.ormcache("model_name")
    def _get_told_fields(self, model_name):
        """Return the stored fields that stored values are computed from, and those that
        are computed themselves: (names, names)."""
        stored = [
            field for field in self.env[model_name]._fields.values() if field.store
        ]
        told = {
            field.name
            for field in stored
            if any(
                dependent.store and dependent.compute
                for dependent in self.env.registry.get_dependent_fields(field)
            )
        }
        return told, {field.name for field in stored if field.compute}

    # ------------------------------------------------------------
    # What processes have cached
    # ------------------------------------------------------------

    @api.model
    def _drop_caches(self, tables):
        """Drop what all processes have cached of the rows of these tables, such as
        external ids and default values.

        :param tables: names of tables of which rows were rewritten
        """
        names = {name for table in tables for name in self._get_caches(table)}
        if names:
            # the other processes are told with the commit, as of any record
            self.env.registry.clear_cache(*sorted(names))
            self.env.invalidate_all()  # values may follow from what was cached

    @api.model
    @tools.ormcache("table")
    def _get_caches(self, table):
        """Return the names of the caches (``ormcache``) that hold what is in a table:
        those that the methods of its model fill. What a model has from mixins is about
        its fields, not about its rows."""
        _schema, _dot, name = table.rpartition(".")
        return tuple(
            {
                cache.cache_name
                for model in self.env.registry.values()
                if model._table == name and not model._abstract
                for definition in model.__mro__
                if not getattr(definition, "_abstract", True)
                for method in vars(definition).values()
                if (cache := getattr(method, "__cache__", None))
            }
        )

    # ------------------------------------------------------------
    # How long it remembers
    # ------------------------------------------------------------

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
