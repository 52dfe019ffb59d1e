"""How much there is of some records."""

from collections.abc import Collection
from dataclasses import dataclass

from timeline.models import Interaction, Purchase, Touch


@dataclass(frozen=True, kw_only=True)
class Counts:
    purchases: int
    interactions: int
    touches: int


def counts_of(member_ids: Collection[int]) -> Counts:
    """Facts of these records, since the beginning."""
    return Counts(
        purchases=Purchase.objects.filter(member__in=member_ids).count(),
        interactions=Interaction.objects.filter(member__in=member_ids).count(),
        touches=Touch.objects.filter(member__in=member_ids).count(),
    )
