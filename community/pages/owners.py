"""Who may answer for a group."""

from django.db.models import Q, QuerySet

from accounts.enums import Reach, Role
from accounts.models import Store, User

OWNERS = (Role.MARKETER, Role.ADMINISTRATOR, Role.STORE_MANAGER, Role.GUIDE, Role.JUNIOR_SERVICE, Role.EXPERT)


def owners_for(user: User) -> QuerySet[User]:
    """Staff whom `user` may name: everybody who works with groups, or those of her stores and herself."""
    staff = User.objects.filter(role__in=OWNERS, is_active=True, is_staff=True).order_by("display_name", "username")
    if user.reach == Reach.ALL:
        return staff
    mine = Q(pk=user.pk)
    if user.reach == Reach.STORES:
        mine |= Q(pk__in=User.objects.filter(stores__in=user.own_stores()).values("pk"))
    return staff.filter(mine)


def stores_for(user: User) -> QuerySet[Store]:
    """Stores to which `user` may give a group."""
    if user.reach == Reach.ALL:
        return Store.objects.order_by("code")
    return user.own_stores().order_by("code")
