"""P3: files that are imported, as people get them from elsewhere."""

from odoo.tests import tagged

from .arrivals import HEADER, FileArrival
from .common import requires_addon
from .test_ways_in import WaysInCase


@tagged("post_install", "-at_install")
class TestImport(FileArrival, WaysInCase):
    @requires_addon("base_import")
    def test_p3_file_without_type_follows_the_channel(self):
        rows = self.lead_rows()
        leads = self.import_file(HEADER, rows)
        self.assertEqual(len(leads), len(rows))
        for row, lead in zip(rows, leads, strict=True):
            self.assertEqual(
                [
                    lead.name,
                    lead.partner_name,
                    lead.contact_name,
                    lead.email_from,
                    lead.phone,
                    lead.team_id.name,
                ],
                row,
            )
            self.assertEqual(lead.type, self.expected_types[lead.team_id])

    @requires_addon("base_import")
    def test_p3_file_with_type_wins_and_blank_cells_follow_the_channel(self):
        told = ("Lead", "Opportunity", "")
        rows = [
            [*row, told[number % len(told)]]
            for number, row in enumerate(self.lead_rows(60))
        ]
        leads = self.import_file([*HEADER, "Type"], rows)
        for row, lead in zip(rows, leads, strict=True):
            expected = row[-1].lower() or self.expected_types[lead.team_id]
            self.assertEqual(lead.type, expected)

    def test_p3_load_follows_the_channel(self):
        Lead = self.env["crm.lead"].with_user(self.salesperson_all)
        rows = [[f"Loaded for {team.name}", team.name] for team in self.expected_types]
        result = Lead.load(["name", "team_id"], rows)
        self.assertEqual(result["messages"], [])
        found = {lead.team_id: lead.type for lead in Lead.browse(result["ids"])}
        self.assertEqual(found, self.expected_types)

    def test_p3_load_keeps_the_type_of_what_exists(self):
        lead = self.incoming(team_id=self.lead_channel.id)
        Lead = self.env["crm.lead"].with_user(self.salesperson_all)
        result = Lead.load(
            [".id", "name", "team_id"],
            [[str(lead.id), "Renamed", self.direct_channel.name]],
        )
        self.assertEqual(result["messages"], [])
        self.assertEqual((lead.name, lead.type), ("Renamed", "lead"))

    def test_p3_unknown_type_is_refused_in_plain_words(self):
        Lead = self.env["crm.lead"].with_user(self.salesperson_all)
        count = Lead.search_count([])
        result = Lead.load(["name", "type"], [["Chairs", "prospect"]])
        self.assertIn("prospect", result["messages"][0]["message"])
        self.assertEqual(Lead.search_count([]), count)
