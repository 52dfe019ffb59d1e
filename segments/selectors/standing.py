"""Where one member stands."""

from segments.models import MemberStanding
from segments.selectors.tiers import tier_names


def tier_of(member_id: int) -> str:
    """The name of her tier in the reader's language; empty before the first run that saw her."""
    code = MemberStanding.objects.filter(pk=member_id).values_list("tier", flat=True).first()
    return tier_names().get(code, code) if code else ""
