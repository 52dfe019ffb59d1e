"""Where content stands in the menu, on the page "Today" and among what uses an audience."""

from content.admin import menu, uses, work

__all__ = ["menu", "uses", "work"]
