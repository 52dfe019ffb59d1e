"""Whose members are counted on a page of results."""

from django.db.models import QuerySet

from accounts.enums import Reach
from accounts.models import User
from members.models import Member


def scope_of(user: User) -> QuerySet[Member] | None:
    """The members whose figures this user may see; None means everybody, which spares a join."""
    return None if user.reach == Reach.ALL else Member.objects.visible_to(user)
