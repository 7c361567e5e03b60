from . import crm_lead_journal_guard

# isort: split
from . import crm_lead_journal

# isort: split
from . import (
    caches,
    chatter,
    clashes,
    conflicts,
    crm_lead_journal_line,
    crm_lead_ledger,
    filling,
    fitting,
    parts,
    recorder,
    retention,
    strangers,
    telling,
    units,
)
