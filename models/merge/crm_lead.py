from collections import Counter

from odoo import fields, models
from odoo.tools import SQL

from ...engine.plan import MergeOptions
from ..common.arguments import check_ids, check_one, check_records, get_id

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
