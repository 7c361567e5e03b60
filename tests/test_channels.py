from ast import literal_eval

from odoo.tests import Form, tagged

from .common import LeadQualificationCase


@tagged("post_install", "-at_install")
class TestSwitch(LeadQualificationCase):
    """P1 and P2: one switch, which holds for every channel."""

    def test_p1_off_everything_is_an_opportunity(self):
        self.switch_leads(False)
        for channel in (self.lead_channel, self.direct_channel, self.env["crm.team"]):
            lead = self.incoming(team_id=channel.id)
            self.assertEqual(lead.type, "opportunity")

    def test_p1_on_it_is_a_lead_first(self):
        self.switch_leads(True)
        self.assertEqual(self.incoming(team_id=self.lead_channel.id).type, "lead")

    def test_p1_without_channel_the_switch_decides(self):
        for on, expected in ((True, "lead"), (False, "opportunity")):
            self.switch_leads(on)
            self.assertEqual(self.incoming(team_id=False).type, expected)

    def test_p1_settings_show_the_switch_as_it_is(self):
        Settings = self.env["res.config.settings"].with_user(self.administrator)
        for on in (True, False):
            self.switch_leads(on)
            self.assertEqual(Form(Settings).group_use_lead, on)

    def test_p1_other_settings_leave_the_switch_alone(self):
        Settings = self.env["res.config.settings"].with_user(self.administrator)
        self.switch_leads(True)
        # portal users left out, as in a database that was switched on before
        self.env.ref("base.group_portal")._remove_group(
            self.env.ref("crm.group_use_lead")
        )
        Settings.create({"group_use_recurring_revenues": True}).execute()
        self.assertTrue(self.env["crm.team"]._is_lead_switch_on())

    def test_p2_holds_for_every_channel(self):
        self.switch_leads(True)
        channels = self.lead_channel + self.create_channel(name="Third")
        for channel in channels:
            self.assertEqual(self.incoming(team_id=channel.id).type, "lead")

    def test_p2_channel_created_later_makes_leads(self):
        self.switch_leads(True)
        Channel = self.env["crm.team"].with_user(self.manager)
        typed = Form(Channel)
        typed.name = "Typed In"
        for channel in (typed.save(), Channel.create({"name": "Created By RPC"})):
            self.assertTrue(channel.use_leads)
            self.assertEqual(self.incoming(team_id=channel.id).type, "lead")

    def test_p2_channel_created_while_off_makes_leads_once_on(self):
        self.switch_leads(False)
        channel = self.create_channel(name="Created While Off")
        self.switch_leads(True)
        self.assertEqual(self.incoming(team_id=channel.id).type, "lead")


