"""What a member of each tier has brought since the beginning, from the snapshots of the tiers."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Subquery

from segments.models import Tier, TierSnapshot
from segments.selectors.tiers import plain_tiers

CENT = Decimal("0.01")


@dataclass(frozen=True)
class LifetimeValue:
    """Net ¥ per member now in the tier, None where nobody is."""

    tier: Tier
    members: int
    value: Decimal | None


@dataclass(frozen=True)
class LifetimeValues:
    day: date
    tiers: tuple[LifetimeValue, ...]


def lifetime_values(*, until: date | None = None) -> LifetimeValues | None:
    """As of the last day with a run (up to `until`); None before the first. Two queries."""
    rows = TierSnapshot.objects.all() if until is None else TierSnapshot.objects.filter(day__lte=until)
    latest = rows.order_by("-day").values("day")[:1]
    found = {row.tier: row for row in TierSnapshot.objects.filter(day=Subquery(latest))}
    if not found:
        return None
    day = next(iter(found.values())).day
    return LifetimeValues(day, tuple(_value(tier, found[tier.code]) for tier in plain_tiers() if tier.code in found))


def _value(tier: Tier, row: TierSnapshot) -> LifetimeValue:
    value = (row.lifetime_value / row.members).quantize(CENT) if row.members else None
    return LifetimeValue(tier, row.members, value)
