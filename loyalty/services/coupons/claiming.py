"""Claiming: a conditional update decides, so that neither the stock nor a member's limit is ever passed.

An attempt is one statement, whether it wins or not: the function `loyalty_claim` (migration 0003), which records the act
too. Claims of the same coupon wait for each other from its update to the commit.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from accounts.models import User
from audit.services import origin_of
from core.errors import ScrmError
from core.keys import blind_index
from loyalty.errors import CouponExhausted, CouponLimitReached, CouponNotOpen
from loyalty.models import Coupon
from loyalty.models.coupons import PURPOSE
from loyalty.rules.source import NOWHERE, Source
from loyalty.selectors.codes import code_of_place
from loyalty.services.coupons import soldout
from members.models import Member

CLAIM = """
SELECT outcome, number, until FROM loyalty_claim(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
NONCE_BITS = 63
TURNS = 3  # the same key at the same moment: the second one finds what the first one wrote
REFUSALS: dict[str, type[ScrmError]] = {
    "closed": CouponNotOpen,
    "exhausted": CouponExhausted,
    "limit": CouponLimitReached,
}


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """A coupon in a member's hands; `new` is False where the same claim was made before."""

    grant_id: int
    valid_until: datetime
    new: bool


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
    if not key and soldout.is_remembered(coupon.pk):
        raise CouponExhausted
    nonce = secrets.randbits(NONCE_BITS)
    lookup = blind_index(PURPOSE, code_of_place(f"grant:{nonce}"))
    values = (coupon.pk, member.pk, nonce, lookup, code_id, key, source.kind, source.id, now, origin_of(by))
    for _turn in range(TURNS):
        with connection.cursor() as cursor:
            cursor.execute(CLAIM, values)
            outcome, number, until = cursor.fetchone()
        if outcome == "exhausted" and code_id is None:
            soldout.remember(coupon.pk)
        if outcome in REFUSALS:
            raise REFUSALS[outcome]
        if outcome in {"granted", "same"}:
            return Claimed(grant_id=number, valid_until=until, new=outcome == "granted")
    raise CouponExhausted
