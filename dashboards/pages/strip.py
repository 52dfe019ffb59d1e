"""The tiers in one row: people, share, movement; and what all of them brought in 30 days."""

from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse
from django.utils.http import urlencode

from segments.models import TierRun
from segments.selectors.overview import TierFigures, tier_overview


@dataclass(frozen=True)
class Strip:
    """As of `run`; the shares of the tiers make up a bar."""

    run: TierRun
    tiers: list[tuple[TierFigures, str]]

    @property
    def revenue(self) -> Decimal:
        return sum((figures.revenue_30d for figures, _link in self.tiers), Decimal(0))

    @property
    def buyers(self) -> int:
        return sum(figures.buyers_30d for figures, _link in self.tiers)

    @property
    def orders(self) -> int:
        return sum(figures.orders_30d for figures, _link in self.tiers)


def strip() -> Strip | None:
    """None before the first run."""
    run, figures = tier_overview()
    if run is None:
        return None
    members = reverse("admin:members_member_changelist")
    shown = [each for each in figures if each.tier.is_active or each.members]
    return Strip(run, [(each, f"{members}?{urlencode({'tier': each.tier.code})}") for each in shown])
