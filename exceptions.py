"""The errors of this addon: each names the record and says what to do about it."""

from odoo.exceptions import UserError


class MergeRefused(UserError):
    """The leads cannot be merged as asked; nothing was changed."""


class ConversionRefused(UserError):
    """The lead cannot be converted as asked; nothing was changed."""


class NotAnId(UserError):
    """What was given as the id of a record is none; nothing was changed."""


class PlanOutdated(UserError):
    """The leads have changed since the plan was shown; nothing was changed."""


class UnknownReference(MergeRefused):
    """Something points to a lead that the ledger cannot move."""


class UndoRefused(UserError):
    """The merge or conversion cannot be undone now; nothing was changed."""


class SharedChange(Exception):
    """Several merges change something together; each has to be carried out by itself.
    Never shown to anyone."""
