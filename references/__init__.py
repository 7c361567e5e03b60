"""Where the id of a lead can be stored, and how each kind is counted and moved.

One mechanism a file. `discovery` walks through the registry and says which places there
are; `models/journal/crm_lead_ledger.py` counts what is in them, and
`models/merge/moving.py` moves it and proves that nothing is left.
"""

from .link_table import LinkTable
from .many2one import Many2one
from .reference import Reference

__all__ = ["LinkTable", "Many2one", "Reference"]
