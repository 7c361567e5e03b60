"""Leads that hold what only a visitor who means harm, or a broken program, types: they
are compared, merged and undone like others, and no job waits for them."""

import random
import string
import time
from unittest.mock import patch

from psycopg2.errors import ProgramLimitExceeded, SerializationFailure

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..engine.conversion import CREATE, ConversionOptions
from ..engine.limits import SHOWN, TEXT
from ..models.common.attempt import attempt
from .merging import MergeCase

LONG = 300_000
MODELS = "odoo.addons.crm_lead_qualification.models"


@tagged("post_install", "-at_install")
class TestHostileLeads(MergeCase):
    """A subject of 300,000 letters, and worse."""

    def create_long_leads(self, length, part="a"):
        text = (part * length)[:length]
        long = dict.fromkeys(
            ("name", "contact_name", "partner_name", "street", "city", "email_cc"), text
        )
        return self.create_leads(
            {"name": "Chairs", "contact_name": "Ann", "city": "Ghent"},
            {**long, "description": f"<p>{text}</p>"},
        )

    def seconds_to_merge(self, length):
        leads = self.create_long_leads(length)
        self.env.flush_all()
        started = time.process_time()
        self.merge(leads)
        return time.process_time() - started

    def test_merge_takes_no_more_than_in_proportion(self):
        self.seconds_to_merge(1_000)
        short, long = (self.seconds_to_merge(length) for length in (10_000, 40_000))
        self.assertLess(long, 6 * max(short, 0.2))

    def test_whole_text_is_kept_and_its_beginning_shown(self):
        leads = self.create_long_leads(LONG)
        name = leads[1].name
        merge = self.merge(leads)
        values = {row.field_name: row for row in merge.value_ids}
        self.assertEqual(values["name"].value, name)
        self.assertEqual(len(values["name"].display_value), SHOWN)
        self.assertTrue(values["name"].display_value.endswith("a…"))
        self.assertIn(name, leads[0].description)
        self.assertEqual(len(merge.source_ids.name), SHOWN)
        self.assertLess(len(merge.note_id.body), 20 * SHOWN)
        self.undo(merge)
        self.assertEqual(leads[1].name, name)

    def test_values_that_differ_in_their_last_letter_are_two(self):
        text = "a" * LONG
        leads = self.create_leads(
            {"name": text, "email_cc": f"{text}, ann@example.com"},
            {"name": f"{text}b", "email_cc": f"{text}b"},
        )
        merge = self.merge(leads)
        self.assertEqual(self.set_aside(merge)["name"], [f"{text}b"])
        addresses = leads[0].email_cc.split(", ")
        self.assertEqual(addresses, [text, "ann@example.com", f"{text}b"])

    def test_what_is_no_address_stays_among_the_addresses(self):
        leads = self.create_leads(
            {"email_cc": "ask the reception"}, {"email_cc": "ann@example.com"}
        )
        self.merge(leads)
        self.assertEqual(leads[0].email_cc, "ask the reception, ann@example.com")

    def test_texts_that_odoo_cannot_read_are_merged(self):
        leads = self.create_leads({"email_cc": "(" * 3_000}, {"email_cc": "b@x.org"})
        merge = self.merge(leads)
        self.assertIn("b@x.org", leads[0].email_cc)
        self.undo(merge)
        self.assertEqual(leads[0].email_cc, "(" * 3_000)

    def test_customer_of_such_a_lead_has_a_name_that_an_index_can_hold(self):
        """Letters at random: what repeats itself, the database packs."""
        text = "".join(random.Random(1).choices(string.ascii_letters, k=20_000))
        lead = self.create_lead(contact_name=text, partner_name=text[::-1])
        leads = lead.with_user(self.salesperson_all)
        options = ConversionOptions(customer=CREATE)
        leads.env["crm.lead.conversion"]._convert_one(leads, options)
        self.env.flush_all()
        customer = lead.partner_id
        self.assertEqual((len(customer.name), lead.contact_name), (SHOWN, text))
        self.assertEqual(customer.parent_id.name[:100], text[::-1][:100])

    def test_dialogs_show_the_beginning(self):
        leads = self.create_long_leads(LONG).with_user(self.salesperson_all)
        dialog = (
            leads.env["crm.merge.opportunity"]
            .with_context(active_ids=leads.ids)
            .create({})
        )
        row = next(one for one in dialog.plan["rows"] if one["field"] == "name")
        self.assertEqual([len(cell) for cell in row["cells"]], [6, SHOWN])
        self.assertEqual(len(dialog.plan["leads"][1]["name"]), SHOWN)
        longest = max(len(cell) for row in dialog.plan["rows"] for cell in row["cells"])
        self.assertLessEqual(longest, TEXT)
        self.assertEqual(leads[1].display_name, "a" * (SHOWN - 1) + "…")

    def test_address_behind_a_long_text_is_found_by_the_privacy_lookup(self):
        leads = self.create_leads(
            {"description": "<p>One</p>", "name": "Chairs"},
            {"name": "a" * LONG + " ann@example.com"},
        )
        merge = self.merge(leads)
        row = merge.value_ids.filtered(lambda one: one.field_name == "name")
        self.assertEqual(row.email, "ann@example.com")


