"""Custom fields of every type, and what addons and administrators make by SQL."""

import base64
import io

from PIL import Image

from odoo import fields
from odoo.fields import Command

from .hiding import rearrange_tables

#: (name without x_trial_, type, further values of the ir.model.fields)
CUSTOM_FIELDS = (
    ("char", "char", {}),
    ("text", "text", {}),
    ("html", "html", {}),
    ("integer", "integer", {}),
    ("float", "float", {}),
    ("monetary", "monetary", {"currency_field": "company_currency"}),
    ("date", "date", {}),
    ("datetime", "datetime", {}),
    ("boolean", "boolean", {}),
    ("many2one", "many2one", {"relation": "res.partner"}),
    ("many2many", "many2many", {"relation": "res.partner"}),
    ("binary", "binary", {}),
    ("bytea", "binary", {}),
    ("image", "binary", {}),
    ("reference", "reference", {}),
    ("translated", "char", {"translate": "standard"}),
    ("translated_html", "html", {"translate": "html_translate"}),
    ("of_company", "char", {"company_dependent": True}),
    ("customer_of_company", "many2one", {
        "relation": "res.partner", "company_dependent": True, "on_delete": "set null",
    }),
    ("lead", "many2one", {"relation": "crm.lead"}),
    ("leads", "many2many", {"relation": "crm.lead"}),
    ("phone_copy", "char", {"related": "phone", "store": True, "readonly": True}),
    ("json", "json", {}),
    ("res_model", "char", {}),
    ("res_id", "many2one_reference", {}),
    ("retyped", "char", {}),
    ("plain", "char", {}),
)  # fmt: skip
#: A model of its own, with each kind of link to a lead.
LINKS = (
    ("lead", "many2one", {"relation": "crm.lead"}),
    ("leads", "many2many", {"relation": "crm.lead"}),
    ("document", "reference", {}),
    ("lead_of_company", "many2one", {
        "relation": "crm.lead", "company_dependent": True, "on_delete": "set null",
    }),
    ("amount", "float", {}),
    ("lead_char", "char", {
        "related": "x_trial_lead.x_trial_char", "store": True, "readonly": True,
    }),
    ("lead_email", "char", {
        "related": "x_trial_lead.email_normalized", "store": True, "readonly": True,
    }),
)  # fmt: skip
#: What says nothing without another field.
PAIRS = (
    ("currency_id", "many2one", {"relation": "res.currency"}),
    ("money", "monetary", {"currency_field": "x_trial_currency_id"}),
    ("budget", "monetary", {"currency_field": "x_trial_currency_id"}),
)  # fmt: skip
#: What leads compute, also from rows that move.
COMPUTED = (
    ("lines", "one2many", {
        "relation": "x_lead_trial", "relation_field": "x_trial_lead",
    }),
    ("total", "float", {
        "store": True, "readonly": False,
        "depends": "x_trial_lines.x_trial_amount",
        "compute": "for lead in self: lead['x_trial_total'] = "
                   "sum(lead.x_trial_lines.mapped('x_trial_amount'))",
    }),
    ("label", "char", {
        "store": True, "readonly": True, "depends": "name,city,x_trial_total",
        "compute": "for lead in self: lead['x_trial_label'] = "
                   "'%s %s %s' % (lead.name, lead.city or '', lead.x_trial_total)",
    }),
)  # fmt: skip
#: What only one lead may have: see `SCHEMA`.
NUMBERS = (("code", "char", {}), ("number", "integer", {}), ("serial", "char", {}))
#: What no ``ir.model.fields`` can say.
ATTRIBUTES = {
    "x_trial_image": {"max_width": 8, "max_height": 8},
    "x_trial_bytea": {"attachment": False},
    "x_trial_res_id": {"model_field": "x_trial_res_model"},
}
#: The type of a field that is an image, as the ORM has none of this name.
IMAGE = "x_trial_image"


def _draw(colour, size):
    """Return a picture as binary fields take it."""
    content = io.BytesIO()
    Image.new("RGB", (size, size), colour).save(content, "PNG")
    return base64.b64encode(content.getvalue()).decode()


#: The last one is too large for the field.
PICTURES = (_draw("red", 4), _draw("blue", 4), _draw("green", 32))
SELECTION = [
    Command.create({"value": value, "name": name, "sequence": sequence})
    for sequence, (value, name) in enumerate((("one", "One"), ("two", "Two")))
]
DOCUMENTS = [
    Command.create({"value": value, "name": name, "sequence": sequence})
    for sequence, (value, name) in enumerate(
        (("crm.lead", "Lead"), ("res.partner", "Customer"))
    )
]
#: What administrators do in the database.
SCHEMA = (
    """ALTER TABLE crm_lead ADD COLUMN x_trial_generated varchar
       GENERATED ALWAYS AS (upper(city)) STORED""",
    "CREATE UNIQUE INDEX x_trial_code_unique ON crm_lead (lower(x_trial_code))",
    """CREATE UNIQUE INDEX x_trial_number_unique ON crm_lead (x_trial_number)
       WHERE x_trial_number > 0""",
    """ALTER TABLE crm_lead ADD CONSTRAINT x_trial_serial_unique
       UNIQUE (x_trial_serial)""",
    """ALTER TABLE crm_lead ADD CONSTRAINT x_trial_not_itself
       CHECK (x_trial_lead != id)""",
)


def add_custom_fields(env):
    """Give leads a custom field of every type, make a model with links to leads, and
    rearrange its table and others."""
    _let_fields_have_attributes(env)
    model = env["ir.model"].create({"name": "Trial", "model": "x_lead_trial"})
    leads = env["ir.model"]._get("crm.lead")
    env["ir.model.fields"].create(
        [
            *(_prepare_field_vals(leads, *custom) for custom in CUSTOM_FIELDS),
            *(_prepare_field_vals(leads, *custom) for custom in (*PAIRS, *NUMBERS)),
            _prepare_field_vals(
                leads, "selection", "selection", {"selection_ids": SELECTION}
            ),
            *(_prepare_field_vals(model, *custom) for custom in LINKS),
        ]
    )
    for custom in COMPUTED:  # each depends on the others
        env["ir.model.fields"].create(_prepare_field_vals(leads, *custom))
    for statement in SCHEMA:
        env.cr.execute(statement)
    rearrange_tables(env)
    env.registry.clear_all_caches()


def take_attributes_back(env):
    """Let fields be again what their ``ir.model.fields`` says."""
    fields_model = env.registry["ir.model.fields"]
    if "_instanciate_attrs" in fields_model.__dict__:
        del fields_model._instanciate_attrs
        fields.Field._by_type__.pop(IMAGE, None)


def _let_fields_have_attributes(env):
    """Give fields what no ``ir.model.fields`` can say, until the end."""
    original = env.registry["ir.model.fields"]._instanciate_attrs

    def instantiate(self, field_data):
        attributes = original(self, field_data)
        if field_data["name"] == IMAGE:
            field_data["ttype"] = IMAGE
        if field_data["model"] == "crm.lead":
            attributes.update(ATTRIBUTES.get(field_data["name"], {}))
        return attributes

    env.registry["ir.model.fields"]._instanciate_attrs = instantiate
    fields.Field._by_type__[IMAGE] = fields.Image


def _prepare_field_vals(model, name, ttype, values):
    if ttype == "reference":
        values = {"selection_ids": DOCUMENTS}
    return {
        "model_id": model.id,
        "name": f"x_trial_{name}",
        "field_description": f"Trial {name}",
        "ttype": ttype,
        **values,
    }
