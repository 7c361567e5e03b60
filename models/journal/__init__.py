from . import crm_lead_journal_guard, crm_lead_undoable

# isort: split
from . import crm_lead_journal

# isort: split
from . import crm_lead_journal_line, crm_lead_ledger, res_config_settings
