"""Leads with lines of another model, and what is computed from them."""

from .merging import MergeCase


class LineCase(MergeCase):
    """Lines that point to leads, and totals of leads: one that follows its lines, and
    one that people may type over."""

    def setUp(self):
        # once the fields that a test adds are rolled back
        self.addCleanup(lambda: self.registry._setup_models__(self.cr))
        super().setUp()
        self.env["ir.model"].create({"name": "Line", "model": "x_line"})
        self.add_field("x_line", "x_lead_id", "many2one", relation="crm.lead")
        self.add_field("x_line", "x_amount", "float")
        self.add_field(
            "x_line", "x_city", "char", related="x_lead_id.city", store=True,
            readonly=True,
        )  # fmt: skip
        self.add_field(
            "crm.lead", "x_line_ids", "one2many", relation="x_line",
            relation_field="x_lead_id",
        )  # fmt: skip
        self.add_field(
            "crm.lead", "x_total", "float", readonly=True, store=True,
            depends="x_line_ids.x_amount",
            compute="for lead in self: "
            "lead['x_total'] = sum(lead.x_line_ids.mapped('x_amount'))",
        )  # fmt: skip
        self.add_field(
            "crm.lead", "x_budget", "float", readonly=False, store=True,
            depends="x_line_ids.x_amount",
            compute="for lead in self: "
            "lead['x_budget'] = sum(lead.x_line_ids.mapped('x_amount'))",
        )  # fmt: skip
        self.env.registry.clear_cache()

    def add_field(self, model, name, ttype, **values):
        """Add a field, as a customer does."""
        self.env["ir.model.fields"].create(
            {"model_id": self.env["ir.model"]._get_id(model), "name": name,
             "field_description": name, "ttype": ttype, **values}
        )  # fmt: skip

    def add_line(self, lead, amount):
        line = self.env["x_line"].create({"x_lead_id": lead.id, "x_amount": amount})
        self.env.flush_all()
        return line
