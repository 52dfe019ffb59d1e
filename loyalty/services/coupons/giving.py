"""Giving a coupon to many members by a few statements, within its stock and everybody's limit.

Ten thousand at once, each lot in a transaction with its own record, so that members who claim meanwhile wait for a lot
at most. The key makes it repeatable: a worker that was killed half-way goes on where it stopped.
"""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F, QuerySet

from accounts.models import User
from audit.services import record
from core.keys import indexer
from loyalty.enums import CodeSource, CouponState
from loyalty.errors import CouponNotOpen
from loyalty.models import Coupon
from loyalty.models.coupons import PURPOSE
from loyalty.rules.giving import DRAW, FREE_CODES, GIVE, NEXT, TABLE, TAKE_CODES
from loyalty.rules.source import Source
from loyalty.selectors.codes import code_of_place
from loyalty.selectors.giving import GivingPlan, judged_statement, plan_of_giving
from loyalty.services.coupons.claiming import NONCE_BITS
from members.models import Member

LOT = 10_000


def require_open(coupon: Coupon, *, now: datetime) -> None:
    """Raises CouponNotOpen unless members may have it now."""
    if coupon.state != CouponState.LIVE or not coupon.starts_at <= now < coupon.ends_at:
        raise CouponNotOpen


def give(
    *, coupon: Coupon, members: QuerySet[Member], source: Source, key: str, by: User | None, now: datetime
) -> GivingPlan:
    """One to each who can have one; answers how many got it, and why the others did not. Raises CouponNotOpen.

    Whoever has one by the same `key` gets no second one. Where the stock ends half-way, chance has chosen.
    """
    require_open(coupon, now=now)
    given = place = 0
    with _drawn(coupon, members, key):
        while True:
            lot, stored = _give_lot(coupon, place, source=source, key=key, by=by, now=now)
            given, place = given + stored, place + lot
            if not lot:
                break
    after = plan_of_giving(coupon=coupon, members=members, key=key)
    without = {**after.without, "had": after.without.get("had", 0) - given}
    return GivingPlan(would=given, without={why: count for why, count in without.items() if count})


@contextmanager
def _drawn(coupon: Coupon, members: QuerySet[Member], key: str) -> Iterator[None]:
    """Inside, the temporary table holds who can have one, in the order of the draw."""
    judged, values = judged_statement(coupon, members, key)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{TABLE}")
        cursor.execute(DRAW.format(judged=judged), [coupon.pk, *values])
    try:
        yield
    finally:
        if connection.is_usable() and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{TABLE}")


@transaction.atomic
def _give_lot(
    coupon: Coupon, place: int, *, source: Source, key: str, by: User | None, now: datetime
) -> tuple[int, int]:
    """How many members were looked at, and how many of them got one; (0, 0) at the end of members or stock."""
    coupon = Coupon.objects.select_for_update(no_key=True).get(pk=coupon.pk)
    require_open(coupon, now=now)
    room = LOT if coupon.stock is None else min(LOT, coupon.stock - coupon.granted)
    with connection.cursor() as cursor:
        cursor.execute(NEXT, [place, room])
        numbers = [number for (number,) in cursor.fetchall()]
        if not numbers:
            return 0, 0
        stored = _store(cursor, coupon, numbers, source=source, key=key, now=now)
    Coupon.objects.filter(pk=coupon.pk).update(granted=F("granted") + stored)
    changes: dict[str, list[Any]] = {"given": [None, stored], "source": [None, f"{source.kind} {source.id}"]}
    record(by=by, action="loyalty.give", obj=coupon, changes=changes, at=now)
    return len(numbers), stored


def _store(cursor: Any, coupon: Coupon, numbers: Sequence[int], *, source: Source, key: str, now: datetime) -> int:
    values: dict[str, Any] = {"coupon": coupon.pk, "key": key, "kind": source.kind, "source": source.id, "now": now}
    if coupon.code_source == CodeSource.CLAIM:
        nonces = [secrets.randbits(NONCE_BITS) for _number in numbers]
        index = indexer(PURPOSE)
        lookups = [index(code_of_place(f"grant:{nonce}")) for nonce in nonces]
        rows = {"members": list(numbers), "lookups": lookups, "codes": [None] * len(nonces), "nonces": nonces}
        cursor.execute(GIVE, {**values, **rows})
        return int(cursor.rowcount)
    cursor.execute(TAKE_CODES, [now, coupon.pk, len(numbers)])
    taken = cursor.fetchall()
    codes, lookups = [code for code, _lookup in taken], [bytes(lookup) for _code, lookup in taken]
    rows = {"members": list(numbers[: len(taken)]), "lookups": lookups, "codes": codes, "nonces": [None] * len(taken)}
    cursor.execute(GIVE, {**values, **rows})
    stored = int(cursor.rowcount)
    cursor.execute(FREE_CODES, [codes])
    return stored
