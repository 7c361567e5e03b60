import base64

from odoo import fields
from odoo.tests import tagged
from odoo.tools import file_open

from ..engine.plan import MergeOptions
from .custom_fields import add_custom_fields, extend_lead
from .merging import MergeCase


class FileCase(MergeCase):
    """Leads with files that are values of fields."""

    def file(self, text):
        return base64.b64encode(text.encode())

    def create_files(self, *texts):
        """Create a lead for each text, with a file that says it; None: without one."""
        return self.create_leads(
            *({"x_file": self.file(text)} if text else {} for text in texts)
        )

    def read_files(self, leads):
        """Return the texts of their files, as they are in the database."""
        self.env.flush_all()
        self.env.invalidate_all()
        files = leads.exists().mapped("x_file")
        return [file and base64.b64decode(file).decode() for file in files]

    def collect_garbage(self):
        """Delete what is stored for no attachment, as the scheduler does each day."""
        self.env.flush_all()
        self.env["ir.attachment"]._gc_file_store_unsafe()

    def ask(self, merge):
        """Undo, expect the question, and return [(field, stays, was before)]."""
        action = self.undo(merge)
        self.assertEqual(action["res_model"], "crm.lead.undo")
        lines = self.env["crm.lead.undo"].browse(action["res_id"]).line_ids
        return [(line.label, line.value_now, line.value_before) for line in lines]

    def take(self, merge):
        row = merge.value_ids.filtered(lambda row: row.field_name == "x_file")
        row.with_user(self.salesperson_all).action_take()
        return row