@tagged("post_install", "-at_install")
class TestHostileArrivals(MergeCase):
    """The jobs go on without a lead that they cannot handle."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.lead.match.queue"].search([]).unlink()

    def arrive(self, **values):
        return self.create_lead(team_id=self.lead_channel.id, **values)

    def create_arrivals(self):
        return (
            self.arrive(contact_name="Ann Lee", email_from="ann@lee.example.com")
            + self.arrive(contact_name="Poison", email_from="poison@example.com")
            + self.arrive(contact_name="Ann Lee", email_from="ann@lee.example.com")
        )

    def assert_others_were_compared(self, leads):
        pair = self.env["crm.lead.duplicate"]._search_of(leads[0])
        self.assertEqual(pair.lead_id + pair.other_lead_id, leads[0] + leads[2])
        self.assertFalse(self.env["crm.lead.match.queue"].search([]))

    def test_lead_that_cannot_be_compared_does_not_stop_the_others(self):
        leads = self.create_arrivals()
        Matcher = self.env.registry["crm.lead.matcher"]
        compare = Matcher._compare_changed

        def refuse(self, taken):
            if leads[1].id in taken:
                raise ProgramLimitExceeded("index row size exceeds maximum")
            return compare(self, taken)

        with (
            patch.object(Matcher, "_compare_changed", refuse),
            mute_logger(f"{MODELS}.crm_lead_match_queue"),
        ):
            self.run_cron("crm_lead_match_queue_cron")
        self.assert_others_were_compared(leads)

    def test_long_texts_are_merged_on_arrival(self):
        self.env["ir.config_parameter"].set_param(
            "crm_lead_qualification.merge_on_arrival", "1"
        )
        known = {
            "contact_name": "Ann Lee",
            "email_from": "ann@lee.example.com",
            "phone": "+32 2 290 12 34",
        }
        lead = self.arrive(**known)
        again = self.arrive(
            **known, name="a" * LONG, description=f"<p>{'b' * LONG}</p>"
        )
        self.run_cron("crm_lead_match_queue_cron")
        self.assertFalse(again.exists())
        self.assertEqual(len(lead.with_user(self.manager).merged_value_ids), 1)

    def test_only_what_a_second_try_mends_is_tried_again(self):
        def fail(error):
            raise error

        error = ProgramLimitExceeded("index row size exceeds maximum")
        self.assertEqual(attempt(self.env, fail, error), error)
        with self.assertRaises(SerializationFailure):
            attempt(self.env, fail, SerializationFailure("concurrent update"))
