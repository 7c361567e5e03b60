from . import crm_lead_run, crm_lead_run_line

# isort: split
from . import crm_lead_duplicate_group, process, proposal, work
