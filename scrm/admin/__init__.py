"""Periodic tasks: django-celery-beat's own tables, in our look, with what the last run did."""

from django.contrib import admin
from django.contrib.auth import admin as auth_admin  # noqa: F401  # registers groups, before they are taken off
from django.contrib.auth.models import Group

from scrm.admin import work
from scrm.admin.periodic import PeriodicTaskAdmin

__all__ = ["PeriodicTaskAdmin", "work"]

admin.site.unregister(Group)  # roles are code: a form for groups would write what nobody reads, and leave no audit row
