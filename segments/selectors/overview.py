"""The tier page in figures: people, movement, value, goals, as of the last run."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q, Subquery
from django.utils import timezone

from core.reading import read_once
from segments.models import GoalProgress, Tier, TierRun, TierSnapshot
from segments.selectors.definitions import latest_run
from segments.selectors.tiers import plain_tiers, tiers_in_order

MONTH = timedelta(days=30)
LOST_TIER = "silent"


@dataclass(frozen=True, kw_only=True)
class TierFigures:
    """One tier. `share` of all members in percent; `lifetime_value` net ¥ per member since the beginning.

    `members_before`: 30 days ago, None without a run that old; `joined` and `left`: moves of the 30 days.
    `goal` None: the tier has none, or nothing was measured yet.
    """

    tier: Tier
    members: int
    share: Decimal
    members_before: int | None
    joined: int
    left: int
    lifetime_value: Decimal | None
    revenue_30d: Decimal
    orders_30d: int
    buyers_30d: int
    goal: GoalProgress | None

    @property
    def change(self) -> int | None:
        return None if self.members_before is None else self.members - self.members_before


def tier_overview(*, criteria: bool = False) -> tuple[TierRun | None, list[TierFigures]]:
    """The last run and every tier in order of match, with its criteria if wanted.

    Four queries, five with criteria, none of them on facts or standings.
    """
    run, tiers = latest_run(), tiers_in_order() if criteria else plain_tiers()
    if run is None:
        return None, [_figures(tier) for tier in tiers]
    day = timezone.localtime(run.as_of).date()
    history: dict[str, list[TierSnapshot]] = {}
    for snapshot in month_of_snapshots(day):
        history.setdefault(snapshot.tier, []).append(snapshot)
    goals = _goals()
    return run, [
        _figures(tier, history.get(tier.code, []), day=day, goal=goals.get(tier.code), everybody=run.members)
        for tier in tiers
    ]


@read_once
def month_of_snapshots(day: date) -> list[TierSnapshot]:
    """Of the 30 days up to `day`, and of the last day with a run before them; by day."""
    earlier = TierSnapshot.objects.filter(day__lte=day - MONTH).order_by("-day").values("day")[:1]
    within = Q(day__gt=day - MONTH, day__lte=day) | Q(day=Subquery(earlier))
    return list(TierSnapshot.objects.filter(within).order_by("day"))


def _figures(
    tier: Tier,
    history: Sequence[TierSnapshot] = (),
    *,
    day: date | None = None,
    goal: GoalProgress | None = None,
    everybody: int = 0,
) -> TierFigures:
    """`history`: the tier's snapshots of a month by day, perhaps after one from before it."""
    month = [each for each in history if day and each.day > day - MONTH]
    before = next((each for each in history if each not in month), None)
    now = month[-1] if month and month[-1].day == day else None
    members = now.members if now else 0
    return TierFigures(
        tier=tier,
        members=members,
        share=(Decimal(100 * members) / everybody).quantize(Decimal("0.1")) if everybody else Decimal(0),
        members_before=before.members if before else None,
        joined=sum(each.joined for each in month),
        left=sum(each.left for each in month),
        lifetime_value=(now.lifetime_value / members).quantize(Decimal("0.01")) if now and members else None,
        revenue_30d=now.revenue_30d if now else Decimal(0),
        orders_30d=now.orders_30d if now else 0,
        buyers_30d=now.buyers_30d if now else 0,
        goal=goal if goal and goal.goal == tier.goal else None,
    )


def _goals() -> dict[str, GoalProgress]:
    """The latest measured."""
    latest = GoalProgress.objects.order_by("-day").values("day")[:1]
    return {each.tier: each for each in GoalProgress.objects.filter(day=Subquery(latest))}


@dataclass(frozen=True, kw_only=True)
class TierDay:
    """One tier on one local day, as of that day's last run."""

    day: date
    tier: str
    members: int
    joined: int
    left: int
    revenue_30d: Decimal


def tier_series(*, since: date, until: date) -> list[TierDay]:
    """Members and 30-day revenue by tier for every day with a run, `until` included."""
    rows = TierSnapshot.objects.filter(day__gte=since, day__lte=until).order_by("day", "tier")
    return [TierDay(**row) for row in rows.values("day", "tier", "members", "joined", "left", "revenue_30d")]
