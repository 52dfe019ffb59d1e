"""The tiers themselves."""

from segments.models import Tier


def tiers_in_order() -> list[Tier]:
    """All tiers in order of match with their criteria, also those not in use; two queries."""
    return list(Tier.objects.order_by("position", "id").prefetch_related("criteria"))


def tier_names() -> dict[str, str]:
    """Names by code, in the reader's language."""
    return {tier.code: str(tier) for tier in Tier.objects.order_by("position", "id")}
