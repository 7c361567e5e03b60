"""Real input: files as people import them, e-mails as people send them."""

import csv
import io

from odoo.tests import RecordCapturer
from odoo.tools import file_open

HEADER = ["Opportunity", "Company Name", "Contact Name", "Email", "Phone", "Sales Team"]
DOMAIN = "qualify.example"


class FileArrival:
    """Imports CSV files into both channels, for a test case that has them."""

    def lead_rows(self, count=500):
        """Return the lines of a file in which every fourth one is a duplicate.

        Every second line goes to the channel that makes leads, the others to the one
        that is set apart.
        """
        channels = (self.lead_channel.name, self.direct_channel.name)
        rows = []
        for number in range(count):
            person = number - 1 if number % 4 == 3 else number
            rows.append(
                [
                    f"Request {number}",
                    f"Company {person} Ltd",
                    f"Zoë Müller-{person}",
                    f"zoe{person}@company{person}.example.com",
                    f"+32 2 290 {person // 100:02} {person % 100:02}",
                    channels[number % 2],
                ]
            )
        return rows

    def import_file(self, header, rows):
        """Upload the lines as a CSV file, as the import screen does."""
        content = io.StringIO()
        csv.writer(content).writerows([header, *rows])
        wizard = (
            self.env["base_import.import"]
            .with_user(self.salesperson_all)
            .create(
                {
                    "res_model": "crm.lead",
                    "file": content.getvalue().encode(),
                    "file_type": "text/csv",
                }
            )
        )
        options = {"quoting": '"', "separator": ",", "has_headers": True}
        preview = wizard.parse_preview(dict(options))
        fields = [
            "/".join(preview["matches"].get(index, [])) or False
            for index in range(len(header))
        ]
        self.assertNotIn(False, fields)
        result = wizard.execute_import(fields, header, preview["options"])
        self.assertEqual(result["messages"], [])
        return self.env["crm.lead"].browse(result["ids"])


class EmailArrival:
    """Receives e-mails in both channels, for a test case that has them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        domain = cls.env["mail.alias.domain"].create({"name": DOMAIN})
        cls.lead_channel.write({"alias_name": "office", "alias_domain_id": domain.id})
        cls.direct_channel.write({"alias_name": "parts", "alias_domain_id": domain.id})

    def receive(self, name, *addresses):
        """Process one of the sample e-mails as if sent there; return what came of it.

        The gateway runs without a user of its own, as the job that fetches mail does.
        """
        addresses = [f"{address}@{DOMAIN}" for address in addresses]
        recipients = ", ".join(f"<{address}>" for address in addresses)
        with file_open(
            f"crm_lead_qualification/tests/emails/{name}.eml", "rb"
        ) as sample:
            raw = sample.read()
        raw = raw.replace(b"<channel@qualify.example>", recipients.encode())
        raw = raw.replace(b"channel@qualify.example", addresses[0].encode())
        Lead = self.env["crm.lead"].with_context(active_test=False)
        with RecordCapturer(Lead) as captured:
            self.env["mail.thread"].message_process(None, raw)
        return captured.records
