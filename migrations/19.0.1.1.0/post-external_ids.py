"""Remember which external ids came to survivors by the merges so far."""


def migrate(cr, version):
    """Fill what merges remember from this version on, from their journal, as later
    versions have it: their tables are there by now."""
    cr.execute(
        """
        INSERT INTO crm_lead_merge_source_external_id_rel (source_id, external_id)
        SELECT source.id, d.id
          FROM crm_lead_merge m
          JOIN crm_lead_journal journal
            ON journal.id = m.journal_id AND journal.state = 'done'
          JOIN crm_lead_journal_line line
            ON line.journal_id = m.journal_id AND line.table_name = 'ir_model_data',
               jsonb_array_elements(line.changes) AS one
          JOIN crm_lead_merge_source source
            ON source.source_res_id = (one -> 'before' ->> 'res_id')::int
          JOIN ir_model_data d ON d.id = (one ->> 'row_id')::int
         WHERE source.merge_id = m.id
        ON CONFLICT DO NOTHING
        """
    )
