"""Named reads of staff and stores."""

from collections.abc import Collection

from django.db.models import QuerySet

from accounts.enums import Reach, Role
from accounts.models import Store, User


def is_held_to_stores(user: User) -> bool:
    """Whether `user` sees the members of some stores only; the same rule as `Member.objects.visible_to`."""
    return user.reach == Reach.STORES


def stores_visible_to(user: User) -> QuerySet[Store]:
    """All stores, those that `user` is held to, or those where she works."""
    reach = user.reach
    if reach == Reach.NOBODY:
        return Store.objects.none()
    return Store.objects.all() if reach == Reach.ALL else user.own_stores()


def stores_by_code(codes: Collection[str], *, user: User) -> dict[str, int]:
    """Code → number of those stores that `user` may know of; asks nothing for no codes."""
    if not codes:
        return {}
    return dict(stores_visible_to(user).filter(code__in=codes).values_list("code", "pk"))


def guides_visible_to(user: User) -> QuerySet[User]:
    """Guides who work; for somebody who is held to stores, those of these stores; for a guide, herself."""
    guides = User.objects.filter(role=Role.GUIDE, is_active=True)
    match user.reach:
        case Reach.ALL:
            return guides
        case Reach.STORES:
            return guides.filter(stores__in=stores_visible_to(user)).distinct()
        case Reach.OWN:
            return guides.filter(pk=user.pk)
        case _:
            return guides.none()
