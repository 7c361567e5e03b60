from . import crm_lead_match_table

# isort: split
from . import (
    crm_lead,
    crm_lead_duplicate,
    crm_lead_duplicate_group,
    crm_lead_match_key,
    crm_lead_match_pair,
    crm_lead_match_profile,
    crm_lead_match_queue,
    crm_lead_match_term,
    crm_lead_matcher,
    crm_lead_scan,
    res_config_settings,
    res_partner,
)
