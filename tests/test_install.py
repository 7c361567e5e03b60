"""Installing and uninstalling in a database that is already in use."""

from odoo.tests import tagged

from ..hooks import post_init_hook, uninstall_hook
from .common import LeadQualificationCase


@tagged("post_install", "-at_install")
class TestInstall(LeadQualificationCase):
    def stock_flags(self, channels, value):
        """Leave the flags as stock's own switch does."""
        channels.flush_recordset()
        self.env.cr.execute(
            "UPDATE crm_team SET use_leads = %s WHERE id = ANY(%s)",
            [value, channels.ids],
        )
        channels.invalidate_recordset()

    def outside_groups(self):
        return self.env.ref("base.group_portal") + self.env.ref("base.group_public")

    def has_lead_group(self, groups):
        self.env.flush_all()
        lead_group = self.env.ref("crm.group_use_lead")
        return [lead_group in group.all_implied_ids for group in groups]

    def test_p2_installed_while_off_every_channel_will_make_leads(self):
        self.switch_leads(False)
        archived = self.create_channel(active=False)
        channels = self.lead_channel + self.direct_channel + archived
        self.stock_flags(channels, False)
        post_init_hook(self.env)
        self.assertEqual(channels.mapped("use_leads"), [True] * 3)
        self.assertEqual(self.incoming(team_id=archived.id).type, "opportunity")
        self.switch_leads(True)
        self.assertEqual(self.incoming(team_id=archived.id).type, "lead")

    def test_p3_installed_while_on_every_channel_keeps_its_choice(self):
        self.switch_leads(True)
        self.outside_groups()._remove_group(self.env.ref("crm.group_use_lead"))
        self.assertEqual(self.has_lead_group(self.outside_groups()), [False] * 2)
        post_init_hook(self.env)
        self.assertTrue(self.lead_channel.use_leads)
        self.assertFalse(self.direct_channel.use_leads)
        self.assertEqual(self.has_lead_group(self.outside_groups()), [True] * 2)

    def test_install_brings_aliases_in_line(self):
        self.switch_leads(True)
        self.lead_channel.alias_id.alias_defaults = "{'type': 'opportunity'}"
        post_init_hook(self.env)
        self.assertIn("'lead'", self.lead_channel.alias_id.alias_defaults)

    def test_uninstall_while_on_keeps_flags_and_employees_group(self):
        self.switch_leads(True)
        uninstall_hook(self.env)
        self.assertTrue(self.lead_channel.use_leads)
        self.assertFalse(self.direct_channel.use_leads)
        self.assertEqual(self.has_lead_group(self.outside_groups()), [False] * 2)
        self.assertEqual(self.has_lead_group(self.env.ref("base.group_user")), [True])

    def test_uninstall_while_off_clears_flags_as_stock_does(self):
        self.switch_leads(False)
        uninstall_hook(self.env)
        self.assertFalse(self.env["crm.team"].search([("use_leads", "=", True)]))

    def test_uninstall_leaves_no_settings_behind(self):
        Settings = self.env["res.config.settings"].with_user(self.administrator)
        Settings.create(
            {"duplicate_merge_on_arrival": True, "duplicate_compare_vat": False}
        ).execute()
        kept = self.env["ir.config_parameter"].create(
            {"key": "crm_lead_qualificationx.other", "value": "1"}
        )
        uninstall_hook(self.env)
        found = self.env["ir.config_parameter"].search(
            [("key", "like", "crm_lead_qualification")]
        )
        self.assertEqual(found, kept)

    def test_uninstall_gives_back_the_action_of_the_merge_dialog(self):
        uninstall_hook(self.env)
        action = self.env.ref("crm.action_merge_opportunities")
        self.assertEqual(action.context, "{}")

    def test_neither_touches_leads(self):
        leads = self.create_lead() + self.create_lead(type="opportunity")
        before = self._row_versions(leads)
        post_init_hook(self.env)
        uninstall_hook(self.env)
        self.assertEqual(self._row_versions(leads), before)

    def _row_versions(self, leads):
        """Return where the rows are stored, which every update changes."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT id, ctid FROM crm_lead WHERE id = ANY(%s) ORDER BY id", [leads.ids]
        )
        return self.env.cr.fetchall()
