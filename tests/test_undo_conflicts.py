from odoo.tests import tagged

from odoo.addons.crm_lead_qualification.exceptions import UndoRefused

from .merging import MergeCase


@tagged("post_install", "-at_install")
class TestUndoConflicts(MergeCase):
    """B2: what was changed after the merge is shown and kept."""

    def ask(self, merge):
        """Undo, expect the question, and return {field label: (stays, was before)}."""
        action = self.undo(merge)
        self.assertEqual(action["res_model"], "crm.lead.undo")
        lines = self.env["crm.lead.undo"].browse(action["res_id"]).line_ids
        self.assertEqual(merge.state, "done", "nothing is done before the answer")
        return {line.label: (line.value_now, line.value_before) for line in lines}

    def test_b2_edited_field_is_shown_and_kept(self):
        leads = self.create_leads({}, {"referred": "By Ann", "city": "Lyon"})
        merge = self.merge(leads)
        leads[0].referred = "By Bob"
        self.assertEqual(self.ask(merge), {"Referred By": ("By Bob", "")})
        self.undo(merge, force=True)
        self.assertEqual(leads.mapped("referred"), ["By Bob", "By Ann"])
        self.assertEqual(leads.mapped("city"), [False, "Lyon"], "these came back")

    def test_b2_field_the_merge_left_alone_may_be_edited_freely(self):
        leads = self.create_leads({"city": "Ghent"}, {"city": "Lyon"})
        merge = self.merge(leads)
        leads[0].city = "Paris"
        self.undo(merge)
        self.assertEqual(leads.mapped("city"), ["Paris", "Lyon"])

    def test_b2_reference_moved_since_stays(self):
        leads = self.create_leads({}, {}, {})
        message = leads[1].message_post(body="Hello")
        merge = self.merge(leads[:2])
        message.res_id = leads[2].id
        self.ask(merge)
        self.undo(merge, force=True)
        self.assertEqual(message.res_id, leads[2].id)

    def test_b2_reference_deleted_since_stays_deleted(self):
        leads = self.create_leads({}, {})
        message = leads[1].message_post(body="Hello")
        merge = self.merge(leads)
        message.unlink()
        self.assertIn("Deleted since", self.ask(merge))
        self.undo(merge, force=True)
        self.assertFalse(message.exists())
        self.assertEqual(leads.exists(), leads)

    def test_b2_won_since_stays_won(self):
        leads = self.create_leads({}, {"expected_revenue": 10})
        merge = self.merge(leads)
        leads[0].action_set_won()
        self.undo(merge, force=True)
        self.assertEqual(leads[0].won_status, "won")
        self.assertEqual(leads[1].won_status, "pending")

    def test_b2_lost_since_stays_lost_though_it_was_won(self):
        """Core takes no lead that is lost in a won stage."""
        leads = self.create_leads({}, {})
        stage = leads[1].stage_id
        leads[0].action_set_won()
        merge = self.merge(leads, survivor_id=leads[0].id)
        value = merge.value_ids.filtered(lambda value: value.field_name == "stage_id")
        value.with_user(self.salesperson_all).action_take()
        self.assertEqual(leads[0].stage_id, stage)
        leads[0].action_set_lost()
        asked = self.undo(merge)
        dialog = self.env["crm.lead.undo"].browse(asked["res_id"])
        self.assertIn("Stage", dialog.line_ids.mapped("label"))
        self.undo(merge, force=True)
        self.assertEqual(leads.exists(), leads)
        self.assertEqual(leads[0].won_status, "lost")
        self.assertEqual(leads[0].stage_id, stage)

    def test_b2_archived_since_stays_archived(self):
        leads = self.create_leads({}, {})
        merge = self.merge(leads)
        leads[0].active = False
        self.undo(merge, force=True)
        self.assertEqual(leads.mapped("active"), [False, True])

    def test_b2_what_came_later_stays_with_the_survivor(self):
        leads = self.create_leads({}, {})
        merge = self.merge(leads)
        later = leads[0].message_post(body="Later")
        self.undo(merge)
        self.assertEqual(later.res_id, leads[0].id)

    def test_b2_target_deleted_since_is_emptied(self):
        source = self.env["utm.source"].create({"name": "Fair"})
        stays = self.env["utm.source"].create({"name": "Web"})
        leads = self.create_leads({"source_id": stays.id}, {"source_id": source.id})
        merge = self.merge(leads)
        # SQL: as when the module that the record belongs to is removed
        self.env.cr.execute("DELETE FROM utm_source WHERE id = %s", [source.id])
        self.env.invalidate_all()
        self.assertEqual(self.ask(merge), {"Source": ("", "Deleted since")})
        self.undo(merge, force=True)
        self.assertFalse(leads[1].source_id)
        self.assertEqual(leads[0].source_id, stays)

    def test_b2_stage_deleted_since_is_said(self):
        """The lead comes back into the first stage of its channel."""
        first, gone = self.env["crm.stage"].create(
            [{"name": name, "sequence": -1, "team_ids": self.direct_channel.ids}
             for name in ("First of all", "Gone")]
        )  # fmt: skip
        leads = self.create_leads(
            {}, {"name": "Chairs", "stage_id": gone.id}, team_id=self.direct_channel.id
        )
        merge = self.merge(leads)
        gone.unlink()
        self.assertEqual(self.ask(merge), {"Stage": ("", "Deleted since")})
        self.undo(merge, force=True)
        self.assertEqual(leads[1].stage_id, first)

    def test_b2_tag_deleted_since_is_said(self):
        gone, stays = self.env["crm.tag"].create([{"name": "Gone"}, {"name": "Stays"}])
        leads = self.create_leads({}, {"name": "Chairs", "tag_ids": (gone + stays).ids})
        merge = self.merge(leads)
        gone.unlink()
        action = self.undo(merge)
        line = self.env["crm.lead.undo"].browse(action["res_id"]).line_ids
        self.assertEqual(
            (line.record, line.label, line.value_before),
            ("Chairs", "Tags", "Deleted since"),
        )
        self.undo(merge, force=True)
        self.assertEqual(leads[1].tag_ids, stays)

    def test_b2_what_has_been_empty_before_undo_is_no_question(self):
        gone = self.env["utm.campaign"].create({"name": "Gone"})
        leads = self.create_leads({"campaign_id": gone.id}, {})
        merge = self.merge(leads)
        gone.unlink()
        self.undo(merge)
        self.assertEqual(merge.state, "undone")
        self.assertEqual(leads.exists(), leads)
        self.assertFalse(leads.campaign_id)

    def test_b2_column_removed_since(self):
        self.env.cr.execute("ALTER TABLE crm_lead ADD COLUMN left_over int DEFAULT 7")
        leads = self.create_leads({}, {"city": "Lyon"})
        merge = self.merge(leads)
        self.env.cr.execute("ALTER TABLE crm_lead DROP COLUMN left_over")
        self.undo(merge)
        self.assertEqual(leads[1].city, "Lyon")

    def test_b2_column_added_since(self):
        leads = self.create_leads({}, {"city": "Lyon"})
        merge = self.merge(leads)
        self.env.cr.execute("ALTER TABLE crm_lead ADD COLUMN brand_new int DEFAULT 7")
        self.undo(merge)
        self.env.cr.execute(
            "SELECT brand_new FROM crm_lead WHERE id = %s", [leads[1].id]
        )
        self.assertEqual(self.env.cr.fetchall(), [(7,)])

    def test_b2_survivor_merged_again_is_undone_first(self):
        leads = self.create_leads({}, {}, {})
        merge = self.merge(leads[1:])
        self.merge(leads[:2])
        with self.assertRaisesRegex(UndoRefused, "Undo that merge first"):
            self.undo(merge, force=True)

    def test_b2_survivor_deleted_for_good_takes_the_merge_along(self):
        leads = self.create_leads({}, {})
        merge = self.merge(leads)
        leads[0].unlink()
        self.assertFalse(merge.exists())
