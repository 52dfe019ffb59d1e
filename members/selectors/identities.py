"""Finding members by what they are known by."""

from collections.abc import Callable, Iterable

from django.db import connection

from core.keys import indexer
from members.enums import IdentityType
from members.rules.identities import PURPOSES

Known = tuple[IdentityType, str]

# One look into each unique index per value, whatever the statistics say: right after a large load they may tell that
# the tables are empty, and a join that believes it compares everything with everything.
_OWNERS = """
SELECT wanted.type, wanted.lookup, coalesce(member.merged_into_id, member.id)
FROM unnest(%s::varchar[], %s::varchar[]) AS wanted (type, lookup)
CROSS JOIN LATERAL (
    SELECT member_id FROM members_identity AS identity
    WHERE identity.lookup = wanted.lookup AND identity.type = wanted.type LIMIT 1
) AS identity
CROSS JOIN LATERAL (
    SELECT id, merged_into_id FROM members_member WHERE members_member.id = identity.member_id LIMIT 1
) AS member
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
