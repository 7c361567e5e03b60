from odoo import api, fields, models
from odoo.exceptions import UserError

from ..common.arguments import check_one, check_records

#: Contact merge of Odoo itself.
CONTACT_MERGE = "base.partner.merge.automatic.wizard"


class CrmLeadMerge(models.Model):
    """The customers that merged leads had: where there were several, they may be the
    same one twice, and Odoo's own contact merge is a click away. Nothing here touches
    a customer."""

    _inherit = "crm.lead.merge"

    customer_ids = fields.Many2many(
        "res.partner",
        string="Customers",
        compute="_compute_customer_ids",
        compute_sudo=False,
        help="The customers of the merged records, without the company of another one.",
    )
    can_merge_customers = fields.Boolean(compute="_compute_customer_ids")

    @api.depends("survivor_id.partner_id", "source_ids.partner_id")
    @api.depends_context("uid")
    def _compute_customer_ids(self):
        may_merge = self.env[CONTACT_MERGE].has_access("create")
        for merge in self:
            found = merge.survivor_id.partner_id | merge.source_ids.partner_id
            found = found.exists()._filtered_access("write")
            merge.customer_ids = found - found.parent_id
            several = len(merge.customer_ids) > 1
            merge.can_merge_customers = may_merge and several and merge.state == "done"

    def action_merge_customers(self):
        """Open Odoo's contact merge with the customers of the merged records.

        :raise UserError: if there are not several that the user may merge
        """
        check_one(self)
        check_records(self, "read")
        if not self.can_merge_customers:
            raise UserError(
                self.env._(
                    "The records that were merged into ‘%s’ do not have several "
                    "customers that you may merge. Ask someone who may create "
                    "contacts.",
                    self.name,
                )
            )
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "base.action_partner_merge"
            ),
            "views": [(False, "form")],
            "context": {
                "active_model": "res.partner",
                "active_ids": self.customer_ids.ids,
            },
        }

    def _get_done_action(self, next_action):
        action = super()._get_done_action(next_action)
        if action["params"].get("res_id") and self.can_merge_customers:
            action["params"]["then"] = {
                "name": self.env._("Merge their customers"),
                "method": "action_merge_customers",
            }
        return action
