"""Who is left alone: by blind index, never by the value itself."""

from collections.abc import Sequence

from django.db.models import QuerySet

from compliance.enums.consent import Channel
from compliance.models import Suppression
from core.rules.normalise import NotNormal
from members.enums import IdentityType
from members.models import Identity
from members.rules.identities import normalise
from members.selectors import lookup_of


def active_suppressions() -> "QuerySet[Suppression]":
    return Suppression.objects.filter(lifted_at=None)


def suppression_lookup(kind: str, value: str) -> str:
    """The blind index of a number or address as somebody wrote it. Raises NotNormal."""
    known = IdentityType(kind)
    return lookup_of(known, normalise(known, value))


def suppressions_of_value(kind: str, value: str) -> Sequence[Suppression]:
    """What stands on the list for that value; nothing for a text that is none."""
    try:
        lookup = suppression_lookup(kind, value)
    except NotNormal:
        return []
    return list(active_suppressions().filter(kind=kind, lookup=lookup).select_related("created_by"))


def suppressions_of_member(member_id: int) -> Sequence[Suppression]:
    """Entries that hit one of the numbers or addresses of this record."""
    return suppressions_of_records([member_id])


def suppressions_of_records(record_ids: Sequence[int]) -> Sequence[Suppression]:
    """Entries that hit a number or address of any of these records."""
    lookups = Identity.objects.filter(member__in=record_ids).values_list("type", "lookup")
    by_kind = {(kind, lookup) for kind, lookup in lookups if kind in {IdentityType.PHONE, IdentityType.EMAIL}}
    found = active_suppressions().filter(lookup__in=[lookup for _kind, lookup in by_kind])
    return [entry for entry in found if (entry.kind, entry.lookup) in by_kind]


def is_suppressed(record_ids: Sequence[int], channel: str) -> bool:
    return any(entry.channel in {Channel.ANY, channel} for entry in suppressions_of_records(record_ids))
