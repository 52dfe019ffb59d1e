"""Menu and "Today" of compliance; imported by the admin's discovery."""

from compliance.admin import content_law

__all__ = ["content_law"]
