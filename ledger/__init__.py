"""Where the id of a lead can be stored, and how each kind is counted and moved.

One mechanism a file. `discovery` walks through the registry and says which places there
are; `models/crm_lead_ledger.py` counts what is in them, and
`models/crm_lead_merge_references.py` moves it and proves that nothing is left.
"""

from .attachment import Attachment
from .company_dependent import CompanyDependent
from .default_value import DefaultValue
from .follower import Follower
from .link_table import LinkTable
from .many2one import Many2one
from .model_and_id import ModelAndId
from .property_value import PropertyValue
from .reference import Reference
from .reference_text import ReferenceText

__all__ = [
    "Attachment",
    "CompanyDependent",
    "DefaultValue",
    "Follower",
    "LinkTable",
    "Many2one",
    "ModelAndId",
    "PropertyValue",
    "Reference",
    "ReferenceText",
]
