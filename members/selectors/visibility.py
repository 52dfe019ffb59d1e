"""Finding the members that somebody means, among those that she may know of."""

from collections.abc import Collection

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from accounts.models import User
from members.models import Identity, Member

Lookup = tuple[str, str]


def visible_members(*, ids: Collection[int], lookups: Collection[Lookup], user: User) -> dict[int | Lookup, int]:
    """Number or (type, lookup) → number of the member, by one query for each of the two ways.

    Somebody who was merged into another member stands for that one; both must be visible to `user`.
    """
    found: dict[int | Lookup, int] = {}
    visible = Member.objects.visible_to(user)
    whole = Q(merged_into=None) | Q(merged_into__in=visible)
    if ids:
        rows = visible.filter(whole, pk__in=ids).values_list("pk", Coalesce("merged_into_id", "pk"))
        found.update(rows)
    if lookups:
        owners = (
            Identity.objects.filter(lookup__in={lookup for _kind, lookup in lookups}, member__in=visible.filter(whole))
            .annotate(owner=Coalesce(F("member__merged_into_id"), F("member_id")))
            .values_list("type", "lookup", "owner")
        )
        found.update({(kind, lookup): owner for kind, lookup, owner in owners if (kind, lookup) in lookups})
    return found
