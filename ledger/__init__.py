"""Kept for addons that import from here: the folder is called ``references`` now."""

from ..references import LinkTable, Many2one, Reference

__all__ = ["LinkTable", "Many2one", "Reference"]
