from . import crm_lead_dialog  # what the others build on

# isort: split
from . import (
    base_partner_merge,
    crm_lead,
    crm_lead2opportunity_candidate,
    crm_lead2opportunity_outcome,
    crm_lead2opportunity_partner,
    crm_lead2opportunity_partner_mass,
    crm_lead_comparison,
    crm_lead_run,
    crm_lead_undo,
    crm_lead_undoable,
    crm_merge_opportunity,
)
