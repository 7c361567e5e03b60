from . import crm_lead_bound

# isort: split
from . import base, crm_lead, crm_lead_check, res_config_settings
