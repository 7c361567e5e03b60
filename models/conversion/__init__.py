from . import (
    crm_lead,
    crm_lead_conversion,
    crm_lead_conversion_candidates,
    crm_lead_conversion_chatter,
    crm_lead_conversion_check,
    crm_lead_conversion_created,
    crm_lead_conversion_customer,
    crm_lead_conversion_planner,
    crm_lead_conversion_prospects,
    crm_lead_conversion_writer,
    crm_lead_journal,
    crm_lead_merge,
)
