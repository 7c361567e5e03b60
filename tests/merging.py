"""What the tests of merging share."""

from datetime import datetime, timedelta

from odoo.addons.crm_lead_qualification.engine.plan import MergeOptions

from .common import LeadQualificationCase
from .lossless import database


class MergeCase(LeadQualificationCase):
    """Leads of one channel, merged by a salesperson who may see them all."""

    def create_leads(self, *values, **common):
        """Create leads, the first one given being the oldest.

        :param values: the values of each; ``{}`` for a lead with a name only
        :param common: values that all of them have
        """
        leads = self.env["crm.lead"]
        for number, one in enumerate(values):
            lead = self.create_lead(
                **{"type": "opportunity", "team_id": self.lead_channel.id,
                   "user_id": False, **common, **one}
            )  # fmt: skip
            date = datetime(2025, 1, 1) + timedelta(days=number)
            self.set_create_date(lead, date)
            leads += lead
        return leads

    def set_create_date(self, lead, date):
        """Say when a lead was created, which the ORM lets nobody do."""
        lead.flush_recordset()
        self.env.cr.execute(
            "UPDATE crm_lead SET create_date = %s WHERE id = %s", [date, lead.id]
        )
        lead.invalidate_recordset(["create_date"])

    def merge(self, leads, user=None, **options):
        """Merge as a salesperson; return the journal record, as the superuser sees
        it."""
        merging = leads.with_user(user or self.salesperson_all)
        merge = merging.env["crm.lead.merge"]._merge(merging, MergeOptions(**options))
        self.env.flush_all()
        self.env.invalidate_all()
        return merge.sudo()

    def hook(self, react, name="_merge_dependences"):
        """Let another addon react to a merge, but for its own, with all rights.

        :param react: called with (survivor, sources)
        """
        Lead = self.env.registry["crm.lead"]
        original, running = getattr(Lead, name), []

        def extended(lead, others, *args):
            if not running:
                running.append(True)
                react(
                    *(
                        it.sudo().with_context(tracking_disable=True)
                        for it in (lead, others)
                    )
                )
                running.pop()
            return original(lead, others, *args)

        self.patch(Lead, name, extended)

    def undo(self, merge, user=None, force=False):
        """Undo as a salesperson; return the action."""
        action = merge.with_user(user or self.salesperson_all).action_undo(force=force)
        self.env.flush_all()
        self.env.invalidate_all()
        return action

    def set_aside(self, merge):
        """Return {field: values set aside}, in the order of the leads."""
        values = {}
        for row in merge.value_ids.sorted("id"):
            values.setdefault(row.field_name, []).append(row.value)
        return values

    def assert_undone_exactly(self, leads, user=None, **options):
        """Merge, undo, and compare every row of every table with what was there."""
        self.assert_database_unchanged(
            lambda: self.undo(self.merge(leads, user, **options), user)
        )

    def assert_database_unchanged(self, run):
        """Run, and compare every row of every table with what was there."""
        writes = database.count_writes(self.env)
        with self.env.cr.savepoint() as savepoint:
            run()
            written = database.written_since(self.env, writes)
            after = database.read(self.env, written)
            savepoint.rollback()
        self.env.transaction.clear()
        before = database.read(self.env, written)
        self.assertFalse(database.differences(before, after))

    def assert_refused(self, error, pattern, run):
        """Run; expect an error that says `pattern`, and not a row changed by it."""

        def refused():
            try:
                run()
            except error as refusal:
                self.assertRegex(str(refusal), pattern)
            else:
                self.fail(f"{error.__name__} not raised")

        self.assert_database_unchanged(refused)
