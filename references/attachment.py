"""Attachments: files of the record, not the files that are values of its fields."""

from dataclasses import dataclass

from odoo.tools import SQL

from .model_and_id import ModelAndId


@dataclass(frozen=True)
class Attachment(ModelAndId):
    """A file attached to a lead. Files that store a binary field are values: the plan
    decides about them, as about any other value."""

    def holds(self, lead_ids):
        return SQL("%s AND t.res_field IS NULL", super().holds(lead_ids))
