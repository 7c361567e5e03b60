# What others build on comes first.
from . import crm_lead_journal_guard, crm_lead_match_table

# isort: split
from . import crm_lead_journal

# isort: split
from . import crm_lead_merge

# isort: split
from . import crm_lead_merge_undo

# isort: split

from . import (
    base,
    crm_lead,
    crm_lead_conversion,
    crm_lead_conversion_candidates,
    crm_lead_conversion_chatter,
    crm_lead_conversion_check,
    crm_lead_conversion_created,
    crm_lead_conversion_customer,
    crm_lead_conversion_doors,
    crm_lead_conversion_journal,
    crm_lead_conversion_planner,
    crm_lead_conversion_prospects,
    crm_lead_conversion_writer,
    crm_lead_display_name,
    crm_lead_duplicate,
    crm_lead_duplicate_arrival,
    crm_lead_duplicate_group,
    crm_lead_duplicate_grouping,
    crm_lead_import,
    crm_lead_journal_caches,
    crm_lead_journal_chatter,
    crm_lead_journal_clashes,
    crm_lead_journal_conflicts,
    crm_lead_journal_filling,
    crm_lead_journal_fitting,
    crm_lead_journal_line,
    crm_lead_journal_recorder,
    crm_lead_journal_retention,
    crm_lead_journal_telling,
    crm_lead_journal_units,
    crm_lead_ledger,
    crm_lead_match_key,
    crm_lead_match_pair,
    crm_lead_match_profile,
    crm_lead_match_queue,
    crm_lead_match_term,
    crm_lead_match_tracking,
    crm_lead_matcher,
    crm_lead_matching,
    crm_lead_merge_apply,
    crm_lead_merge_check,
    crm_lead_merge_conversion,
    crm_lead_merge_customers,
    crm_lead_merge_followers,
    crm_lead_merge_import,
    crm_lead_merge_inner,
    crm_lead_merge_meetings,
    crm_lead_merge_own_values,
    crm_lead_merge_planner,
    crm_lead_merge_preview,
    crm_lead_merge_reader,
    crm_lead_merge_references,
    crm_lead_merge_resolve,
    crm_lead_merge_source,
    crm_lead_merge_texts,
    crm_lead_merge_unique,
    crm_lead_merge_units,
    crm_lead_merge_value,
    crm_lead_merge_value_display,
    crm_lead_merge_value_taking,
    crm_lead_merged_information,
    crm_lead_run,
    crm_lead_run_line,
    crm_lead_run_process,
    crm_lead_run_proposal,
    crm_lead_run_work,
    crm_lead_scan,
    crm_lead_similar,
    crm_lead_time_in_stage,
    crm_team,
    crm_team_assignment,
    ir_http,
    ir_ui_menu,
    mail_message,
    res_config_settings,
    res_config_settings_duplicates,
    res_partner,
)

# isort: split
# What extends parts of the models above comes last.
from . import (
    crm_lead_merge_duplicates,
    crm_lead_merge_files,
    crm_lead_merge_import_cells,
    crm_lead_merge_import_filling,
    crm_lead_merge_import_own,
    crm_lead_merge_import_said,
    crm_lead_merge_import_taking,
    crm_lead_merge_import_telling,
    crm_lead_merge_import_undo,
    crm_lead_merge_source_import,
    crm_lead_parent_path,
)
