"""The main job on real input: what comes in is qualified, and all of it is found
again."""

from odoo.tests import tagged

from .arrivals import HEADER, EmailArrival, FileArrival
from .common import requires_addon
from .test_ways_in import WaysInCase

SAMPLES = (
    "html",
    "reply",
    "forwarded",
    "several_recipients",
    "attachment",
    "non_latin",
)


@tagged("post_install", "-at_install")
class TestMainJob(EmailArrival, FileArrival, WaysInCase):
    """E-mails and a file of 500 leads, merged and converted by a salesperson."""

    def merge(self, leads):
        """Merge as from the list; return the result."""
        dialog = (
            self.env["crm.merge.opportunity"]
            .with_user(self.salesperson_all)
            .with_context(active_model="crm.lead", active_ids=leads.ids)
            .create({})
        )
        return leads.browse(dialog.action_merge()["res_id"])

    def convert(self, leads):
        """Convert as from the list, with deduplication."""
        (
            self.env["crm.lead2opportunity.partner.mass"]
            .with_user(self.salesperson_all)
            .with_context(
                active_model="crm.lead", active_id=leads[:1].id, active_ids=leads.ids
            )
            .create({"user_ids": self.salesperson_all.ids})
            .action_mass_convert()
        )

    def everything_said(self, lead):
        """All that is at hand on the record: its fields, and what was set aside."""
        said = [lead[name] for name in self.named_fields] + [lead.team_id.name]
        return {*said, *lead.merged_value_ids.mapped("display_value")}

    named_fields = ("name", "partner_name", "contact_name", "email_from", "phone")

    @requires_addon("base_import")
    def test_p10_every_line_of_a_file_of_500_is_found_afterwards(self):
        rows = self.lead_rows()
        leads = self.import_file(HEADER, rows)
        came_in = leads.ids
        pairs = [leads[number - 1] + leads[number] for number in range(3, 500, 4)]
        for pair in pairs[:40]:
            self.merge(pair)
        self.convert(leads.exists().filtered(lambda lead: lead.type == "lead"))
        now = self.env["crm.lead.merge"]._resolve(came_in)
        for lead_id, row in zip(came_in, rows, strict=True):
            lead = leads.browse(now[lead_id])
            self.assertEqual(lead.type, "opportunity")
            self.assertLessEqual(set(row), self.everything_said(lead))
        for pair in pairs:
            self.assertEqual(now[pair[0].id], now[pair[1].id])
        self.assertEqual(len(set(now.values())), 375)

    def test_p10_every_email_is_found_afterwards(self):
        for name in SAMPLES:
            office = self.receive(name, "office")
            parts = self.receive(name, "parts")
            messages = office.message_ids + parts.message_ids
            self.env.flush_all()
            said = [(one.subject, one.body, one.author_id) for one in messages]
            files = messages.attachment_ids
            names = files.mapped("name")
            survivor = self.merge(office + parts)
            self.assertEqual(survivor, parts, "the opportunity stays")
            self.convert(survivor)
            self.assertLessEqual(set(messages.ids), set(survivor.message_ids.ids))
            self.assertEqual(
                [(one.subject, one.body, one.author_id) for one in messages], said
            )
            self.assertEqual(files.exists().mapped("name"), names)
