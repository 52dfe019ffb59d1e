"""Finding the members that somebody means, among those that she may know of."""

from collections.abc import Collection

from django.db.models import Q

from accounts.models import User
from core.rules.whole import whole_in
from members.models import Identity, Member, owner_number
from members.rules.identities import possible_values
from members.selectors.identities import lookup_of, members_with

Lookup = tuple[str, str]


def visible_members(*, ids: Collection[int], lookups: Collection[Lookup], user: User) -> dict[int | Lookup, int]:
    """Number or (type, lookup) → number of the member, by one query for each of the two ways.

    Somebody who was merged into another member stands for that one; both must be visible to `user`.
    """
    found: dict[int | Lookup, int] = {}
    visible = Member.objects.visible_to(user)
    whole = Q(merged_into=None) | Q(merged_into__in=visible)
    if ids:
        rows = visible.filter(whole, pk__in=ids).values_list("pk", owner_number())
        found.update(rows)
    if lookups:
        owners = (
            Identity.objects.filter(lookup__in={lookup for _kind, lookup in lookups}, member__in=visible.filter(whole))
            .annotate(owner=owner_number("member"))
            .values_list("type", "lookup", "owner")
        )
        found.update({(kind, lookup): owner for kind, lookup, owner in owners if (kind, lookup) in lookups})
    return found


def person_named(text: str) -> Member | None:
    """The one person whom a whole value names (phone, e-mail, a number of hers, #number of the member), name masked.

    Asked past what anybody may see: for a verb that says who asked. None for nobody, and where it names several.
    """
    text = text.strip().replace("\x00", "")
    if text.startswith("#"):
        hers = Member.objects.filter(pk=whole_in(text.removeprefix("#")) or 0)
        owners = set(hers.values_list(owner_number(), flat=True))
    else:
        owners = set(members_with((kind, lookup_of(kind, value)) for kind, value in possible_values(text)).values())
    found = Member.objects.filter(pk__in=owners) if len(owners) == 1 else Member.objects.none()
    for member in found:
        member.masks_name = True
        return member
    return None
