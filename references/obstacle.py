"""Why a value cannot come back as it was."""

from dataclasses import dataclass


@dataclass(frozen=True)
class HeldBy:
    """Another row has what only one may have.

    :param table: the table of both
    :param row_id: the id of the other row
    """

    table: str
    row_id: int


@dataclass(frozen=True)
class Unreadable:
    """The column is of another type by now, in which the value says nothing."""
