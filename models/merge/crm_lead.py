from collections import Counter

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import SQL

from ...engine.plan import MergeOptions
from ..common.arguments import check_ids, check_one, check_records, get_id
from .import_marks import MERGED_AWAY, NOTES, Notes, Number

# {lead id: Counter of (date, id of the stage left)} of records merged into the lead
FOREIGN = "crm_lead_foreign_stage_changes"


class CrmLead(models.Model):
    """What merges have left on a lead: the values set aside, and the merges
    themselves."""

    _inherit = "crm.lead"

    merged_value_ids = fields.One2many(
        "crm.lead.merge.value",
        "lead_id",
        string="Merged information",
        copy=False,
        groups="sales_team.group_sale_salesman",  # portal users read leads, too
    )
    merge_count = fields.Integer(compute="_compute_merge_count")

    def _compute_merge_count(self):
        # sudo: a number, also for portal users, who read the leads handed to them
        counts = dict(
            self.env["crm.lead.merge"]
            .sudo()
            ._read_group(
                [("survivor_id", "in", self.ids), ("state", "=", "done")],
                ["survivor_id"],
                ["__count"],
            )
        )
        for lead in self:
            lead.merge_count = counts.get(lead._origin, 0)

    def unlink(self):
        """Forget what was merged into leads that are deleted for good: the snapshots,
        and the values and files set aside. A merge deletes its sources only when these
        have moved on to the survivor, so that there it finds nothing."""
        check_records(self, "unlink")
        # sudo: who may delete the lead need not have rights on the journal
        Merge = self.env["crm.lead.merge"].sudo()
        merges = Merge.search([("survivor_id", "in", self.ids)])
        merges.value_ids.unlink()  # by the ORM, which deletes their files as well
        merges.source_ids._forget_messages()
        merges.source_ids._drop_files()
        merges.unlink()
        return super().unlink()

    def action_open_merges(self):
        """Open what was merged into this lead, also into those merged into it."""
        check_records(self, "read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_lead_qualification.crm_lead_merge_action"
        )
        return {**action, "domain": [("survivor_id", "in", self.ids)]}

    def action_open_merge(self):
        """Open the dialog that merges this record with its duplicates, as far as the
        user may merge them; others can be added there."""
        check_one(self)
        check_records(self, "read")
        found = self._get_lead_duplicates(self.partner_id, self.email_from)
        leads = self | found._filtered_access("write")
        return leads._open_merge_dialog()

    # ------------------------------------------------------------
    # Core's entry points to merging
    # ------------------------------------------------------------

    def _merge_opportunity(
        self, user_id=False, team_id=False, auto_unlink=True, max_length=5
    ):
        """Merge any number of leads and opportunities; see `crm.lead.merge`.

        :param user_id: salesperson of the result; the leads decide by default
        :param team_id: channel of the result; the leads decide by default
        :param auto_unlink: delete the merged records; otherwise the caller will
        :param max_length: has no effect: nothing is lost, however many there are
        :return: the record everything went into
        :raise MergeRefused: if they cannot be merged, saying why
        :raise NotAnId: if what was given as salesperson or channel is no id
        """
        check_ids(self)
        options = MergeOptions(
            user_id=get_id(self.env, "res.users", user_id),
            team_id=get_id(self.env, "crm.team", team_id),
        )
        merge = self.env["crm.lead.merge"]._merge(self, options, auto_unlink)
        return merge.survivor_id.with_env(self.env)

    # ------------------------------------------------------------
    # How rows of files reach leads that were merged: see `crm.lead.merge.import`
    # ------------------------------------------------------------

    @api.model
    def load(self, fields, data):
        """Load rows as the ORM does; say as well what was kept under *Merged
        information* instead of on a record."""
        notes = Notes()
        loading = self.with_context(**{NOTES: notes})
        result = super(CrmLead, loading).load(fields, data)
        if result["ids"]:
            result["messages"] += notes.messages
        return result

    def _extract_records(self, field_paths, data, log=lambda a: None, limit=None):
        """Let the database id of a merged-away lead find what it is now."""
        limit = float("inf") if limit is None else limit
        records = super()._extract_records(field_paths, data, log=log, limit=limit)
        if [".id"] not in field_paths:
            yield from records
            return
        place = field_paths.index([".id"])
        lead_ids = {int(row[place]) for row in data if str(row[place]).isdecimal()}
        now = self.env["crm.lead.merge"]._resolve(
            [lead_id for lead_id in lead_ids if lead_id < 2**31]
        )
        for record, info in records:
            lead_id = int(record[".id"]) if str(record[".id"]).isdecimal() else 0
            survivor_id = now.get(lead_id)
            if survivor_id and survivor_id != lead_id:
                record[".id"] = Number(survivor_id, lead_id)
                info[MERGED_AWAY] = lead_id
            yield record, info

    def _load_records(self, data_list, update=False):
        """Write what rows say; of a lead that was merged away only its news, where they
        take nothing from the record that it is now."""
        engine = self.env["crm.lead.merge.import"]
        rows, own = engine._find_rows(data_list, update)
        kept = engine._drop_repeated(data_list, rows, own)
        leads = super()._load_records(kept, update)
        engine._take(list(rows.values()))
        return leads

    def _load_records_write(self, values):
        """Leave a record alone whose row has nothing new to say."""
        if not values.keys() - {"id"}:
            return self.check_access("write")
        return super()._load_records_write(values)

    @api.model
    def _write_imported(self, values):
        """Write what files have said, without a word to anyone, and without copying
        anything between a lead and its customer.

        :param values: {lead: {field: value}}, as `crm.lead.merge.import` reads cells
        """
        columns = self.env["crm.lead.merge.fields"]._get_column_fields()
        plain, parts = {}, {}
        for lead, cells in values.items():
            # sudo: who may write the lead and its fields was asked before
            lead = lead.sudo().with_context(tracking_disable=True)
            for name, value in cells.items():
                if "." in name or name in columns:
                    parts.setdefault(lead, {})[name] = value
                elif self._fields[name].type == "many2many":
                    links = [Command.link(one) for one in value]
                    plain.setdefault(lead, {})[name] = links
                elif self._fields[name].type == "one2many":
                    # not as the superuser: records of other models
                    lead.sudo(self.env.su).write({name: value})
                else:
                    plain.setdefault(lead, {})[name] = value
        if plain:
            leads = self.sudo().with_context(tracking_disable=True)
            leads._write_each_apart_from_customer(plain)
        for lead, cells in parts.items():
            lead._write_parts(cells)

    def _write_parts(self, cells):
        """Write values of languages, of companies, and of properties, besides those
        that are there."""
        present = self._read_columns({name.partition(".")[0] for name in cells})
        present = present[self.id]
        written = {}
        for cell, value in cells.items():
            name, _dot, part = cell.partition(".")
            new = {part: value} if part else value
            written[name] = {**written.get(name, present[name]), **new}
        self._write_columns(written)

    # ------------------------------------------------------------
    # The path of a lead below its parents (``_parent_store``)
    # ------------------------------------------------------------

    def _mend_parent_path(self):
        """Let the path say what the parents say, of these leads and of all below."""
        if not self._parent_store:
            return
        self.env["crm.lead"].flush_model([self._parent_name, "parent_path"])
        # Raw SQL: links move by SQL, so that the ORM does not keep the path; and one
        # query, however many leads there are below. One of a circle is left alone.
        self.env.cr.execute(
            SQL(
                """
                WITH RECURSIVE below(id) AS (
                    SELECT unnest(%(ids)s::int[])
                     UNION
                    SELECT t.id FROM crm_lead t JOIN below ON t.%(parent)s = below.id
                ), above(id, parent_id, path) AS (
                    SELECT t.id, t.%(parent)s, t.id || '/'
                      FROM crm_lead t JOIN below ON below.id = t.id
                     UNION ALL
                    SELECT above.id, t.%(parent)s, t.id || '/' || above.path
                      FROM above JOIN crm_lead t ON t.id = above.parent_id
                     WHERE strpos('/' || above.path, '/' || t.id || '/') = 0
                )
                UPDATE crm_lead t SET parent_path = above.path
                  FROM above
                 WHERE above.id = t.id AND above.parent_id IS NULL
                   AND t.parent_path IS DISTINCT FROM above.path
                """,
                parent=SQL.identifier(self._parent_name),
                ids=self.ids,
            )
        )
        self.env["crm.lead"].invalidate_model(["parent_path"], flush=False)

    # ------------------------------------------------------------
    # Time in stage, which is the lead's own: what was merged into it does not count
    # ------------------------------------------------------------

    def _compute_duration_tracking(self):
        foreign = self._get_foreign_stage_changes()
        leads = self.with_context(**{FOREIGN: foreign}) if foreign else self
        return super(CrmLead, leads)._compute_duration_tracking()

    def _get_foreign_stage_changes(self):
        """Return {lead id: Counter of (date, stage left)} that came with merges."""
        if not self.ids:
            return {}
        # Raw SQL: like the computation it corrects, one query for all leads.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT m.res_id, v.create_date, v.old_value_integer
                  FROM mail_message m
                  JOIN mail_tracking_value v ON v.mail_message_id = m.id
                 WHERE m.model = 'crm.lead' AND m.res_id IN %s AND EXISTS (
                       SELECT 1 FROM crm_lead_merge_source_message_rel rel
                        WHERE rel.message_id = m.id)
                """,
                tuple(self.ids),
            )
        )
        foreign = {}
        for lead_id, date, stage_id in rows:
            foreign.setdefault(lead_id, Counter())[date, stage_id] += 1
        return foreign

    def _get_duration_from_tracking(self, trackings):
        foreign = self.env.context.get(FOREIGN, {}).get(self._origin.id)
        if foreign:
            foreign = Counter(foreign)
            own = []
            for tracking in trackings:
                key = tracking["create_date"], tracking["old_value_integer"]
                if foreign[key]:
                    foreign[key] -= 1
                else:
                    own.append(tracking)
            trackings = own
        return super()._get_duration_from_tracking(trackings)
