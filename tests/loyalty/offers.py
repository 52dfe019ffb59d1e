"""Dull makers of coupons, prizes and draws."""

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.enums import Role
from accounts.models import User
from compliance.services.reviews import approve
from loyalty.models import Coupon, CouponGrant, Draw, Prize
from loyalty.rules.terms import Terms
from loyalty.services import coupons as services
from loyalty.services import draws
from loyalty.services.prizes import save_prize

#: 20:00 in Shanghai.
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
_numbers = itertools.count(1)


def author() -> User:
    return User.objects.filter(username="author").first() or User.objects.create_user(
        "author", role=Role.MARKETER, display_name="林可"
    )


def legal() -> User:
    return User.objects.filter(username="legal").first() or User.objects.create_user(
        "legal", role=Role.LEGAL, display_name="方正言"
    )


def terms(**values: Any) -> Terms:
    given: dict[str, Any] = {
        "name": "周年满减券",
        "terms": "每位会员限领一张。",
        "kind": "amount",
        "amount": Decimal(20),
        "min_spend": Decimal(100),
        "stock": 50,
        "starts_at": NOW - DAY,
        "ends_at": NOW + 30 * DAY,
    }
    return Terms(**{**given, **values})


def draft(**values: Any) -> Coupon:
    return services.create_coupon(terms=terms(**values), by=author(), now=NOW)


def approved(coupon: Coupon) -> Coupon:
    review = services.submit_coupon(coupon=coupon, by=author(), now=NOW)
    approve(review=review, digest=review.digest, by=legal(), now=NOW)
    return coupon


def live(**values: Any) -> Coupon:
    return services.launch_coupon(coupon=approved(draft(**values)), by=author(), now=NOW)


def code_of(grant_id: int) -> str:
    grant = CouponGrant.objects.select_related("code").get(pk=grant_id)
    return services.read_code(grant=grant, by=author(), now=NOW)


def prize(name: str = "", **values: Any) -> Prize:
    given: dict[str, Any] = {"kind": "physical", "value": Decimal(299), "cost": Decimal(120), "stock": 10}
    return save_prize(name=name or f"奖品{next(_numbers)}", by=None, now=NOW, **{**given, **values})


def rules(**values: Any) -> draws.Rules:
    given: dict[str, Any] = {
        "name": "周年抽奖",
        "conditions": "活动期间入会的会员均可参与，每人一次机会。",
        "handing_over": "开奖后七日内由门店发放。",
        "organiser": "悦肤会，0571-0000 0000",
        "opens_at": NOW,
        "closes_at": NOW + 7 * DAY,
        "draws_at": NOW + 8 * DAY,
    }
    if "prizes" not in values:
        values["prizes"] = ((prize().pk, 3),)
    return draws.Rules(**{**given, **values})


def draft_draw(**values: Any) -> Draw:
    return draws.save_draw(rules=rules(**values), by=author(), now=NOW)


def published(**values: Any) -> Draw:
    draw = draft_draw(**values)
    review = draws.submit_draw(draw=draw, by=author(), now=NOW)
    approve(review=review, digest=review.digest, by=legal(), now=NOW)
    return draws.publish_draw(draw=draw, by=author(), now=NOW)
