"""The tier page in figures: people, movement, value, goals, as of the last run."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from segments.models import GoalProgress, MemberStanding, Tier, TierRun, TierSnapshot
from segments.selectors.definitions import latest_run
from segments.selectors.tiers import tiers_in_order

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


def tier_overview() -> tuple[TierRun | None, list[TierFigures]]:
    """The last run and every tier in order of match; six queries, none of them on facts or standings."""
    run, tiers = latest_run(), tiers_in_order()
    if run is None:
        return None, [_figures(tier) for tier in tiers]
    day = timezone.localtime(run.as_of).date()
    today, before = _snapshots(day), _snapshots(_day_before(day))
    moved = {
        tier: (joined, left)
        for tier, joined, left in TierSnapshot.objects.filter(day__gt=day - MONTH, day__lte=day)
        .values_list("tier")
        .annotate(Sum("joined"), Sum("left"))
    }
    goals = _goals()
    return run, [
        _figures(
            tier,
            now=today.get(tier.code),
            before=before.get(tier.code),
            moved=moved.get(tier.code, (0, 0)),
            goal=goals.get(tier.code),
            everybody=run.members,
        )
        for tier in tiers
    ]


def _figures(
    tier: Tier,
    *,
    now: TierSnapshot | None = None,
    before: TierSnapshot | None = None,
    moved: tuple[int, int] = (0, 0),
    goal: GoalProgress | None = None,
    everybody: int = 0,
) -> TierFigures:
    members = now.members if now else 0
    return TierFigures(
        tier=tier,
        members=members,
        share=(Decimal(100 * members) / everybody).quantize(Decimal("0.1")) if everybody else Decimal(0),
        members_before=before.members if before else None,
        joined=moved[0],
        left=moved[1],
        lifetime_value=(now.lifetime_value / members).quantize(Decimal("0.01")) if now and members else None,
        revenue_30d=now.revenue_30d if now else Decimal(0),
        orders_30d=now.orders_30d if now else 0,
        buyers_30d=now.buyers_30d if now else 0,
        goal=goal if goal and goal.goal == tier.goal else None,
    )


def _day_before(day: date) -> date | None:
    """The last day with a run that is at least 30 days back."""
    return TierSnapshot.objects.filter(day__lte=day - MONTH).order_by("-day").values_list("day", flat=True).first()


def _snapshots(day: date | None) -> dict[str, TierSnapshot]:
    return {each.tier: each for each in TierSnapshot.objects.filter(day=day)} if day else {}


def _goals() -> dict[str, GoalProgress]:
    """The latest measured."""
    day = GoalProgress.objects.order_by("-day").values_list("day", flat=True).first()
    return {each.tier: each for each in GoalProgress.objects.filter(day=day)} if day else {}


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


@dataclass(frozen=True, kw_only=True)
class NewAndLost:
    """Members first known on a local day, and members that fell silent by a run of that day."""

    day: date
    new: int
    lost: int


def new_and_lost(*, since: datetime, until: datetime) -> list[NewAndLost]:
    """Every local day of `[since, until)`, also those without anybody."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH new AS (
                SELECT (known_at AT TIME ZONE %(zone)s)::date AS day, count(*) AS n FROM segments_memberstanding
                WHERE known_at >= %(since)s AND known_at < %(until)s GROUP BY 1
            ), lost AS (
                SELECT (at AT TIME ZONE %(zone)s)::date AS day, count(*) AS n FROM segments_tierchange
                WHERE at >= %(since)s AND at < %(until)s AND to_tier = %(lost)s AND from_tier NOT IN ('', %(lost)s)
                GROUP BY 1
            )
            SELECT d.day::date, coalesce(new.n, 0), coalesce(lost.n, 0)
            FROM generate_series(
                (%(since)s AT TIME ZONE %(zone)s)::date,
                ((%(until)s - interval '1 microsecond') AT TIME ZONE %(zone)s)::date, interval '1 day'
            ) AS d(day) LEFT JOIN new ON new.day = d.day LEFT JOIN lost ON lost.day = d.day ORDER BY 1
            """,
            {"since": since, "until": until, "zone": timezone.get_current_timezone_name(), "lost": LOST_TIER},
        )
        return [NewAndLost(day=day, new=new, lost=lost) for day, new, lost in cursor.fetchall()]


def standings_of(member_ids: list[int]) -> dict[int, MemberStanding]:
    """One query; members that are in no run yet are left out."""
    return MemberStanding.objects.in_bulk(member_ids)
