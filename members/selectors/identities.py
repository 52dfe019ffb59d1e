"""Finding members by what they are known by."""

from collections.abc import Callable, Iterable

from django.db import connection

from core.keys import indexer
from members.enums import IdentityType
from members.rules.identities import PURPOSES

Known = tuple[IdentityType, str]

_OWNERS = """
SELECT identity.type, identity.lookup, coalesce(member.merged_into_id, identity.member_id)
FROM unnest(%s::varchar[], %s::varchar[]) AS wanted (type, lookup)
JOIN members_identity AS identity ON identity.lookup = wanted.lookup AND identity.type = wanted.type
JOIN members_member AS member ON member.id = identity.member_id
"""


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
    wanted = sorted(set(lookups))
    if not wanted:
        return {}
    kinds, values = zip(*wanted, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_OWNERS, [[str(kind) for kind in kinds], list(values)])
        return {(IdentityType(kind), lookup): owner for kind, lookup, owner in cursor.fetchall()}
