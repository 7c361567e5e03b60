from odoo import fields, models

from ..common.arguments import check_one, check_records


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

    def _open_merge_dialog(self):
        """Return the action that opens the dialog with these records to merge."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm.action_merge_opportunities"
        )
        context = {"active_model": self._name, "active_ids": self.ids}
        return {
            **action,
            "views": [(False, "form")],
            "context": {"dialog_size": "extra-large", **context},
        }
