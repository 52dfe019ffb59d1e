"""Reading the record of acts, and how its seals stand."""

from audit.selectors.entries import entries_about

__all__ = ["entries_about"]
