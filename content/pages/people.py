"""Whom a slot can belong to."""

from django.db.models import QuerySet

from accounts.enums import Role
from accounts.models import User


def planners() -> "QuerySet[User]":
    """Marketers and administrators who work here."""
    people = User.objects.filter(role__in=(Role.MARKETER, Role.ADMINISTRATOR), is_active=True)
    return people.order_by("display_name", "username")
