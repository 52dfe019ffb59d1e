"""What share of silences is never broken, for everybody or some; and who is flagged now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, QuerySet

from accounts.enums import Reach
from accounts.models import User
from dashboards.models import ChurnFlag, InsightSettings, SilenceCurve
from dashboards.rules.silence_sql import LONGEST
from dashboards.rules.survival import Loss, loss_after
from members.models import Member

SHOWN_DAYS = 60
EVERYBODY = "all"
RECENT = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Silences:
    """Silences by their length, day 1 first; over `members` with a sign of life from `first_day` to `last_day`."""

    first_day: date
    last_day: date
    members: int
    returned: Sequence[int]
    unended: Sequence[int]
    counted_at: datetime

    @property
    def count(self) -> int:
        return sum(self.returned) + sum(self.unended)

    def loss(self, days: int, settings: InsightSettings) -> Loss:
        return loss_after(
            self.returned,
            self.unended,
            days=days,
            horizon=settings.horizon_days,
            least=settings.least_silences,
        )

    def losses(self, settings: InsightSettings) -> list[Loss]:
        """For every threshold from one day on."""
        return [self.loss(days, settings) for days in range(1, SHOWN_DAYS + 1)]


def silences_for(user: User, scope: str = EVERYBODY) -> Silences | None:
    """Those of `scope`; to whom not everybody is visible, those of her own stores whatever she asks for.

    None before the first count, and for a scope that has none. One query, two where she is held to stores.
    """
    if user.reach == Reach.ALL:
        return _together(list(SilenceCurve.objects.filter(scope=scope)))
    if user.reach != Reach.STORES:
        return None
    stores = [f"store:{store}" for store in user.own_stores().values_list("pk", flat=True)]
    return _together(list(SilenceCurve.objects.filter(scope__in=stores)))


def counted_scopes() -> set[str]:
    return set(SilenceCurve.objects.values_list("scope", flat=True))


def _together(curves: Sequence[SilenceCurve]) -> Silences | None:
    if not curves:
        return None
    return Silences(
        first_day=min(curve.first_day for curve in curves),
        last_day=max(curve.last_day for curve in curves),
        members=sum(curve.members for curve in curves),
        returned=[sum(curve.returned[day] for curve in curves) for day in range(LONGEST)],
        unended=[sum(curve.unended[day] for curve in curves) for day in range(LONGEST)],
        counted_at=min(curve.counted_at for curve in curves),
    )


def flags_of(members: QuerySet[Member] | None) -> QuerySet[ChurnFlag]:
    """Open flags of these members; None stands for everybody."""
    flags = ChurnFlag.objects.filter(until=None)
    return flags if members is None else flags.filter(member__in=members.order_by())


def ends_of(members: QuerySet[Member] | None, *, today: date) -> dict[str, int]:
    """How the flags ended that did so within 30 days, by `FlagEnd`."""
    flags = ChurnFlag.objects.filter(until__gt=today - RECENT)
    flags = flags if members is None else flags.filter(member__in=members.order_by())
    return dict(flags.order_by().values_list("ended").annotate(times=Count("pk")))