@tagged("post_install", "-at_install")
class TestChannelChoice(LeadQualificationCase):
    """P3: a channel can differ, and whoever says so wins."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.switch_leads(True)

    def test_p3_channel_set_apart_makes_opportunities(self):
        lead = self.incoming(team_id=self.direct_channel.id)
        self.assertEqual(lead.type, "opportunity")

    def test_p3_form_of_the_channel_says_whether_it_makes_leads(self):
        with Form(self.lead_channel.with_user(self.manager)) as form:
            form.use_leads = False
        lead = self.incoming(team_id=self.lead_channel.id)
        self.assertEqual(lead.type, "opportunity")

    def test_p3_choice_survives_switching_off_and_on(self):
        archived = self.create_channel(use_leads=False, active=False)
        for on in (False, True, False, True):
            self.switch_leads(on)
            self.assertTrue(self.lead_channel.use_leads)
            self.assertFalse(self.direct_channel.use_leads)
            self.assertFalse(archived.use_leads)

    def test_p3_choice_made_while_off_counts_once_on(self):
        self.switch_leads(False)
        self.lead_channel.with_user(self.manager).use_leads = False
        self.switch_leads(True)
        lead = self.incoming(team_id=self.lead_channel.id)
        self.assertEqual(lead.type, "opportunity")

    def test_p3_archived_channel_keeps_its_choice(self):
        (self.lead_channel + self.direct_channel).active = False
        for channel, expected in self._expected_types():
            self.assertEqual(self.incoming(team_id=channel.id).type, expected)

    def test_p3_whoever_creates_the_record(self):
        creators = (
            self.salesperson,
            self.manager,
            self.portal_user,
            self.public_user,
            self.env.ref("base.user_root"),
        )
        for user in creators:
            Lead = self.env["crm.lead"].with_user(user).sudo()
            for channel, expected in self._expected_types():
                values = {"name": "Chairs", "team_id": channel.id, "user_id": False}
                with self.subTest(user=user.login, channel=channel.name):
                    self.assertEqual(Lead.create(values).type, expected)

    def test_p3_other_addons_find_everybody_in_the_same_group(self):
        users = self.salesperson + self.portal_user + self.public_user
        for on in (True, False):
            self.switch_leads(on)
            found = {user.has_group("crm.group_use_lead") for user in users}
            self.assertEqual(found, {on})

    def test_p3_a_personal_group_does_not_count(self):
        self.switch_leads(False)
        self.salesperson_all.group_ids += self.env.ref("crm.group_use_lead")
        lead = self.incoming(team_id=self.lead_channel.id)
        self.assertEqual(lead.type, "opportunity")

    def test_p3_a_value_wins(self):
        for channel in self.lead_channel + self.direct_channel:
            for told in ("lead", "opportunity"):
                lead = self.incoming(team_id=channel.id, type=told)
                self.assertEqual(lead.type, told)

    def test_p3_a_copy_is_what_the_original_is(self):
        lead = self.incoming(team_id=self.direct_channel.id, type="lead")
        # sudo: copying reads the attendees that another addon hides from salespeople
        self.assertEqual(lead.sudo().copy().type, "lead")

    def test_p3_another_channel_later_changes_nothing(self):
        lead = self.incoming(team_id=self.lead_channel.id)
        opportunity = self.incoming(team_id=self.direct_channel.id)
        lead.team_id = self.direct_channel
        opportunity.team_id = self.lead_channel
        with Form(opportunity) as form:
            form.team_id = self.env["crm.team"]
        self.env.flush_all()
        self.assertEqual(lead.type, "lead")
        self.assertEqual(opportunity.type, "opportunity")

    def test_p3_channel_of_the_salesperson_decides(self):
        for channel, expected in self._expected_types():
            self._let_only_work_in(self.manager, channel)
            lead = self.incoming(user=self.manager, user_id=self.manager.id)
            self.assertEqual((lead.team_id, lead.type), (channel, expected))

    def test_p3_of_two_channels_the_one_that_makes_leads_gets_them(self):
        channels = self.direct_channel + self.lead_channel
        self._let_only_work_in(self.manager, channels)
        self.assertEqual(self.manager.crm_team_ids, channels)
        lead = self.incoming(user=self.manager, user_id=self.manager.id)
        self.assertEqual((lead.team_id, lead.type), (self.lead_channel, "lead"))

    def test_p3_no_channel_makes_leads(self):
        self.env["crm.team"].search([]).use_leads = False
        lead = self.incoming(user=self.manager, user_id=self.manager.id)
        self.assertTrue(lead.team_id)
        self.assertEqual(lead.type, "opportunity")

    def _let_only_work_in(self, user, channels):
        """Make these the salesperson's channels, the first of them coming first."""
        self.env["ir.config_parameter"].set_param("sales_team.membership_multi", True)
        user.crm_team_member_ids.unlink()
        for sequence, channel in enumerate(channels):
            channel.write({"sequence": sequence, "member_ids": [(4, user.id)]})

    def test_p3_channels_of_two_companies(self):
        own = self.create_channel(company_id=self.company.id, use_leads=False)
        other = self.create_channel(company_id=self.other_company.id)
        self.assertEqual(self.incoming(team_id=own.id).type, "opportunity")
        lead = self.incoming(user=self.other_salesperson, team_id=other.id)
        self.assertEqual(lead.type, "lead")

    def _expected_types(self):
        return ((self.lead_channel, "lead"), (self.direct_channel, "opportunity"))


@tagged("post_install", "-at_install")
class TestAliasDefaults(LeadQualificationCase):
    """P3: what comes by e-mail follows the switch and the flag of the channel."""

    def assertAliasTypes(self, expected):
        found = {
            channel: literal_eval(channel.alias_defaults)["type"]
            for channel in expected
        }
        self.assertEqual(found, expected)

    def test_p3_alias_defaults_follow_switch_and_flag(self):
        archived = self.create_channel(active=False)
        foreign = self.create_channel(company_id=self.other_company.id)
        for on in (True, False, True):
            self.switch_leads(on)
            leads = "lead" if on else "opportunity"
            self.assertAliasTypes(
                {
                    self.lead_channel: leads,
                    archived: leads,
                    foreign: leads,
                    self.direct_channel: "opportunity",
                }
            )

    def test_p3_alias_defaults_follow_the_flag(self):
        self.switch_leads(True)
        self.lead_channel.with_user(self.manager).use_leads = False
        self.assertAliasTypes({self.lead_channel: "opportunity"})
        self.lead_channel.with_user(self.manager).use_leads = True
        self.assertAliasTypes({self.lead_channel: "lead"})

    def test_p3_other_alias_defaults_are_kept(self):
        self.lead_channel.alias_defaults = "{'priority': '2', 'type': 'lead'}"
        self.switch_leads(True)
        defaults = literal_eval(self.lead_channel.alias_defaults)
        self.assertEqual(defaults["priority"], "2")
