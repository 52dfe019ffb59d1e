"""Coupons with their figures."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Prefetch, Q, QuerySet

from accounts.models import User
from compliance.models import Review
from loyalty.enums import CodeFault, CouponState
from loyalty.models import Coupon, CouponGrant, UncreditedCode
from members.models import Member


@dataclass(frozen=True, kw_only=True)
class StockFigures:
    """Pieces in all (None: no limit), in members' hands or used, used, and still to be claimed (None: no limit)."""

    total: int | None
    granted: int
    redeemed: int
    left: int | None


def stock(coupons: Iterable[Coupon | int]) -> dict[int, StockFigures]:
    """By number of the coupon, as the database has it now; one query."""
    numbers = [coupon.pk if isinstance(coupon, Coupon) else coupon for coupon in coupons]
    rows = Coupon.objects.filter(pk__in=numbers).values_list("pk", "stock", "granted", "redeemed")
    return {
        pk: StockFigures(
            total=total, granted=granted, redeemed=redeemed, left=None if total is None else total - granted
        )
        for pk, total, granted, redeemed in rows
    }


def coupons_in(state: str) -> QuerySet[Coupon]:
    """Those of one state, or all where there is no such state; the newest first."""
    rows = Coupon.objects.order_by("-pk")
    return rows.filter(state=state) if state in CouponState.values else rows


def counts_by_state() -> dict[str, int]:
    return {row["state"]: row["count"] for row in Coupon.objects.order_by().values("state").annotate(count=Count("pk"))}


def grants_of(coupon: Coupon, *, user: User) -> QuerySet[CouponGrant]:
    """What members hold of it that `user` may see, the latest first; an erased member's stay without her."""
    members = Member.objects.visible_to(user)
    seen = Q(member__isnull=True) | Q(member__in=members)
    rows = CouponGrant.objects.filter(seen, coupon=coupon).select_related("coupon", "code")
    return rows.prefetch_related(Prefetch("member", members)).order_by("-pk")


def coupons_of_member(member: Member, *, now: datetime, limit: int) -> list[CouponGrant]:
    """Hers: those that she can use first, by their end; then the others, the latest first."""
    rows = CouponGrant.objects.filter(member=member).select_related("coupon", "code").order_by("-pk")[: 10 * limit]
    return sorted(rows, key=lambda grant: (not is_usable(grant, now), end_of(grant) if is_usable(grant, now) else now))[
        :limit
    ]


def end_of(grant: CouponGrant) -> datetime:
    return grant.valid_until or grant.coupon.ends_at


def is_usable(grant: CouponGrant, now: datetime) -> bool:
    return grant.redeemed_at is None and end_of(grant) > now


def review_of(kind: str, object_id: int) -> Review | None:
    return Review.objects.filter(kind=kind, object_id=object_id).defer("parts").first()


def uncredited(since: datetime) -> dict[str, int]:
    """How many orders since then named a code that led nowhere, by reason."""
    rows = UncreditedCode.objects.filter(occurred_at__gte=since).order_by().values("fault").annotate(count=Count("pk"))
    return {str(CodeFault(row["fault"]).label): row["count"] for row in rows}
