"""Users and records that the tests share: one factory for each model."""

import functools

from odoo.tests import TransactionCase, new_test_user


def requires_addon(name):
    """Skip a test, and say so, where a neighbouring addon is not installed."""

    def decorate(test):
        @functools.wraps(test)
        def run(self):
            if self.env["ir.module.module"]._get(name).state != "installed":
                self.skipTest(f"{name} is not installed")
            return test(self)

        return run

    return decorate


class LeadQualificationCase(TransactionCase):
    """A company with one channel that makes leads and one that is set apart."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.other_company = cls.create_company(name="Second Company")
        cls.administrator = cls.create_user(
            "qualify_admin", "base.group_system,sales_team.group_sale_manager"
        )
        cls.manager = cls.create_user(
            "qualify_manager", "sales_team.group_sale_manager"
        )
        cls.salesperson = cls.create_user(
            "qualify_own", "sales_team.group_sale_salesman"
        )
        cls.salesperson_all = cls.create_user(
            "qualify_all", "sales_team.group_sale_salesman_all_leads"
        )
        cls.other_salesperson = cls.create_user(
            "qualify_other_company",
            "sales_team.group_sale_salesman_all_leads",
            company_id=cls.other_company.id,
            company_ids=cls.other_company.ids,
        )
        cls.portal_user = cls.create_user("qualify_portal", "base.group_portal")
        cls.public_user = cls.env.ref("base.public_user")
        cls.lead_channel = cls.create_channel(name="Office Furniture")
        cls.direct_channel = cls.create_channel(name="Spare Parts", use_leads=False)

    @classmethod
    def create_company(cls, **values):
        return cls.env["res.company"].create({"name": "Company", **values})

    @classmethod
    def create_user(cls, login, groups, **values):
        return new_test_user(cls.env, login=login, groups=groups, **values)

    @classmethod
    def create_channel(cls, **values):
        values = {"name": "Channel", "company_id": False, **values}
        return cls.env["crm.team"].create(values)

    @classmethod
    def create_customer(cls, **values):
        return cls.env["res.partner"].create({"name": "Deco Addict", **values})

    @classmethod
    def create_lead(cls, **values):
        """Create a lead, or an opportunity where the values say so."""
        values = {"name": "Office chairs", "type": "lead", **values}
        return cls.env["crm.lead"].create(values)

    def run_cron(self, name):
        """Run a scheduled action of this addon as the scheduler does."""
        with self.enter_registry_test_mode():
            self.env.ref(f"crm_lead_qualification.{name}").method_direct_trigger()
        self.env.invalidate_all()

    @classmethod
    def switch_leads(cls, on):
        """Turn the switch as an administrator does in the settings."""
        Settings = cls.env["res.config.settings"].with_user(cls.administrator)
        Settings.create({"group_use_lead": on}).execute()

    def incoming(self, user=None, **values):
        """Return what comes in without saying whether it is a lead."""
        values = {"name": "Chairs wanted", "user_id": False, **values}
        Lead = self.env["crm.lead"].with_user(user or self.salesperson_all)
        return Lead.create(values)
