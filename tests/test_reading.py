"""Whoever looks at leads writes nothing, however many look at the same moment."""

from contextlib import contextmanager

from odoo.tests import Form, tagged

from .lossless.database import count_writes, written_since
from .test_duplicates import ANN, DuplicatesCase


@tagged("post_install", "-at_install")
class TestReading(DuplicatesCase):
    """B7: a page only reads. What was not compared yet is compared in memory, and
    stored by the scheduled action."""

    def setUp(self):
        super().setUp()
        self.leads = self.env["crm.lead"].union(
            *(self.create_lead(**ANN, name=f"Lead {number}") for number in range(4))
        )
        self.own = self.leads.with_user(self.salesperson)

    @contextmanager
    def reading_only(self):
        """A transaction in which the database refuses whatever writes."""
        self.env.flush_all()
        self.env.invalidate_all()
        savepoint = self.env.cr.savepoint(flush=False)
        self.env.cr.execute("SET TRANSACTION READ ONLY")
        try:
            yield
        finally:
            self.env.cr.clear()
            savepoint.close(rollback=True)

    def each_state(self):
        """Name what the detector may know of the leads: nothing yet, all but what was
        typed a moment ago, nothing any more, all."""
        yield "new"
        self.compare()
        self.leads[1].email_from = "ann.lee@acme.com, ann@lee.org"
        yield "changed"
        self.compare()
        self.env["crm.lead.match.profile"]._forget(self.leads.ids)
        yield "missing"
        self.env["crm.lead.match.queue"]._append_missing()
        self.compare()
        yield "compared"

    def get_specification(self, model, view_type):
        """Return what the web client asks for to show a view."""
        view = self.env[model].with_user(self.salesperson).get_view(None, view_type)
        # the view names what other addons show to some, to whom it is a field
        record = self.env[model].with_user(self.salesperson)
        return {
            name: {}
            for name in view["models"][model]
            if record._has_field_access(record._fields[name], "read")
        }

    def test_b7_views_of_leads_only_read(self):
        for state in self.each_state():
            for kind in ("form", "list", "kanban"):
                wanted = self.get_specification("crm.lead", kind)
                wanted |= {
                    name: {} for name in self.own._fields if "duplicate_" in name
                }
                with self.subTest(state=state, kind=kind), self.reading_only():
                    for values in self.own.web_read(wanted):
                        self.assertEqual(values["duplicate_lead_count"], 3)
                        self.assertTrue(values["duplicate_best_id"])

    def test_b7_views_of_pairs_and_groups_only_read(self):
        self.compare()
        for model in ("crm.lead.duplicate", "crm.lead.duplicate.group"):
            for kind in ("form", "list", "kanban"):
                wanted = self.get_specification(model, kind)
                records = self.env[model].with_user(self.salesperson)
                with self.subTest(model=model, kind=kind), self.reading_only():
                    self.assertTrue(records.web_search_read([], wanted)["records"])

    def test_b7_what_is_being_typed_is_compared_without_writing(self):
        for state in self.each_state():
            with self.subTest(state=state), self.reading_only():
                form = Form(self.own[0])
                form.phone = "+32 2 290 34 90"
                # what is known of no other lead, the next scan finds
                known = 0 if state == "missing" else 3
                self.assertEqual(form.duplicate_lead_count, known)

    def test_b7_similar_leads_and_their_reasons_only_read(self):
        pairs = self.env["crm.lead.duplicate"].with_user(self.salesperson)
        for state in self.each_state():
            with self.subTest(state=state), self.reading_only():
                action = self.own[0].action_show_potential_duplicates()
                self.assertEqual(self.env["crm.lead"].search_count(action["domain"]), 4)
                told = pairs.explain(*self.own[:2].ids)
                self.assertEqual(told["certainty"], "certain")
                found = self.own[0]._get_lead_duplicates(email=ANN["email_from"])
                self.assertEqual(found, self.own)

    def test_b7_dialogs_open_without_writing(self):
        context = {"active_model": "crm.lead", "active_ids": self.leads.ids}
        for state in self.each_state():
            for model in ("crm.lead2opportunity.partner", "crm.merge.opportunity"):
                dialog = self.env[model].with_user(self.manager)
                dialog = dialog.with_context(**context, active_id=self.leads[0].id)
                with self.subTest(state=state, model=model), self.reading_only():
                    Form(dialog)

    def test_b11_the_bulk_dialog_writes_nothing_but_what_it_proposes(self):
        """Rows of its own, which nobody else waits for."""
        context = {"active_model": "crm.lead", "active_ids": self.leads.ids}
        Dialog = self.env["crm.lead2opportunity.partner.mass"].with_user(self.manager)
        for state in self.each_state():
            with self.subTest(state):
                before = count_writes(self.env)
                Form(Dialog.with_context(**context, active_id=self.leads[0].id))
                self.assertEqual(
                    written_since(self.env, before),
                    [
                        "crm_lead_run",
                        "crm_lead_run_line",
                        "crm_lead_run_res_company_rel",
                    ],
                )

    def test_b7_others_that_have_just_changed_are_found_by_what_they_say_now(self):
        self.compare()
        zoe = {"email_from": "zoe@zyx.org", "contact_name": "Zoe Zyx"}
        new = self.create_lead(**zoe)

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            return [each.duplicate_lead_count for each in (new, *self.leads[:2])]

        self.assertEqual(count(), [0, 3, 3])
        self.leads[0].write(zoe)
        self.assertEqual(count(), [1, 1, 2])
        self.leads[0].write(ANN)
        self.assertEqual(count(), [0, 3, 3])
