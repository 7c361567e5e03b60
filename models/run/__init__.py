from . import crm_lead_run, crm_lead_run_line

# isort: split
from . import process, proposal, work
