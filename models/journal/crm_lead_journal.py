from psycopg2 import IntegrityError

from odoo import api, fields, models
from odoo.tools import SQL

from ...exceptions import UndoRefused
from ...references.table import identity
from ..common.arguments import check_one
from ..common.done_action import get_undone_action
from . import restore

#: Tables that count leads: others go on counting, so that not the value comes back, but
#: what was added is taken away.
COUNTERS = {"crm_lead_scoring_frequency": ("won_count", "lost_count")}
#: How much the rows in one line of the journal hold, in bytes, before another begins.
LINE_SIZE = 2**24
#: What the detector finds again by itself: the groups of pairs.
FOUND_AGAIN = frozenset({"crm_lead_duplicate"})
#: How many changes since the dialog lists before something is undone.
LISTED_CONFLICTS = 100


class CrmLeadJournal(models.AbstractModel):
    """What merges and conversions share: a memory of the rows they changed, and undo.

    Everything is stored as PostgreSQL writes it (``to_jsonb``) and restored by SQL, so
    that what comes back is what was there, to the last digit. Undo compares three
    images of every value: before, after, and now. What is now as it was left comes back
    as it was before; what has been changed since is kept, and said (promise B2).
    """

    _name = "crm.lead.journal"
    _inherit = ["crm.lead.journal.guard"]
    _description = "Journal of Changed Rows"

    # The many2one of crm.lead.journal.line that points to this model.
    _journal_field = None

    state = fields.Selection(
        [("done", "Done"), ("undone", "Undone")],
        default="done",
        required=True,
        readonly=True,
    )
    undo_uid = fields.Many2one("res.users", string="Undone by", readonly=True)
    undo_date = fields.Datetime(string="Undone on", readonly=True)

    # ------------------------------------------------------------
    # Remember
    # ------------------------------------------------------------

    def _journal_record(self, table, changed):
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
                    (%(journal)s, table_name, changes,
                     create_uid, create_date, write_uid, write_date)
                SELECT %(id)s, %(table)s, jsonb_agg(jsonb_build_object(
                           'row_id', row_id, 'before', before, 'after', after)),
                       %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM (SELECT *, %(part)s AS part FROM changed) AS changed
              GROUP BY part
                RETURNING jsonb_path_query_array(changes, '$[*].row_id')
                """,
                changed=changed,
                part=self._journal_get_part(),
                journal=SQL.identifier(self._journal_field),
                id=self.id,
                table=table,
                uid=self.env.uid,
                now=self.env.cr.now(),
            )
        )
        return [row_id for (row_ids,) in rows for row_id in row_ids if row_id]

    @api.model
    def _journal_get_part(self, partition=""):
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

    def _journal_record_each(self, table, changed, is_computed_later=False):
        """Remember for each of several journals the rows it changed, and which e-mail
        addresses they hold, in one query.

        :param SQL changed: query: ``journal_id, row_id, before, after``
        """
        # Raw SQL: see the class; and one query, however many journals.
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_lead_journal_line
                    (%(journal)s, table_name, is_computed_later, changes, email,
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
                part=self._journal_get_part("journal_id"),
                journal=SQL.identifier(self._journal_field),
                table=table,
                later=is_computed_later,
                email=self._journal_find_emails(),
                uid=self.env.uid,
                now=self.env.cr.now(),
            )
        )

    def _journal_snapshot(self, table, row_ids):
        """Remember whole rows before anything is done to them."""
        self._journal_snapshot_each(table, {self: row_ids}, is_computed_later=True)

    def _journal_snapshot_each(self, table, rows, is_computed_later):
        """Remember for each of several journals whole rows before anything is done to
        them. Those that are going to be deleted, now or by the caller, are not
        computed later: undo brings them back if they are gone by then.

        :param rows: {journal: [row id, …]}
        """
        pairs = [(journal.id, row_id) for journal in rows for row_id in rows[journal]]
        self._journal_record_each(
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

    def _journal_complete(self, tables, is_final=False):
        """Remember how the rows that the ORM went on rewriting look in the end.

        :param tables: names of the tables that they are in
        :param bool is_final: what becomes of them later on is remembered by other lines
        """
        self.env.flush_all()
        for table in tables:
            # Raw SQL: see the class. The addresses in final images are looked for again
            # by `_journal_close`.
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE crm_lead_journal_line SET is_computed_later = NOT %s,
                           email = CASE WHEN %s THEN NULL ELSE email END, changes = (
                        SELECT jsonb_agg(one || jsonb_build_object('after', (
                                   SELECT to_jsonb(t) FROM %s t
                                    WHERE t.id = (one ->> 'row_id')::int)))
                          FROM jsonb_array_elements(changes) AS one)
                     WHERE table_name = %s AND %s = ANY(%s) AND is_computed_later
                    """,
                    is_final,
                    is_final,
                    SQL.identifier(table),
                    table,
                    SQL.identifier(self._journal_field),
                    self.ids,
                )
            )

    def _journal_forget_rows(self, tables, condition):
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
                 WHERE %s = ANY(%s) AND table_name IN %s
                """,
                condition,
                SQL.identifier(self._journal_field),
                self.ids,
                tables,
            )
        )

    # ------------------------------------------------------------
    # Undo
    # ------------------------------------------------------------

    def action_undo(self, force=False):
        """Put everything back as it was before.

        What has been changed since is kept. If there is any such change, nothing is
        done yet: a dialog lists the changes and asks whether to go on.

        :param bool force: do not ask, keep what came later
        :return: an action: the dialog, or the record that was brought back
        :raise UndoRefused: if it cannot be undone now, saying what to do first
        """
        check_one(self)
        self._check_undo()
        if not force and (conflicts := self._get_conflicts()):
            return self._ask_before_undo(conflicts)
        # sudo: which ones they are; they are named if they may be read
        created = self.sudo()._get_created().with_env(self.env)
        names = {one: one.name for one in created._filtered_access("read")}
        self._undo()
        message = self._get_undo_message()
        if deleted := [names[one] for one in names if one not in created.exists()]:
            message = self.env._(
                "%(undone)s Deleted: %(names)s.",
                undone=message,
                names=", ".join(deleted),
            )
        return get_undone_action(self, self._get_undo_action(), message)

    def _ask_before_undo(self, conflicts):
        """Hook: return the action that asks whether to go on.

        :param conflicts: see `_get_conflicts`
        """
        raise NotImplementedError

    def _check_undo(self):
        """Refuse to undo what was undone before, or by whom it concerns nothing."""
        self.check_access("read")
        if self.state != "done":
            raise UndoRefused(
                self.env._("‘%s’ has been undone already.", self.display_name)
            )
        self._check_undo_possible()

    def _check_undo_possible(self):
        """Refuse to undo what cannot be put back, in a few queries, however many there
        are."""
        self.env.flush_all()
        # Raw SQL: what the journal says is read by SQL alone.
        won = self.env.execute_query(
            SQL(
                """SELECT t.name
                     FROM crm_lead_journal_line line,
                          jsonb_array_elements(line.changes) AS one, crm_lead t
                    WHERE %s = ANY(%s) AND line.table_name = 'crm_lead'
                      AND one -> 'before' ->> 'type' = 'lead'
                      AND one -> 'before' ->> 'won_status' != 'won'
                      AND one -> 'after' ->> 'won_status' IS DISTINCT FROM 'won'
                      AND t.id = (one ->> 'row_id')::int
                      AND t.type = 'opportunity' AND t.won_status = 'won'
                    LIMIT 1""",
                SQL.identifier("line", self._journal_field),
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

    def _get_first_line(self):
        """Return the id of the first line, or 0: lines of all journals are numbered in
        the order of events, and some are added later on."""
        return min(self.line_ids.ids, default=0)

    def _undo(self):
        raise NotImplementedError

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

    def _get_leads(self):
        """Return the leads that undo brings back."""
        raise NotImplementedError

    def _get_created(self):
        """Return the customers that were created with it."""
        raise NotImplementedError

    def _get_undo_message(self):
        """Return what people read once it is undone."""
        raise NotImplementedError

    def _get_undo_action(self):
        """Return the action that opens what was brought back, as far as the user may
        see it."""
        leads = self._get_leads()._filtered_access("read")
        cards = self.env.ref("crm.view_crm_lead_kanban")  # on a phone
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Brought back"),
            "res_model": "crm.lead",
            "view_mode": "list,kanban,form",
            "mobile_view_mode": "kanban",
            "domain": [("id", "in", leads.ids)],
            "views": [(False, "list"), (cards.id, "kanban"), (False, "form")],
            "context": {"active_test": False},
        }
        if len(leads) == 1:
            action.update(view_mode="form", res_id=leads.id, views=[(False, "form")])
        return action

    def _get_journal_lines(self, after=0, before=None):
        """Return [(line ids, table, [column, …], has row ids), …]: the latest change
        first; before all, the leads that were deleted, as others point to them, and
        what they point to themselves. Of several journals, the lines about one table go
        together. The columns are those that are remembered and that the table still
        has, but for those that PostgreSQL computes.

        :param int after: leave out the lines up to this id
        :param int before: leave out the lines from this id on
        """
        self.env["crm.lead.journal.line"].flush_model()
        # Raw SQL: what the journal says is read by SQL alone.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT array_agg(id), table_name, columns, has_ids, stays FROM (
                    SELECT line.id, line.table_name,
                           array_agg(a.attname::text ORDER BY a.attnum) AS columns,
                           line.changes -> 0 -> 'row_id' != 'null' AS has_ids,
                           line.changes -> 0 -> 'after' != 'null' AS stays,
                           row_number() OVER (PARTITION BY %(journal)s, line.table_name
                                              ORDER BY line.id DESC) AS turn
                      FROM crm_lead_journal_line line
                      JOIN pg_attribute a ON a.attrelid = %(table)s AND a.attnum > 0
                           AND a.attgenerated = ''
                     WHERE %(journal)s = ANY(%(ids)s) AND line.id > %(after)s
                       AND (line.id < %(before)s) IS NOT FALSE
                       AND COALESCE(NULLIF(line.changes -> 0 -> 'before', 'null'),
                                    line.changes -> 0 -> 'after') ? a.attname::text
                  GROUP BY line.id) AS line
              GROUP BY table_name, columns, has_ids, stays, turn
              ORDER BY max(id) DESC
                """,
                journal=SQL.identifier("line", self._journal_field),
                table=identity(SQL.identifier("line", "table_name")),
                ids=self.ids,
                after=after,
                before=before,
            )
        )
        deleted = {row[1]: row[2] for row in rows if not row[4]}
        first = self._find_pointed_to("crm_lead", deleted)
        rank = {table: place - len(first) for place, table in enumerate(first)}
        rows.sort(key=lambda row: 0 if row[4] else rank.get(row[1], 0))
        return [row[:4] for row in rows]

    def _find_pointed_to(self, table, deleted, waiting=()):
        """Return the tables of which rows have to be back before those of `table`, and
        the table itself, last.

        :param deleted: {table of which rows were deleted: its columns}
        :param waiting: the tables that point to `table`
        """
        tables = []
        if table in deleted and table not in waiting:
            waiting = (*waiting, table)
            others = {*deleted}.difference(waiting)
            for _name, target, _is_required in (
                self._get_foreign_keys(table, deleted[table]) if others else ()
            ):
                if target in others:
                    tables += self._find_pointed_to(target, deleted, waiting)
            tables.append(table)
        return list(dict.fromkeys(tables))

    def _journal_restore(self, after=0, before=None):
        """Bring back the rows of all lines, except what has been changed since.

        :param after, before: see `_get_journal_lines`
        :raise UndoRefused: if the database refuses a row, naming the table and the rule
        """
        name = self[:1].display_name
        try:
            self._journal_restore_rows(after, before)
        except IntegrityError as error:
            raise UndoRefused(
                self.env._(
                    "‘%(journal)s’ cannot be undone: a row of the table %(table)s "
                    "breaks its rule %(rule)s by now. Change the record that stands in "
                    "the way, then undo.",
                    journal=name,
                    table=error.diag.table_name,
                    rule=error.diag.constraint_name or error.diag.column_name,
                )
            ) from error

    def _journal_restore_rows(self, after, before):
        self.env.flush_all()
        lines = self._get_journal_lines(after, before)
        columns = self._get_table_columns(lines)
        self._journal_leave_strangers(lines)
        unreadable = self._journal_fit(lines, columns)
        self._journal_part(lines)
        yielded = self._journal_yield(lines, columns)
        emptied = self._journal_mend(lines, yielded)
        filled = self._journal_fill(lines, columns)
        lines = self._get_journal_lines(after, before)  # with what has been filled in
        change = self._journal_foretell(lines, [*unreadable, *yielded, *emptied])
        self._journal_free(lines, columns)
        for line_ids, table, names, has_ids in lines:
            if table in COUNTERS:
                continue
            for statement in (restore.delete_made, restore.insert_deleted):
                self.env.cr.execute(statement(line_ids, table, names))
            kept = [name for name in names if not columns[table][name].is_numbered]
            if has_ids and kept:
                self.env.cr.execute(restore.update_changed(line_ids, table, kept))
        self.env.invalidate_all(flush=False)
        self._drop_caches({table for _ids, table, *_rest in lines} - COUNTERS.keys())
        self._journal_give_stages(
            [
                row_id
                for table, row_id, column, *_values in emptied
                if (table, column) == ("crm_lead", "stage_id")
            ]
        )
        self._journal_tell(change, filled)

    def _journal_restore_counters(self):
        """Take back what was added to counters, and drop those that were made."""
        for line_ids, table, columns, _has_ids in self._get_journal_lines():
            if table in COUNTERS:
                counted = [name for name in columns if name in COUNTERS[table]]
                others = [name for name in columns if name not in COUNTERS[table]]
                statements = [restore.update_changed(line_ids, table, others)]
                if counted:
                    statements.append(restore.subtract_counts(line_ids, table, counted))
                for statement in statements:
                    self.env.cr.execute(statement)
                self.env.cr.execute(restore.delete_made(line_ids, table, columns))
        self.env.invalidate_all(flush=False)

    def _journal_mend(self, lines, yielded):
        """Take out of the images what points to something deleted since; rows that
        cannot be without do not come back.

        :param lines: see `_get_journal_lines`
        :param yielded: see `_journal_yield`: what points to a row that has said itself
            that it does not come back is no conflict of its own
        :return: conflicts, see `_get_conflicts`
        """
        away = {(table, row_id) for table, row_id, column, *_ in yielded if not column}
        restored_ids = [line_id for line_ids, *_table in lines for line_id in line_ids]
        emptied, is_complete = [], False
        while not is_complete:  # what points to a row that does not come back, neither
            is_complete = True
            for line_ids, table, columns, _has_ids in lines:
                if table in COUNTERS:
                    continue
                keys = self._get_foreign_keys(table, columns)
                required = {name for name, _target, is_required in keys if is_required}
                target_of = {name: target for name, target, _is_required in keys}
                gone = self._find_gone(line_ids, keys, restored_ids)
                # Raw SQL: what the journal says is written by SQL alone.
                for column, target_id in {(column, one) for _, column, one, _ in gone}:
                    is_complete = is_complete and column not in required
                    self.env.cr.execute(
                        restore.forget_target(
                            line_ids, column, target_id, column in required
                        )
                    )
                if table in FOUND_AGAIN:
                    continue
                emptied += [
                    self._explain_link(table, column, link)
                    if link
                    else (table, row_id, column, target_id, None)
                    for row_id, column, target_id, link in gone
                    if (target_of[column], target_id) not in away
                ]
        return emptied

    def _journal_free(self, lines, columns):
        """Give what only one row may have back to the rows that stay first, so that it
        is free for those that come back.

        :param lines: see `_get_journal_lines`
        :param columns: see `_get_table_columns`
        """
        tables = {table for _ids, table, _names, has_ids in lines if has_ids}
        unique = {
            table: {name for key in keys for name in key.columns}
            for table, keys in self._get_unique_keys(tables - COUNTERS.keys()).items()
        }
        for line_ids, table, names, _has_ids in lines:
            own = [
                name
                for name in names
                if name in unique.get(table, ())
                and not columns[table][name].is_link
                and not columns[table][name].is_numbered
            ]
            if own:
                self.env.cr.execute(restore.update_changed(line_ids, table, own))

    def _journal_give_stages(self, lead_ids):
        """Put leads whose stage has been deleted since into the first one of their
        channel, as core does with new leads."""
        leads = self.env["crm.lead"].browse(lead_ids)
        leads = leads.filtered(lambda lead: not lead.stage_id)
        if not leads:
            return
        # not by `write`: it would tell followers, and the scoring once too often
        with self.env.protecting([leads._fields["stage_id"]], leads):
            leads._compute_stage_id()
        leads.modified(["stage_id"])
