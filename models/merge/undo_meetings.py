from odoo.tools import SQL


class MeetingSeries:
    """Series of meetings that were edited since a merge: Odoo makes some of their
    meetings anew. Undo takes a series back as a whole, and says so (promise B2).

    :param merges: `crm.lead.merge`
    """

    def __init__(self, merges):
        self.env = merges.env
        self.journals = merges.journal_id

    def find_changed(self):
        """List the series that go back with what was made since, as `_get_conflicts`
        does."""
        return [
            ("calendar_event", event_ids[0], None, None, self._explain(event_ids))
            for event_ids in self.find_new().values()
        ]

    def find_new(self):
        """Return {source id: [id of a meeting, …]} of meetings that were made since, in
        series that undo takes back to that source."""
        # Raw SQL: what the journal says is read by SQL alone.
        rows = self.env.execute_query(
            SQL(
                """
                WITH moved AS (
                    SELECT line.journal_id, (one ->> 'row_id')::int AS event_id,
                           (one -> 'before' ->> 'opportunity_id')::int AS source_id
                      FROM crm_lead_journal_line line,
                           jsonb_array_elements(line.changes) AS one
                     WHERE line.journal_id = ANY(%s) AND line.table_name =
                           'calendar_event' AND one -> 'before' ? 'opportunity_id'
                )
                SELECT DISTINCT ON (made.id) moved.source_id, made.id
                  FROM moved
                  JOIN crm_lead_merge merge ON merge.journal_id = moved.journal_id
                  JOIN calendar_event event ON event.id = moved.event_id
                   AND event.opportunity_id = merge.survivor_id
                  JOIN calendar_event made ON made.recurrence_id = event.recurrence_id
                   AND made.opportunity_id = merge.survivor_id
                   AND made.create_date >= merge.create_date
                 WHERE moved.source_id IS NOT NULL
                   AND moved.source_id != merge.survivor_res_id
                   AND made.id NOT IN (SELECT event_id FROM moved)
              ORDER BY made.id, moved.source_id
                """,
                self.journals.ids,
            )
        )
        meetings = {}
        for source_id, event_id in rows:
            meetings.setdefault(source_id, []).append(event_id)
        return meetings

    def _explain(self, event_ids):
        return self.env._(
            "%s meetings of the series were made since; they go back with the others",
            len(event_ids),
        )

    def take_back(self, meetings):
        """Let meetings go to the sources that their series went back to.

        :param meetings: see `find_new`
        """
        Event = self.env["calendar.event"].with_context(
            dont_notify=True, tracking_disable=True
        )
        for source_id, event_ids in meetings.items():
            events = Event.browse(event_ids)
            about = events.filtered(
                lambda event: (
                    (event.res_model, event.res_id)
                    == ("crm.lead", event.opportunity_id.id)
                )
            )
            events.opportunity_id = source_id
            about.res_id = source_id
