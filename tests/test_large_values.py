"""Values as large as the database takes are merged, kept and undone like others."""

from odoo.tests import tagged

from ..models.journal import crm_lead_journal
from ..models.merge import crm_lead_merge_value
from .common import LeadQualificationCase


@tagged("post_install", "-at_install")
class TestLargeValues(LeadQualificationCase):
    """B5: the journal and what is set aside are stored in parts, none of which is
    larger than PostgreSQL takes, however much the merged records say."""

    def setUp(self):
        super().setUp()
        self.leads = self.env["crm.lead"].union(
            *(
                self.create_lead(
                    name=f"Lead {number}",
                    contact_name=f"Ann {number}",
                    referred=str(number) * 50_000,
                    description=f"<p>{str(number) * 50_000}</p>",
                    user_id=self.salesperson.id,
                )
                for number in range(6)
            )
        )
        for lead in self.leads:
            lead.message_post(body="A call")
        self.env.flush_all()

    def read_rows(self):
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT to_jsonb(t) - 'write_date' - 'write_uid' FROM crm_lead t "
            "WHERE id = ANY(%s) ORDER BY id",
            [self.leads.ids],
        )
        return self.env.cr.fetchall()

    def merge(self):
        leads = self.leads.with_user(self.manager)
        return self.env["crm.lead.merge"].with_user(self.manager)._merge(leads)

    def test_b5_values_of_any_size_are_kept_and_undone(self):
        for limit in (1, 60_000, 2**24):
            self.patch(crm_lead_journal, "LINE_SIZE", limit)
            self.patch(crm_lead_merge_value, "LARGEST", limit)
            with self.subTest(limit=limit):
                before = self.read_rows()
                merge = self.merge()
                set_aside = merge.value_ids.filtered(
                    lambda value: value.field_name == "referred"
                )
                self.assertEqual(len(set_aside), 5)
                merge.action_undo(force=True)
                self.assertEqual(self.read_rows(), before)

    def test_b5_no_line_of_the_journal_grows_with_the_number_of_records(self):
        self.patch(crm_lead_journal, "LINE_SIZE", 1)
        lines = self.merge().sudo().line_ids
        self.env.cr.execute(
            "SELECT max(jsonb_array_length(changes)) FROM crm_lead_journal_line "
            "WHERE id = ANY(%s)",
            [lines.ids],
        )
        self.assertEqual(self.env.cr.fetchone(), (1,))

    def test_b5_what_is_set_aside_is_stored_in_parts(self):
        self.patch(crm_lead_merge_value, "LARGEST", 10)
        split = self.env["crm.lead.merge.value"]._split
        self.assertEqual(
            [*split(["a" * 9, "b", "c" * 30, "d"])],
            [
                ["a" * 9, "b"],
                ["c" * 30],
                ["d"],
            ],
        )
        self.assertEqual([*split([])], [])
