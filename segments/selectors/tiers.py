"""The tiers themselves."""

from core.reading import read_once
from segments.models import Tier
from segments.models.member_filters import tiers


@read_once
def plain_tiers() -> list[Tier]:
    """All tiers in order of match, also those not in use."""
    return list(Tier.objects.order_by("position", "id"))


@read_once
def tiers_in_order() -> list[Tier]:
    """The same with their criteria; two queries."""
    return list(Tier.objects.order_by("position", "id").prefetch_related("criteria"))


def tier_names() -> dict[str, str]:
    """Names by code, in the reader's language."""
    return dict(tiers())
