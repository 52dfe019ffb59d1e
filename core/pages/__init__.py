"""Pages of our own inside the admin's frame: who may look, how they are shown, figures as files."""

from core.pages.frame import as_csv, in_frame, page

__all__ = ["as_csv", "in_frame", "page"]
