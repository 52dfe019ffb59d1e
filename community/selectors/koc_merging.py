"""What became of KOC whose records were merged."""

from collections.abc import Collection
from datetime import datetime

from community.enums.koc import KocVerb
from community.models import Koc, KocEvent


def kocs_of(records: Collection[int]) -> bool:
    """Whether one of these records is, or was, a KOC."""
    return Koc.objects.filter(member__in=records).exists()


def went_over(records: Collection[int], *, since: datetime) -> bool:
    """Whether a KOC of this person has followed a merge since then."""
    return KocEvent.objects.filter(koc__member__in=records, what=KocVerb.MERGE, at__gte=since).exists()
