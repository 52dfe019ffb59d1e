"""How far each tier's conversion goal is, measured once a day because it looks 60 days back."""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from segments.enums import Goal, Unobserved
from segments.models import GoalProgress, Tier, TierRun
from segments.selectors.definitions import latest_run
from segments.selectors.flow import TIER_AT
from segments.services.measuring import fetch

WINDOW = timedelta(days=30)
CENT = Decimal("0.01")
MOST = Decimal("9999999999.99")  # what the column holds: after sales of a cent a change has no sensible size


class Bought(NamedTuple):
    """What the members of one tier at the start of a window did in it."""

    members: int = 0
    buyers: int = 0
    orders: int = 0
    revenue: Decimal = Decimal(0)

    @property
    def order_value(self) -> Decimal:
        return self.revenue / self.orders

    @property
    def conversion(self) -> Decimal:
        return Decimal(100 * self.buyers) / self.members


@transaction.atomic
def measure_goals(*, again: bool = False) -> list[GoalProgress]:
    """Measure every goal as of the latest run, once for each local day unless `again`.

    Order value and conversion compare the last 30 days with the 30 before, each over the members that were in the
    tier when its window began; repurchase is the share of those who bought. First purchase: of those who registered
    60 to 30 days ago, who have had their 30 days. Where something is lacking there is a reason instead of a value.
    """
    run = latest_run()
    if run is None:
        return []
    day = timezone.localtime(run.as_of).date()
    if not again and GoalProgress.objects.filter(day=day).exists():
        return []
    progress = [_progress(tier, run, day) for tier in Tier.objects.filter(is_active=True).exclude(goal="")]
    fields = ["goal", "as_of", "target", "value", "now", "before", "sample", "reason"]
    return GoalProgress.objects.bulk_create(
        progress, update_conflicts=True, unique_fields=["day", "tier"], update_fields=fields
    )


def _progress(tier: Tier, run: TierRun, day: Any) -> GoalProgress:
    measured = MEASURES[Goal(tier.goal)](tier.code, run.as_of.astimezone(UTC))
    return GoalProgress(day=day, tier=tier.code, goal=tier.goal, as_of=run.as_of, target=tier.goal_target, **measured)


def bought(tier: str, start: datetime, end: datetime) -> Bought | None:
    """What members of `tier` at `start` did until `end`; None when the history does not reach back that far."""
    if not TierRun.objects.filter(as_of__lte=start).exists():
        return None
    ((members, buyers, orders, revenue),) = fetch(
        f"""
        SELECT count(*), count(*) FILTER (WHERE p.orders > 0), coalesce(sum(p.orders), 0), coalesce(sum(p.amount), 0)
        FROM ({TIER_AT}) t LEFT JOIN (
            SELECT member_id, count(*) FILTER (WHERE sold) AS orders, sum(amount) AS amount
            FROM timeline_purchase WHERE occurred_at >= %(at)s AND occurred_at < %(end)s GROUP BY member_id
        ) p ON p.member_id = t.member_id WHERE t.tier = %(tier)s
        """,
        {"at": start, "end": end, "tier": tier},
    )
    return Bought(members, buyers, int(orders), Decimal(revenue))


def _two_windows(tier: str, as_of: datetime) -> tuple[Bought | None, Bought | None]:
    middle = as_of - WINDOW
    return bought(tier, middle, as_of), bought(tier, middle - WINDOW, middle)


def _order_value(tier: str, as_of: datetime) -> dict[str, Any]:
    now, before = _two_windows(tier, as_of)
    if now is None or before is None:
        return _unobserved(Unobserved.NO_HISTORY)
    if not now.orders or not before.orders or before.revenue <= 0:
        return _unobserved(Unobserved.NO_ORDERS, sample=now.orders)
    return _change(now.order_value, before.order_value, sample=now.orders)


def _conversion(tier: str, as_of: datetime) -> dict[str, Any]:
    now, before = _two_windows(tier, as_of)
    if now is None or before is None:
        return _unobserved(Unobserved.NO_HISTORY)
    if not now.members or not before.members:
        return _unobserved(Unobserved.NO_MEMBERS, sample=now.members)
    if not before.buyers:
        return _unobserved(Unobserved.NO_ORDERS, sample=now.members)
    return _change(now.conversion, before.conversion, sample=now.members)


def _repurchase(tier: str, as_of: datetime) -> dict[str, Any]:
    now = bought(tier, as_of - WINDOW, as_of)
    if now is None:
        return _unobserved(Unobserved.NO_HISTORY)
    if not now.members:
        return _unobserved(Unobserved.NO_MEMBERS)
    return {"value": now.conversion.quantize(CENT), "sample": now.members}


def _first_purchase(_tier: str, as_of: datetime) -> dict[str, Any]:
    ((registered, bought_in_time),) = fetch(
        """
        SELECT count(*), count(*) FILTER (WHERE EXISTS (
            SELECT FROM timeline_purchase p
            WHERE p.member_id = s.member_id AND p.sold
                AND p.occurred_at >= s.known_at AND p.occurred_at < s.known_at + %(window)s
                AND p.occurred_at >= %(start)s AND p.occurred_at < %(end)s + %(window)s  -- no other months are read
        )) FROM segments_memberstanding s WHERE s.known_at >= %(start)s AND s.known_at < %(end)s
        """,
        {"start": as_of - 2 * WINDOW, "end": as_of - WINDOW, "window": WINDOW},
    )
    if not registered:
        return _unobserved(Unobserved.NO_NEWCOMERS)
    return {"value": (Decimal(100 * bought_in_time) / registered).quantize(CENT), "sample": registered}


def _marginal_cost(_tier: str, _as_of: datetime) -> dict[str, Any]:
    return _unobserved(Unobserved.NO_COSTS)


def _change(now: Decimal, before: Decimal, *, sample: int) -> dict[str, Any]:
    change = 100 * (now / before - 1)
    return {
        "value": max(-MOST, min(change, MOST)).quantize(CENT),
        "now": now.quantize(CENT),
        "before": before.quantize(CENT),
        "sample": sample,
    }


def _unobserved(reason: Unobserved, *, sample: int = 0) -> dict[str, Any]:
    return {"value": None, "reason": reason, "sample": sample}


MEASURES = {
    Goal.FIRST_PURCHASE: _first_purchase,
    Goal.ORDER_VALUE: _order_value,
    Goal.CONVERSION: _conversion,
    Goal.REPURCHASE: _repurchase,
    Goal.MARGINAL_COST: _marginal_cost,
}
