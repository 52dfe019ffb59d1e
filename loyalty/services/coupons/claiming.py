"""Claiming: a conditional update decides, so that neither the stock nor a member's limit is ever passed.

A refusal costs one reading. A claim is written by one statement whose update of the coupon comes last: claims of the
same coupon wait for each other from there to the commit only.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from accounts.models import User
from audit.services import Target, record
from core.keys import blind_index
from loyalty.enums import CodeSource, CouponState
from loyalty.errors import CouponExhausted, CouponLimitReached, CouponNotOpen
from loyalty.models import Coupon, CouponGrant
from loyalty.models.coupons import PURPOSE
from loyalty.rules.source import NOWHERE, Source
from loyalty.selectors.codes import code_of_place
from members.models import Member

READ = """
SELECT state, stock, granted, per_member, starts_at, ends_at, valid_days, code_source, held.most, held.same,
    nextval(pg_get_serial_sequence('loyalty_coupongrant', 'id'))
FROM loyalty_coupon AS coupon, LATERAL (
    SELECT coalesce(max(ordinal), 0) AS most, max(id) FILTER (WHERE key = %(key)s AND key <> '') AS same
    FROM loyalty_coupongrant WHERE coupon_id = coupon.id AND member_id = %(member)s
) AS held
WHERE coupon.id = %(coupon)s
"""
TAKE_CODE = """
picked AS (
    UPDATE loyalty_couponcode SET taken_at = %(now)s
    WHERE id = (
        SELECT id FROM loyalty_couponcode
        WHERE coupon_id = %(coupon)s AND taken_at IS NULL AND (%(code)s::bigint IS NULL OR id = %(code)s)
        ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
    ) RETURNING id, lookup
), """
NEW_CODE = "picked AS (SELECT NULL::bigint AS id, %(lookup)s::bytea AS lookup), "
GRANT = """
granted AS (
    INSERT INTO loyalty_coupongrant
        (id, coupon_id, member_id, ordinal, lookup, code_id, key, source_kind, source_id, claimed_at, valid_until)
    SELECT %(grant)s, %(coupon)s, %(member)s, %(ordinal)s, lookup, id, %(key)s, %(kind)s, %(source)s, %(now)s, %(until)s
    FROM picked
    ON CONFLICT DO NOTHING RETURNING coupon_id
), counted AS (
    UPDATE loyalty_coupon AS coupon SET granted = coupon.granted + 1 FROM granted
    WHERE coupon.id = granted.coupon_id AND coupon.state = 'live'
        AND coupon.starts_at <= %(now)s AND coupon.ends_at > %(now)s
        AND (coupon.stock IS NULL OR coupon.granted < coupon.stock)
    RETURNING coupon.id
)
SELECT (SELECT count(*) FROM picked), (SELECT count(*) FROM granted), (SELECT count(*) FROM counted)
"""
TURNS = 20


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """A coupon in a member's hands; `new` is False where the same claim was made before."""

    grant_id: int
    valid_until: datetime
    new: bool


@dataclass(frozen=True)
class _Found:
    """What one reading says; `valid_until` is that of a claim of now."""

    state: str
    stock: int | None
    granted: int
    per_member: int
    starts_at: datetime
    ends_at: datetime
    valid_days: int | None
    code_source: str
    held: int
    same: int | None
    next_id: int


class _Beaten(Exception):
    """Somebody was quicker between the reading and the writing: read again."""


def claim(
    *,
    coupon: Coupon,
    member: Member,
    now: datetime,
    by: User | None,
    source: Source = NOWHERE,
    key: str = "",
    code_id: int | None = None,
) -> Claimed:
    """Give one to the member. The same `key` for the same member gives the first one again.

    Raises CouponNotOpen, CouponExhausted, CouponLimitReached. `code_id` asks for one certain code of those made
    beforehand.
    """
    for _turn in range(TURNS):
        found = _read(coupon, member, key)
        if found.same is not None:
            return Claimed(grant_id=found.same, valid_until=_until_of(found.same), new=False)
        _require_open(found, now)
        try:
            return _write(coupon, member, found, now=now, by=by, source=source, key=key, code_id=code_id)
        except _Beaten:
            continue
    raise CouponExhausted


def _read(coupon: Coupon, member: Member, key: str) -> _Found:
    with connection.cursor() as cursor:
        cursor.execute(READ, {"coupon": coupon.pk, "member": member.pk, "key": key})
        return _Found(*cursor.fetchone())


def _require_open(found: _Found, now: datetime) -> None:
    if found.state != CouponState.LIVE or not found.starts_at <= now < found.ends_at:
        raise CouponNotOpen
    if found.stock is not None and found.granted >= found.stock:
        raise CouponExhausted
    if found.held >= found.per_member:
        raise CouponLimitReached


@transaction.atomic
def _write(
    coupon: Coupon,
    member: Member,
    found: _Found,
    *,
    now: datetime,
    by: User | None,
    source: Source,
    key: str,
    code_id: int | None,
) -> Claimed:
    """The record first: the coupon's row is locked by the last statement, until the commit."""
    target = Target(object_type="loyalty.coupongrant", object_id=found.next_id, label=coupon.name)
    record(by=by, action="loyalty.claim", obj=target, changes={"coupon": [None, coupon.pk]}, at=now)
    made = found.code_source == CodeSource.CLAIM
    until = now + timedelta(days=found.valid_days) if found.valid_days else None
    values: dict[str, Any] = {
        "coupon": coupon.pk,
        "member": member.pk,
        "grant": found.next_id,
        "ordinal": found.held + 1,
        "lookup": blind_index(PURPOSE, code_of_place(f"grant:{found.next_id}")) if made else None,
        "code": code_id,
        "key": key,
        "kind": source.kind,
        "source": source.id,
        "now": now,
        "until": until,
    }
    with connection.cursor() as cursor:
        cursor.execute("WITH " + (NEW_CODE if made else TAKE_CODE) + GRANT, values)
        picked, granted, counted = cursor.fetchone()
    if not (picked and granted and counted):
        raise _Beaten
    return Claimed(grant_id=found.next_id, valid_until=until or found.ends_at, new=True)


def _until_of(grant_id: int) -> datetime:
    grant = CouponGrant.objects.select_related("coupon").only("valid_until", "coupon__ends_at").get(pk=grant_id)
    return grant.valid_until or grant.coupon.ends_at
