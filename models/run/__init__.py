from . import crm_lead_duplicate_group, crm_lead_run, crm_lead_run_line
