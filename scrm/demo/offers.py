"""Offers of the demo brand: coupons that members claimed and used, prizes near the golden mix, one draw run, one open."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.enums import Role
from accounts.models import User
from compliance.models import Review
from compliance.services.reviews import approve
from loyalty.models import Coupon, CouponGrant, Draw, Prize
from loyalty.rules.source import Source
from loyalty.rules.terms import Terms
from loyalty.selectors.codes import codes_of
from loyalty.services import coupons as services
from loyalty.services import draws
from loyalty.services.prizes import save_prize
from members.models import Member

Say = Callable[[str], None]
DAY = timedelta(days=1)
PRIZES = (
    ("护肤公开课（线上）", "virtual", 99, 0, 60),
    ("会员季卡", "virtual", 68, 5, 30),
    ("修护精华正装", "physical", 399, 130, 20),
    ("洁面旅行装", "physical", 39, 12, 190),
)
CLAIMS, EVERY_USED, ENTRIES = 60, 3, 40


def offer(*, now: datetime, say: Say) -> None:
    """Once: where there is a coupon already, nothing is done."""
    author = User.objects.filter(role=Role.MARKETER).order_by("pk").first()
    legal = User.objects.filter(role=Role.LEGAL).order_by("pk").first()
    if Coupon.objects.exists() or author is None or legal is None:
        return
    began = now - 20 * DAY
    members = list(Member.objects.active().filter(registered_at__lt=began - DAY).order_by("-pk")[:CLAIMS])
    live = [_live(terms, author, legal, began) for terms in _terms(began)]
    _use(live[0], members, began)
    services.create_coupon(terms=_draft(now), by=author, now=now)
    prizes = [
        save_prize(name=name, kind=kind, value=Decimal(value), cost=Decimal(cost), stock=stock, by=author, now=began)
        for name, kind, value, cost, stock in PRIZES
    ]
    _drawn(prizes, members, author, legal, now)
    say(f"offered: {Coupon.objects.count()} coupons, {CouponGrant.objects.count()} claimed, 2 draws")


def _terms(began: datetime) -> list[Terms]:
    shared: dict[str, Any] = {"starts_at": began - DAY, "ends_at": began + 60 * DAY}
    return [
        Terms(
            name="双11满300减50",
            terms="满300元可用，每位会员限领一张，不与其他优惠券同享。",
            kind="amount",
            amount=Decimal(50),
            min_spend=Decimal(300),
            stock=80,
            **shared,
        ),
        Terms(
            name="新品精华85折",
            terms="限修护精华系列，最高减80元，领取后七日内有效。",
            kind="percent",
            percent=15,
            most=Decimal(80),
            stock=500,
            valid_days=7,
            stacking="groups",
            stack_group="单品",
            **shared,
        ),
        Terms(
            name="生日旅行装",
            terms="生日当月凭券到店领取洁面旅行装一份。",
            kind="gift",
            gift="洁面旅行装",
            gift_cost=Decimal(12),
            **shared,
        ),
    ]


def _draft(now: datetime) -> Terms:
    return Terms(
        name="年终满500减80",
        terms="满500元可用。",
        kind="amount",
        amount=Decimal(80),
        min_spend=Decimal(500),
        stock=300,
        starts_at=now + 10 * DAY,
        ends_at=now + 40 * DAY,
    )


def _live(terms: Terms, author: User, legal: User, at: datetime) -> Coupon:
    coupon = services.create_coupon(terms=terms, by=author, now=at)
    _approve(services.submit_coupon(coupon=coupon, by=author, now=at), legal, at)
    return services.launch_coupon(coupon=coupon, by=author, now=at)


def _approve(review: Review, legal: User, at: datetime) -> None:
    approve(review=review, digest=review.digest, by=legal, now=at)


def _use(coupon: Coupon, members: list[Member], began: datetime) -> None:
    """Claimed over some days; every third one used."""
    for place, member in enumerate(members):
        at = began + place * timedelta(hours=5)
        claimed = services.claim(coupon=coupon, member=member, source=Source("demo"), by=None, now=at)
        if place % EVERY_USED:
            continue
        code = codes_of([CouponGrant.objects.select_related("code").get(pk=claimed.grant_id)])[claimed.grant_id]
        services.redeem(
            code=code,
            member=member,
            order_no=f"D11-{place:04}",
            amount=Decimal(300 + 7 * place),
            store=None,
            by=None,
            now=at + DAY,
        )


def _drawn(prizes: list[Prize], members: list[Member], author: User, legal: User, now: datetime) -> None:
    """One draw run yesterday, one that takes entries until next week."""
    lines = [(prizes[2].pk, 2), (prizes[0].pk, 5), (prizes[3].pk, 10)]
    past = published_draw("双11会员抽奖", lines, now - 12 * DAY, author, legal)
    for member in members[:ENTRIES]:
        draws.enter(draw=past, member=member, by=None, now=now - 11 * DAY)
    draws.run_draw(draw=past, by=None, now=past.draws_at)
    present = published_draw("年终答谢抽奖", [(prizes[1].pk, 3), (prizes[2].pk, 3)], now - DAY, author, legal)
    for member in members[: ENTRIES // 2]:
        draws.enter(draw=present, member=member, by=None, now=now)


def published_draw(  # noqa: PLR0917  # what a line of the plan says
    name: str, lines: list[tuple[int, int]], opens: datetime, author: User, legal: User, days: int = 7
) -> Draw:
    """Its text approved, its rules published at the moment at which entries open; drawn a day after they close."""
    rules = draws.Rules(
        name=name,
        conditions="活动期间的会员均可参与，每位会员一次机会。",
        handing_over="开奖后七个工作日内联系中奖会员，到店或邮寄发放。",
        organiser="悦肤会（演示）有限公司，0571-0000 0000",
        opens_at=opens,
        closes_at=opens + days * DAY,
        draws_at=opens + (days + 1) * DAY,
        prizes=lines,
    )
    draw = draws.save_draw(rules=rules, by=author, now=opens)
    _approve(draws.submit_draw(draw=draw, by=author, now=opens), legal, opens)
    return draws.publish_draw(draw=draw, by=author, now=opens)