@tagged("post_install", "-at_install")
class TestMergeFiles(FileCase):
    """P10, B1, B2: a file is a value like others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        add_custom_fields(cls.env, x_file="binary")

    def test_b1_files_come_back(self):
        for texts in (("A", "B"), (None, "B"), ("A", None), (None, "B", "C")):
            leads = self.create_files(*texts)
            self.assert_undone_exactly(leads)
            chosen = (("x_file", leads[-1].id),)
            self.assert_undone_exactly(leads, choices=chosen)

    def test_p10_files_are_kept_or_set_aside(self):
        leads = self.create_files(None, "Blue", "Cyan", "Blue")
        merge = self.merge(leads)
        self.assertEqual(self.read_files(leads), ["Blue"])
        row = merge.value_ids.filtered(lambda row: row.field_name == "x_file")
        self.assertEqual(base64.b64decode(row.file), b"Cyan", "one value once")
        self.assertEqual(row.display_value, "File (text/plain, 4.00 bytes)")

    def test_p10_the_dialog_shows_files(self):
        leads = self.create_files("Red", "Blue").with_user(self.salesperson_all)
        plan = leads.env["crm.lead.merge"]._plan(leads, MergeOptions())
        described = leads.env["crm.lead.merge.preview"]._describe(plan)
        [row] = [row for row in described["rows"] if row["field"] == "x_file"]
        self.assertEqual(
            row["cells"],
            ["File (text/plain, 3.00 bytes)", "File (text/plain, 4.00 bytes)"],
        )
        self.assertTrue(row["differs"])

    def test_b2_a_new_file_is_kept_and_asked_about(self):
        leads = self.create_files(None, "B")
        merge = self.merge(leads)
        leads[0].x_file = self.file("Later")
        self.collect_garbage()
        self.assertEqual(
            self.ask(merge), [("x_file", "File (text/plain, 5.00 bytes)", "")]
        )
        self.undo(merge, force=True)
        self.collect_garbage()
        self.assertEqual(self.read_files(leads), ["Later", "B"])

    def test_b2_a_new_file_beside_one_set_aside_is_no_question(self):
        leads = self.create_files("A", "B")
        merge = self.merge(leads)
        leads[0].x_file = self.file("Later")
        self.undo(merge)
        self.collect_garbage()
        self.assertEqual(self.read_files(leads), ["Later", "B"])

    def test_b2_a_file_deleted_since_comes_back_on_its_lead(self):
        leads = self.create_files(None, "B")
        merge = self.merge(leads)
        leads[0].x_file = False
        self.collect_garbage()
        self.undo(merge)
        self.assertEqual(self.read_files(leads), [False, "B"])

    def test_b2_a_chosen_file_deleted_since_is_asked_about(self):
        leads = self.create_files("A", "B")
        merge = self.merge(leads, choices=(("x_file", leads[1].id),))
        leads[0].x_file = False
        self.assertEqual(self.ask(merge)[0][1], "")
        self.undo(merge, force=True)
        self.assertEqual(self.read_files(leads), [False, "B"])

    def test_b1_a_file_that_was_taken_goes_back(self):
        for texts in (("A", "B"), ("A", "B", "C")):
            leads = self.create_files(*texts)

            def there_and_back(leads=leads):
                merge = self.merge(leads)
                row = self.take(merge)[0]
                self.undo(merge)
                self.assertFalse(row.exists())

            self.assert_database_unchanged(there_and_back)

    def test_taking_a_file_exchanges_it_with_the_present_one(self):
        leads = self.create_files("A", "B")
        merge = self.merge(leads)
        row = self.take(merge)
        self.assertEqual(self.read_files(leads), ["B"])
        self.assertEqual(base64.b64decode(row.file), b"A")
        self.take(merge)
        self.assertEqual(self.read_files(leads), ["A"])
        self.assertEqual(base64.b64decode(row.file), b"B")
        self.undo(merge)
        self.assertEqual(self.read_files(leads), ["A", "B"])

    def test_b2_a_new_file_after_one_was_taken_is_kept_and_asked_about(self):
        leads = self.create_files("A", "B")
        merge = self.merge(leads)
        self.take(merge)
        leads[0].x_file = self.file("Later")
        self.collect_garbage()
        self.assertEqual(len(self.ask(merge)), 1)
        self.undo(merge, force=True)
        self.collect_garbage()
        self.assertEqual(self.read_files(leads), ["Later", "B"])

    def test_b2_a_file_taken_after_a_new_one_is_kept(self):
        leads = self.create_files(None, "B", "C")
        merge = self.merge(leads)
        leads[0].x_file = self.file("Later")
        row = self.take(merge)
        self.assertEqual(base64.b64decode(row.file), b"Later")
        self.undo(merge, force=True)
        self.collect_garbage()
        self.assertEqual(self.read_files(leads), ["C", "B", "C"])

    def test_b1_files_of_merges_of_merges(self):
        leads = self.create_files(None, None, "C", "D")

        def there_and_back():
            first = self.merge(leads[1:3])
            second = self.merge(leads[:2])
            third = self.merge(leads[0] + leads[3])
            self.assertEqual(self.read_files(leads[0]), ["C"])
            for merge in (third, second, first):
                self.undo(merge)

        self.assert_database_unchanged(there_and_back)

    def test_files_are_forgotten_with_what_needs_them(self):
        def files():
            return self.env["ir.attachment"].search(
                [("res_model", "=like", "crm.lead%"), ("res_field", "!=", False)]
            )

        known = files()
        leads = self.create_files("A", "B", "C")
        merge = self.merge(leads)
        self.assertEqual(len(files() - known), 5, "of all three, and two set aside")
        merge.line_ids.unlink()  # the snapshots are older than the settings say
        self.assertEqual(len(files() - known), 3)
        merge = self.merge(self.create_files("A", "B") + leads[0])
        merge.survivor_id.unlink()
        self.assertFalse(files() - known)


@tagged("post_install", "-at_install")
class TestMergeImages(FileCase):
    """P10, B1: an image comes, and goes back, in all of its sizes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        extend_lead(
            cls,
            x_image=fields.Image(max_width=64, max_height=64),
            x_image_small=fields.Image(
                related="x_image", max_width=8, max_height=8, store=True
            ),
        )
        with file_open("base/static/img/avatar_grey.png", "rb") as image:
            cls.image = base64.b64encode(image.read())
        with file_open("base/static/img/money.png", "rb") as image:
            cls.other_image = base64.b64encode(image.read())

    def create_images(self, *images):
        leads = self.create_leads(*({"x_image": image} for image in images))
        self.env.flush_all()
        return leads

    def sizes(self, lead):
        self.env.invalidate_all()
        return lead.x_image, lead.x_image_small

    def test_b1_images_come_back(self):
        for images in (
            (self.image, self.other_image), (False, self.image), (self.image, False),
        ):  # fmt: skip
            leads = self.create_images(*images)
            self.assert_undone_exactly(leads)
            self.assert_undone_exactly(leads, choices=(("x_image", leads[1].id),))

    def test_p10_an_image_comes_in_all_sizes(self):
        leads = self.create_images(False, self.image)
        sizes = self.sizes(leads[1])
        self.assertTrue(all(sizes))
        merge = self.merge(leads)
        self.assertEqual(self.sizes(leads[0]), sizes)
        self.undo(merge)
        self.assertEqual(self.sizes(leads[0]), (False, False))
        self.assertEqual(self.sizes(leads[1]), sizes)

    def test_p10_an_image_is_one_value(self):
        leads = self.create_images(self.image, self.other_image)
        sizes = [self.sizes(lead) for lead in leads]

        def there_and_back():
            merge = self.merge(leads)
            row = merge.value_ids.filtered(lambda row: "image" in row.field_name)
            self.assertEqual(row.field_name, "x_image")
            row.with_user(self.salesperson_all).action_take()
            self.assertEqual(self.sizes(leads[0]), sizes[1])
            self.undo(merge)

        self.assert_database_unchanged(there_and_back)

    def test_b2_a_new_image_stays_in_all_sizes(self):
        leads = self.create_images(False, self.image)
        sizes = self.sizes(leads[1])
        merge = self.merge(leads)
        leads[0].x_image = self.other_image
        later = self.sizes(leads[0])
        self.assertNotEqual(later[1], sizes[1])
        self.undo(merge, force=True)
        self.collect_garbage()
        self.assertEqual(self.sizes(leads[0]), later)
        self.assertEqual(self.sizes(leads[1]), sizes)
