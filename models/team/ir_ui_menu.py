from odoo import models

#: Entries under Sales for companies that work without leads: with leads, the same ones
#: stand under Leads.
WITHOUT_LEADS = (
    "crm_lead_menu_sales_duplicates",
    "crm_lead_menu_sales_kept_separate",
    "crm_lead_merge_sales_menu",
)


class IrUiMenu(models.Model):
    """Duplicates and merges are reached with and without leads: opportunities are
    doubles as well."""

    _inherit = "ir.ui.menu"

    def _load_menus_blacklist(self):
        hidden = super()._load_menus_blacklist()
        if self.env.user.has_group("crm.group_use_lead"):
            find = self.env["ir.model.data"]._xmlid_to_res_id  # no id if it was deleted
            found = (find(f"crm_lead_qualification.{name}") for name in WITHOUT_LEADS)
            hidden.extend(filter(None, found))
        return hidden
