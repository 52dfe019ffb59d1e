"""Where one member stands, and what she carries."""

from collections.abc import Collection

from segments.models import MemberStanding, MemberTag
from segments.selectors.tiers import tier_names


def tier_of(member_id: int) -> str:
    """The name of her tier in the reader's language; empty before the first run that saw her."""
    code = MemberStanding.objects.filter(pk=member_id).values_list("tier", flat=True).first()
    return tier_names().get(code, code) if code else ""


def tags_held(records: Collection[int]) -> int:
    """How many tags stand with these records."""
    return MemberTag.objects.filter(member__in=records).count()
