"""What random leads share: users, channels, customers, and custom fields of all
types."""

from odoo.fields import Command

from .hiding import rearrange_tables
from .related import KINDS

#: (name without x_, type, further values of the ir.model.fields)
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
    ("reference", "reference", {}),
    ("translated", "char", {"translate": "standard"}),
    ("translated_html", "html", {"translate": "html_translate"}),
    ("of_company", "char", {"company_dependent": True}),
    ("customer_of_company", "many2one", {
        "relation": "res.partner", "company_dependent": True, "on_delete": "set null",
    }),
    ("lead", "many2one", {"relation": "crm.lead"}),
    ("leads", "many2many", {"relation": "crm.lead"}),
)  # fmt: skip
#: A model of its own, with each kind of link to a lead.
LINKS = (
    ("lead", "many2one", {"relation": "crm.lead"}),
    ("leads", "many2many", {"relation": "crm.lead"}),
    ("document", "reference", {}),
    ("lead_of_company", "many2one", {
        "relation": "crm.lead", "company_dependent": True, "on_delete": "set null",
    }),
)  # fmt: skip
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
PROPERTIES = [
    {"name": "seats", "type": "integer", "string": "Seats"},
    {"name": "colour", "type": "char", "string": "Colour"},
    {"name": "lead", "type": "many2one", "string": "Lead", "comodel": "crm.lead"},
    {"name": "leads", "type": "many2many", "string": "Leads", "comodel": "crm.lead"},
]


def add_custom_fields(env):
    """Give leads a custom field of every type, make a model with links to leads, and
    rearrange its table and others."""
    model = env["ir.model"].create({"name": "Trial", "model": "x_lead_trial"})
    leads = env["ir.model"]._get("crm.lead")
    env["ir.model.fields"].create(
        [
            *(_prepare_field_vals(leads, *one) for one in CUSTOM_FIELDS),
            _prepare_field_vals(
                leads, "selection", "selection", {"selection_ids": SELECTION}
            ),
            *(_prepare_field_vals(model, *one) for one in LINKS),
        ]
    )
    rearrange_tables(env)


def _prepare_field_vals(model, name, ttype, values):
    if ttype == "reference":
        values = {"selection_ids": DOCUMENTS}
    return {
        "model_id": model.id,
        "name": f"x_trial_{name}",
        "field_description": name,
        "ttype": ttype,
        **values,
    }


class World:
    """What all cases share; a case only adds leads and what hangs on them.

    :param env: environment of the superuser
    :param user: who merges
    """

    def __init__(self, env, user):
        self.env = env
        self.user = user
        env["res.lang"]._activate_lang("fr_FR")
        Team = env["crm.team"]
        self.teams = Team.create(
            [
                {"name": "First", "company_id": False,
                 "lead_properties_definition": PROPERTIES},
                {"name": "Second", "company_id": False,
                 "lead_properties_definition": PROPERTIES[:2]},
            ]
        )  # fmt: skip
        self.customers = env["res.partner"].create(
            [
                {"name": f"Customer {number}", "email": f"customer{number}@example.com",
                 "phone": f"+32 2 555 01 0{number}"}
                for number in range(3)
            ]
        )  # fmt: skip
        self.other_lead = env["crm.lead"].create({"name": "Stands aside"})
        self.company = env.company
        self.other_company = env["res.company"].create({"name": "Another"})
        env.flush_all()

    # ------------------------------------------------------------
    # A case
    # ------------------------------------------------------------

    def create_leads(self, case):
        """Create the leads of a case, on a day each, and what hangs on them."""
        leads = self.env["crm.lead"].browse()
        quiet = self.env["crm.lead"].with_context(mail_auto_subscribe_no_notify=True)
        for number, one in enumerate(case.leads):
            lead = quiet.create(self._prepare_lead_vals(one))
            lead.lead_properties = self._prepare_properties(lead, one.properties)
            self._apply_state(lead, one.state)
            lead.flush_recordset()
            # SQL: the ORM lets nobody say when a record was created
            self.env.cr.execute(
                "UPDATE crm_lead SET create_date = create_date + %s * interval '1 day' "
                "WHERE id = %s",
                [(number * 7) % 5, lead.id],
            )
            leads += lead
        leads.invalidate_recordset(["create_date"])
        for kind, place, other in case.related:
            KINDS[kind](self, leads[place % len(leads)], leads[other % len(leads)])
        self.env.flush_all()
        return leads

    def _prepare_lead_vals(self, case):
        return {
            name: self._find(self.env["crm.lead"]._fields[name], value)
            for name, value in case.values.items()
        }

    def _find(self, field, value):
        """Return the value to write for one of a case."""
        if field.type not in ("many2one", "many2many", "reference") or value is False:
            return value
        record = self._records(field)[value : value + 1]
        if field.type == "many2many":
            return [Command.set(record.ids)]
        if field.type == "reference":
            return record and f"{record._name},{record.id}"
        return record.id

    def _records(self, field):
        if field.name == "user_id":
            return self.user
        if field.name == "team_id":
            return self.teams
        if field.type == "reference" or field.comodel_name == "res.partner":
            return self.customers
        if field.comodel_name == "crm.lead":
            return self.other_lead
        return self.env[field.comodel_name].search([], limit=2, order="id")

    def _prepare_properties(self, lead, properties):
        defined = {one["name"] for one in lead.team_id.lead_properties_definition or ()}
        links = {"lead": self.other_lead.id, "leads": self.other_lead.ids}
        return {
            name: links[name] if value and name in links else value
            for name, value in properties.items()
            if name in defined
        }

    def _apply_state(self, lead, state):
        if state == "won":
            lead.action_set_won()
        elif state == "lost":
            lead.action_set_lost()
        elif state == "archived":
            lead.active = False
