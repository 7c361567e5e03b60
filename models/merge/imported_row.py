from dataclasses import dataclass, field

from odoo import models

#: What tells that a lead's own words of the time of the merge are not known.
UNKNOWN = object()


@dataclass
class ImportedRow:
    """What one row of a file says about a lead that was merged away.

    :param source_id: id of the `crm.lead.merge.source` that it is about
    :param lead_id: id of the lead that was merged away
    :param merge_id: id of the merge that brought it, at last, into the survivor
    :param survivor: the lead that it is now
    :param values: {field: value} as `write` takes them
    :param info: what `load` tells about the row
    :param news: {field: value} of what it says other than the lead did
    :param said: {field: value} of what the lead has said itself so far
    """

    source_id: int
    lead_id: int
    merge_id: int
    survivor: models.BaseModel
    values: dict = field(default_factory=dict)
    info: dict = field(default_factory=dict)
    news: dict = field(default_factory=dict)
    said: dict = field(default_factory=dict)
