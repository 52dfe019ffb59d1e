"""Redeeming and giving back: each once, whoever asks how often, for one order at a time."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, connection, transaction

from accounts.models import Store, User
from audit.services import Target, record
from loyalty.enums import CouponState, Stacking
from loyalty.errors import (
    BelowMinimum,
    CodeOfAnother,
    CodeUnknown,
    CodeUsed,
    CouponExpired,
    NotRedeemed,
    NotStackable,
)
from loyalty.models import CouponCode, CouponGrant, CouponRedemption
from loyalty.rules.source import Source
from loyalty.selectors.codes import lookup_of
from loyalty.services.coupons.claiming import claim
from members.models import Member

REDEEM = """
WITH used AS (
    UPDATE loyalty_coupongrant SET redeemed_at = %(now)s WHERE id = %(grant)s AND redeemed_at IS NULL
    RETURNING id, coupon_id
), stored AS (
    INSERT INTO loyalty_couponredemption (grant_id, member_id, order_no, amount, stack_group, store_id, redeemed_at)
    SELECT id, %(member)s, %(order_no)s, %(amount)s, %(group)s, %(store)s, %(now)s FROM used RETURNING id
), counted AS (
    UPDATE loyalty_coupon AS coupon SET redeemed = coupon.redeemed + 1 FROM used WHERE coupon.id = used.coupon_id
)
SELECT id FROM stored
"""
RELEASE = """
WITH undone AS (
    UPDATE loyalty_couponredemption SET released_at = %(now)s WHERE id = %(redemption)s AND released_at IS NULL
    RETURNING grant_id
), back AS (
    UPDATE loyalty_coupongrant AS given SET redeemed_at = NULL FROM undone WHERE given.id = undone.grant_id
    RETURNING given.coupon_id
), counted AS (
    UPDATE loyalty_coupon AS coupon SET redeemed = coupon.redeemed - 1 FROM back WHERE coupon.id = back.coupon_id
)
SELECT count(*) FROM undone
"""
ALONE = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))"


@dataclass(frozen=True, kw_only=True)
class Redeemed:
    """One use; `new` is False where the same order had used the code before. `benefit` is None for a gift."""

    redemption_id: int
    grant: CouponGrant
    benefit: Decimal | None
    new: bool


def find_grant(code: str) -> CouponGrant | None:
    return CouponGrant.objects.select_related("coupon").filter(lookup=lookup_of(code)).first()


@transaction.atomic
def redeem(
    *,
    code: str,
    member: Member | None,
    order_no: str,
    amount: Decimal,
    store: Store | None,
    now: datetime,
    by: User | None,
) -> Redeemed:
    """Use a code for one order; the same order again answers the same. A printed code nobody claimed becomes hers.

    `member` None: whoever holds it. Raises CodeUnknown, CodeUsed, CodeOfAnother, CouponExpired, BelowMinimum,
    NotStackable.
    """
    grant = find_grant(code) or _claim_printed(code, member, now=now, by=by)
    if member is not None and grant.member_id != member.pk:
        raise CodeOfAnother
    done = grant.redemptions.filter(order_no=order_no).first()
    if done is not None:
        if done.released_at is not None:
            raise CodeUsed
        return Redeemed(redemption_id=done.pk, grant=grant, benefit=benefit_of(grant, amount), new=False)
    _require_usable(grant, amount, now)
    _require_stackable(grant, order_no)
    redemption_id = _write(grant, order_no=order_no, amount=amount, store=store, now=now)
    target = Target(object_type="loyalty.couponredemption", object_id=redemption_id, label=grant.coupon.name)
    record(by=by, action="loyalty.redeem", obj=target, changes={"grant": [None, grant.pk]}, at=now)
    return Redeemed(redemption_id=redemption_id, grant=grant, benefit=benefit_of(grant, amount), new=True)


@transaction.atomic
def release(*, code: str, order_no: str, now: datetime, by: User | None, reason: str = "") -> CouponGrant:
    """Give the coupon back because the order was given back: once, however often it is asked.

    Raises CodeUnknown or NotRedeemed. Its own time is not prolonged.
    """
    grant = find_grant(code)
    if grant is None:
        raise CodeUnknown
    redemption = grant.redemptions.filter(order_no=order_no).first()
    if redemption is None:
        raise NotRedeemed
    if release_redemption(redemption=redemption, now=now):
        target = Target(object_type="loyalty.couponredemption", object_id=redemption.pk, label=grant.coupon.name)
        record(by=by, action="loyalty.release", obj=target, reason=reason, changes={"grant": [grant.pk, None]}, at=now)
    grant.refresh_from_db()
    return grant


def release_redemption(*, redemption: CouponRedemption, now: datetime) -> bool:
    """Whether this call is the one that gave it back; the caller records it."""
    with connection.cursor() as cursor:
        cursor.execute(RELEASE, {"redemption": redemption.pk, "now": now})
        return bool(cursor.fetchone()[0])


def benefit_of(grant: CouponGrant, amount: Decimal) -> Decimal | None:
    """What an order of that amount costs less; None for a gift."""
    coupon = grant.coupon
    if coupon.amount is not None:
        return min(coupon.amount, amount)
    if coupon.percent is None:
        return None
    off = (amount * coupon.percent / 100).quantize(Decimal("0.01"))
    return off if coupon.most is None else min(off, coupon.most)


def _claim_printed(code: str, member: Member | None, *, now: datetime, by: User | None) -> CouponGrant:
    """A code that was handed out on paper belongs to whoever brings it."""
    free = CouponCode.objects.select_related("coupon").filter(lookup=lookup_of(code), taken_at=None).first()
    if free is None or member is None:
        raise CodeUnknown
    claimed = claim(coupon=free.coupon, member=member, source=Source("code"), code_id=free.pk, now=now, by=by)
    return CouponGrant.objects.select_related("coupon").get(pk=claimed.grant_id)


def _require_usable(grant: CouponGrant, amount: Decimal, now: datetime) -> None:
    coupon = grant.coupon
    if grant.redeemed_at is not None:
        raise CodeUsed
    if coupon.state == CouponState.DRAFT or (grant.valid_until or coupon.ends_at) <= now:
        raise CouponExpired
    if amount < coupon.min_spend:
        raise BelowMinimum(BelowMinimum.message % {"least": f"{coupon.min_spend:,.2f}"})


def _require_stackable(grant: CouponGrant, order_no: str) -> None:
    """Two coupons of one order are judged one after the other."""
    with connection.cursor() as cursor:
        cursor.execute(ALONE, [f"{grant.member_id} {order_no}"])
    others = CouponRedemption.objects.filter(member=grant.member_id, order_no=order_no, released_at=None)
    groups = set(others.values_list("stack_group", flat=True))
    if groups and (_group(grant) == "" or "" in groups or _group(grant) in groups):
        raise NotStackable


def _group(grant: CouponGrant) -> str:
    """Empty: alone in an order."""
    return grant.coupon.stack_group if grant.coupon.stacking == Stacking.GROUPS else ""


def _write(grant: CouponGrant, *, order_no: str, amount: Decimal, store: Store | None, now: datetime) -> int:
    values = {
        "grant": grant.pk,
        "member": grant.member_id,
        "order_no": order_no,
        "amount": amount,
        "group": _group(grant),
        "store": store.pk if store else None,
        "now": now,
    }
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(REDEEM, values)
            found = cursor.fetchone()
    except IntegrityError:
        raise CodeUsed from None
    if found is None:
        raise CodeUsed
    return int(found[0])
