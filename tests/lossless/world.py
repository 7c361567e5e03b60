"""What random leads share: users, channels, customers, and companies."""

from odoo.fields import Command

from .database import find_roots, find_targets
from .related import KINDS

PROPERTIES = [
    {"name": "seats", "type": "integer", "string": "Seats"},
    {"name": "colour", "type": "char", "string": "Colour"},
    {"name": "lead", "type": "many2one", "string": "Lead", "comodel": "crm.lead"},
    {"name": "leads", "type": "many2many", "string": "Leads", "comodel": "crm.lead"},
]
#: Of the other channel: some are the same, one it has alone.
OTHER_PROPERTIES = [
    *PROPERTIES[:2], {"name": "height", "type": "integer", "string": "Height"}
]  # fmt: skip
#: How many units of the other company's currency are one of the first company's.
RATE = 2.0


class World:
    """What all cases share; a case only adds leads and what hangs on them.

    :param env: environment of the superuser
    :param user: who merges
    """

    def __init__(self, env, user):
        self.env = env
        self.user = user
        self.company = env.company
        env["res.lang"]._activate_lang("fr_FR")
        Team = env["crm.team"]
        self.teams = Team.create(
            [
                {"name": "First", "company_id": False,
                 "lead_properties_definition": PROPERTIES},
                {"name": "Second", "company_id": False,
                 "lead_properties_definition": OTHER_PROPERTIES},
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
        self.other_company = self._create_company()
        user.company_ids |= self.other_company
        self.tags = env["crm.tag"].create([{"name": "Trial 1"}, {"name": "Trial 2"}])
        self.count = 0
        self.roots = find_roots(env)
        self.targets = find_targets(env)
        env.flush_all()

    def _create_company(self):
        """Create a company that reckons in another currency."""
        currencies = self.env["res.currency"].with_context(active_test=False)
        currency = currencies.search(
            [("id", "!=", self.company.currency_id.id)], limit=1, order="id"
        )
        currency.active = True
        currency.rate_ids.unlink()
        company = self.env["res.company"].create(
            {"name": "Another", "currency_id": currency.id}
        )
        self.company.currency_id.rate_ids.unlink()
        self.env["res.currency.rate"].create(
            [
                {"currency_id": currency.id, "name": "2020-01-01", "rate": RATE,
                 "company_id": one.id}
                for one in (self.company, company)
            ]
        )  # fmt: skip
        return company

    def next_name(self):
        """Return a name that nothing has yet."""
        self.count += 1
        return f"trial_{self.count}"

    # ------------------------------------------------------------
    # A case
    # ------------------------------------------------------------

    def create_leads(self, case):
        """Create the leads of a case, on a day each, and what hangs on them."""
        quiet = self.env["crm.lead"].with_context(
            mail_auto_subscribe_no_notify=True, tracking_disable=True
        )
        vals_list = [
            self._prepare_lead_vals(case, lead_case) for lead_case in case.leads
        ]
        leads = quiet.create(vals_list).with_env(self.env)
        for lead, lead_case in zip(leads, case.leads, strict=True):
            if properties := self._prepare_properties(lead, lead_case.properties):
                lead.lead_properties = properties
            self._apply_state(lead, lead_case.state)
        self.env.flush_all()
        # SQL: the ORM lets nobody say when a record was created
        self.env.cr.execute(
            """UPDATE crm_lead SET create_date = create_date + place * interval '1 day'
                 FROM unnest(%s, %s) AS dated(lead_id, place) WHERE id = lead_id""",
            [leads.ids, [(number * 7) % 5 for number in range(len(leads))]],
        )
        leads.invalidate_recordset(["create_date"])
        for kind, place, other in case.related:
            KINDS[kind](self, leads[place % len(leads)], leads[other % len(leads)])
        self.aside = self.env["crm.lead"]
        if case.hook == "merge_others":
            self.aside = quiet.create([{"name": "One"}, {"name": "Two"}])
        self.env.flush_all()
        return leads

    def _prepare_lead_vals(self, case, lead_case):
        Lead = self.env["crm.lead"]
        values = {
            name: self.find(Lead._fields[name], value)
            for name, value in lead_case.values.items()
        }
        values["company_id"] = False
        if lead_case.has_company and case.company is not None:
            values["company_id"] = (self.company, self.other_company)[case.company].id
        return values

    def find(self, field, value):
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
        if field.comodel_name == "crm.tag":
            return self.tags
        if field.type == "reference" or field.comodel_name == "res.partner":
            return self.customers
        if field.comodel_name == "res.currency":
            return self.company.currency_id + self.other_company.currency_id
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
