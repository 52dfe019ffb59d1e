"""Whom of her members somebody should see to today, and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When, Window
from django.db.models.functions import Coalesce, RowNumber, TruncDate
from django.utils import timezone

from accounts.models import User
from compliance.selectors.restriction import not_restricted
from dashboards.enums import FollowUpKind
from dashboards.models import ChurnFlag, FollowUp
from loyalty.models import CouponGrant
from members.models import Member, born_on
from segments.models import Tier, TierChange

DAY = timedelta(days=1)
WEEK = 7 * DAY
COUPONS, SILENT = 3 * DAY, 14 * DAY
#: Tiers whose loss is worth a word.
VALUED = ("high_value", "potential")
MOST = 6
#: One more says that there are others.
READ = MOST + 1


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why to see to a member: `about` is the day it is about, `days` until then or of silence.

    `what` is the coupon, or the tiers that she went from and to.
    """

    member_id: int
    kind: FollowUpKind
    about: date
    days: int = 0
    what: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Group:
    """The first few of one reason with their members, the most urgent first; `more` says that there are others."""

    kind: FollowUpKind
    dues: list[tuple[Reason, Member]]
    more: bool


def follow_ups_for(user: User, *, now: datetime) -> list[Group]:
    """By reason, without those that were seen to. Six queries at most, however many members she has."""
    mine = Member.objects.visible_to(user).active()
    reasons = _reasons(mine, now)
    members = mine.in_bulk({reason.member_id for reason in reasons}) if reasons else {}
    return [_group(kind, list(dues), members) for kind, dues in groupby(reasons, key=lambda reason: reason.kind)]


def reasons_for(member: Member, *, now: datetime) -> list[Reason]:
    """What there is left to see to one member."""
    return _reasons(Member.objects.filter(pk=member.pk), now)


def _reasons(members: QuerySet[Member], now: datetime) -> list[Reason]:
    """The first few of each, the most urgent first. Data of a person that are only stored are put before nobody."""
    members = not_restricted(members).order_by()
    today = timezone.localdate(now)
    return [*_birthdays(members, today), *_coupons(members, now), *_fallen(members, now), *_silent(members, today)]


def _group(kind: FollowUpKind, reasons: list[Reason], members: dict[int, Member]) -> Group:
    dues = [(reason, members[reason.member_id]) for reason in reasons if reason.member_id in members]
    return Group(kind=kind, dues=dues[:MOST], more=len(dues) > MOST)


def _birthdays(members: QuerySet[Member], today: date) -> list[Reason]:
    """Within a week, today included, the nearest first; of 29 February on the 28th where the year has none."""
    week = [today + place * DAY for place in range(WEEK.days)]
    born = Case(*(When(_born_on(day), then=Value(day)) for day in week))
    rows = members.annotate(day=born).filter(~_done(FollowUpKind.BIRTHDAY, "day", member="pk"), day__isnull=False)
    return [
        Reason(member_id=pk, kind=FollowUpKind.BIRTHDAY, about=day, days=(day - today).days)
        for pk, day in rows.order_by("day", "pk").values_list("pk", "day")[:READ]
    ]


def _born_on(day: date) -> Q:
    found = born_on(day.month, day.day)
    if (day.month, day.day) == (2, 28) and (day + DAY).month == 3:  # noqa: PLR2004  # March
        found |= born_on(2, 29)
    return found


def _done(kind: FollowUpKind, about: str, *, member: str = "member") -> Exists:
    """Left out where they are read: among the first few there may be none but those."""
    return Exists(FollowUp.objects.filter(member=OuterRef(member), kind=kind, about=OuterRef(about)))


def _coupons(members: QuerySet[Member], now: datetime) -> Iterator[Reason]:
    """Unused ones that end within three days; one for each member and day."""
    rows = (
        CouponGrant.objects.filter(member__in=members, redeemed_at=None)
        .annotate(ends=Coalesce("valid_until", "coupon__ends_at"), day=TruncDate("ends"))
        .filter(~_done(FollowUpKind.COUPON, "day"), ends__gt=now, ends__lte=now + COUPONS)
        .annotate(nth=Window(RowNumber(), partition_by=(F("member"), F("day")), order_by=(F("ends"), F("pk"))))
        .filter(nth=1)
        .order_by("ends", "pk")
        .values_list("member", "day", "coupon__name")
    )
    today = timezone.localdate(now)
    for member, day, name in rows[:READ]:
        yield Reason(member_id=member, kind=FollowUpKind.COUPON, about=day, days=(day - today).days, what=(name,))


def _fallen(members: QuerySet[Member], now: datetime) -> Iterator[Reason]:
    """Moves of the last week from a valued tier to one that is tried later; the latest first."""
    tiers = {tier.code: tier for tier in Tier.objects.all()}
    falls = Q(pk__in=[])
    for left in (tiers[code] for code in VALUED if code in tiers):
        lower = [tier.code for tier in tiers.values() if tier.position > left.position]
        falls |= Q(from_tier=left.code, to_tier__in=lower)
    rows = (
        TierChange.objects.filter(falls, at__gte=now - WEEK, member__in=members)
        .annotate(day=TruncDate("at"))
        .filter(~_done(FollowUpKind.TIER_LOSS, "day"))
        .order_by("-at", "-pk")
        .values_list("member", "day", "from_tier", "to_tier")
    )
    for member, day, before, after in rows[:READ]:
        what = (str(tiers[before]), str(tiers[after]))
        yield Reason(member_id=member, kind=FollowUpKind.TIER_LOSS, about=day, what=what)


def _silent(members: QuerySet[Member], today: date) -> Iterator[Reason]:
    """Flagged within two weeks; the latest first."""
    flags = ChurnFlag.objects.filter(
        ~_done(FollowUpKind.SILENT, "since"), until=None, since__gt=today - SILENT, member__in=members
    ).order_by("-since", "-pk")
    for flag in flags[:READ]:
        days = (today - flag.seen).days - 1
        yield Reason(member_id=flag.member_id, kind=FollowUpKind.SILENT, about=flag.since, days=days)
