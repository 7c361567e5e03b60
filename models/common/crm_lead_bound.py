from lxml import etree

from odoo import api, models
from odoo.fields import Domain


class CrmLeadBound(models.AbstractModel):
    """A record about leads: who may read these may read it, and of it no more than the
    fields of a lead that they may see.

    `crm.lead` itself is asked, each time: whatever somebody adds there, a record rule,
    a group on a field or code, holds for these records as well.
    """

    _name = "crm.lead.bound"
    _description = "Record about Leads"

    # The many2one fields with the leads that it is about. Who reads it may read each.
    _lead_fields = ("lead_id",)
    # Whoever made it reads it, whatever becomes of the leads: it tells them nothing but
    # what they have been told when they made it.
    _maker_reads = False
    # {field: the field of a lead whose value it keeps or says something of}
    _lead_values = {}

    # ------------------------------------------------------------
    # Records
    # ------------------------------------------------------------

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        if not (self.env.su or bypass_access):
            domain = Domain(domain) & self._get_readable_domain()
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if operation == "create" or not any(self._ids):
            return result
        allowed = self - result[0] if result else self
        forbidden = allowed - allowed._filter_readable()
        if not forbidden:
            return result
        if result:
            return result[0] | forbidden, result[1]
        rules = self.env["ir.rule"]
        return forbidden, lambda: rules._make_access_error(operation, forbidden)

    @api.model
    def _get_readable_leads(self):
        """Return the query of all leads that the user may read, to search in."""
        return self.env["crm.lead"]._search(Domain.TRUE, active_test=False)

    @api.model
    def _get_readable_domain(self):
        """Return which records the user may read, as far as the leads decide it."""
        domain = self._get_domain_of_leads(self._get_readable_leads())
        if self._maker_reads:
            domain |= Domain("create_uid", "=", self.env.uid)
        return domain

    @api.model
    def _get_domain_of_leads(self, readable):
        """Return which records are about no leads but `readable`, a query."""
        return Domain.AND(
            Domain(name, "=", False) | Domain(name, "any!", readable)
            for name in self._lead_fields
        )

    def _filter_readable(self):
        """Return those of these records that the leads let the user read; what
        `_get_readable_domain` says, without searching."""
        # sudo: which leads they are about decides who may read them
        about = {record: record._get_leads_about() for record in self.sudo()}
        leads = self.env["crm.lead"].union(*about.values()).exists()
        hidden = set(leads._ids) - set(leads._filtered_access("read")._ids)
        return self.browse(
            record.id
            for record, leads in about.items()
            if hidden.isdisjoint(leads._ids)
            or (self._maker_reads and record.create_uid == self.env.user)
        )

    def _get_leads_about(self):
        """Return the leads that this record is about, whatever the user may read."""
        return self.env["crm.lead"].union(*(self[name] for name in self._lead_fields))

    # ------------------------------------------------------------
    # Fields
    # ------------------------------------------------------------

    @api.model
    def _has_field_access(self, field, operation):
        if not super()._has_field_access(field, operation):
            return False
        name = self._lead_values.get(field.name)
        return self.env.su or not name or self._may_see(name)

    @api.model
    def _may_see(self, name):
        """Return whether the user may see a field of leads, or there is none."""
        Lead = self.env["crm.lead"]
        field = Lead._fields.get(name)
        return field is None or Lead._has_field_access(field, "read")

    @api.model
    def get_view(self, view_id=None, view_type="form", **options):
        """Leave out of views what the user may not see, as Odoo does with fields that
        have groups themselves."""
        result = super().get_view(view_id, view_type, **options)
        return {**result, "arch": self._leave_out_hidden(result["arch"])}

    @api.model
    def _leave_out_hidden(self, arch):
        hidden = {
            name
            for name in self._lead_values
            if name in self._fields
            and not self._has_field_access(self._fields[name], "read")
        }
        if not hidden:
            return arch
        root = etree.fromstring(arch)
        for node in root.xpath("//field[@name] | //filter[@context]"):
            shown = node.get("context", "") if node.tag == "filter" else ""
            grouped = any(f"'{name}" in shown.replace('"', "'") for name in hidden)
            if node.tag == "field" and node.get("name") in hidden or grouped:
                node.getparent().remove(node)
        return etree.tostring(root, encoding="unicode")
