from . import (
    crm_lead_merge,
    crm_lead_merge_check,
    crm_lead_merge_import,
    crm_lead_merge_planner,
    crm_lead_merge_source,
    crm_lead_merge_value,
)

# isort: split
from . import undo

# isort: split
from . import (
    apply,
    arrivals,
    crm_lead,
    crm_lead_check,
    crm_lead_journal,
    crm_lead_journal_line,
    crm_lead_match_queue,
    crm_lead_matcher,
    crm_lead_merge_preview,
    crm_team,
    customers,
    followers,
    importing,
    inner,
    ir_http,
    mail_message,
    meetings,
    moving,
    own_values,
    reader,
    res_config_settings,
    resolve,
    texts,
    totals,
    unique,
    units,
    value_display,
    value_taking,
)

# isort: split
from . import (
    crm_lead_duplicate,
    files,
    import_cells,
    import_filling,
    import_nested,
    import_own,
    import_said,
    import_taking,
    import_telling,
    import_undo,
    parent_path,
    source_import,
)
