"""Where content stands in the menu and on the page "Today"."""

from content.admin import menu, work

__all__ = ["menu", "work"]
