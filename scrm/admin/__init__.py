"""Periodic tasks: django-celery-beat's own tables, in our look, with what the last run did."""

from scrm.admin import work
from scrm.admin.periodic import PeriodicTaskAdmin

__all__ = ["PeriodicTaskAdmin", "work"]
