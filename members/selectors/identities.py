"""Finding members by what they are known by."""

from collections.abc import Callable, Iterable

from django.db.models import F
from django.db.models.functions import Coalesce

from core.keys import indexer
from members.enums import IdentityType
from members.models import Identity
from members.rules.identities import PURPOSES

Known = tuple[IdentityType, str]


def lookup_function(kind: IdentityType) -> Callable[[str], str]:
    """Normalised value → what `Identity.lookup` holds: the value itself, or for a protected type its blind index."""
    if kind not in PURPOSES:
        return str
    index = indexer(PURPOSES[kind])
    return lambda value: index(value).hex()


def lookup_of(kind: IdentityType, value: str) -> str:
    return lookup_function(kind)(value)


def members_with(lookups: Iterable[Known]) -> dict[Known, int]:
    """(type, lookup) → id of the member who has it; one merged into somebody else answers with that one. One query."""
    wanted = set(lookups)
    rows = (
        Identity.objects.filter(lookup__in={lookup for _kind, lookup in wanted})
        .annotate(owner=Coalesce(F("member__merged_into"), F("member_id")))
        .values_list("type", "lookup", "owner")
    )
    return {(IdentityType(kind), lookup): owner for kind, lookup, owner in rows if (kind, lookup) in wanted}
