"""Activities of the demo brand: one that runs, with a coupon, a draw and links; one that is over; two on their way.

They are lived through day by day with the moments of those days: members claim, enter, sign up and follow a link, their orders
of these days are credited by the same statements as any others.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Min
from django.utils import timezone

from accounts.models import User
from campaigns.enums import BotReason, ParticipationKind
from campaigns.models import Activity, ActivityMember, TrackedLink
from campaigns.rules.plan import Plan
from campaigns.services.activities import create_activity
from campaigns.services.attribution import credit_everybody
from campaigns.services.clicks import click
from campaigns.services.facts import TookPart, add_cost, record_participations
from campaigns.services.harvest import harvest
from campaigns.services.links import allow_host, create_link
from campaigns.services.running import end_due, launch, schedule, submit
from compliance.models import Review
from compliance.services.reviews import approve
from loyalty.models import Coupon, CouponGrant, Draw, Prize
from loyalty.rules.source import Source
from loyalty.rules.terms import Terms
from loyalty.selectors.codes import codes_of
from loyalty.services import coupons, draws
from members.models import Member
from scrm.demo.offers import published_draw
from segments.models import Audience
from segments.services import audiences
from timeline.models import Purchase

Say = Callable[[str], None]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SHOP = "mall.yuefuhui.example.com"
VALUED = {"all": [{"filter": {"tier": ["high_value", "potential", "new"]}}]}
SLEEPING = {"all": [{"filter": {"tier": ["silent", "regular"]}}]}
CLAIMS, USES, ENTRIES = 45, 15, 60
SIGN_UPS_PER_BUYER = 9  # one in ten of those who take part has an order: the band of everyday promotions
CLICKS = 140
READERS, READERS_WHO_BUY = 110, 9
#: Of the members meant, in percent: everyday promotions bring about a third, a win-back a few.
SIGNED_UP, WON_BACK = 30, 3


@dataclass(frozen=True)
class Cast:
    marketer: User
    admin: User
    legal: User


def run(*, now: datetime, say: Say) -> None:
    """Once: where there is an activity already, nothing is done."""
    if Activity.objects.exists():
        return
    cast = Cast(*(User.objects.get(username=name) for name in ("marketer", "admin", "legal")))
    valued = audiences.create(name="高价值与新客", rule=VALUED, by=cast.marketer, now=now, description="重点维护")
    sleeping = audiences.create(name="沉默与普通会员", rule=SLEEPING, by=cast.marketer, now=now, description="待唤醒")
    if not all(audiences.refresh(audience=audience, now=now).size for audience in (valued, sleeping)):
        say("no activities: nobody is in their audiences")
        return
    _over(cast, sleeping, now)
    running = _running(cast, valued, now)
    _on_their_way(cast, valued, sleeping, now)
    credited = credit_everybody(by=None, now=now)
    took_part = running.participations.count()
    say(
        f"lived through: {Activity.objects.count()} activities, {took_part} took part in one, {credited} orders credited"
    )


def _running(cast: Cast, audience: Audience, now: datetime) -> Activity:
    """Begun eight days ago, with a coupon, a draw, sign-ups, two links and what it cost so far."""
    began = now - 8 * DAY
    coupon, draw = _coupon(cast, began), _draw(cast, began)
    offers: dict[str, Any] = {"coupons": (coupon.pk,), "draws": (draw.pk,)}
    plan = _plan(cast, "换季护肤满减周", audience, began, now + 6 * DAY, budget=8_000, **offers)
    activity = _started(cast, plan, began)
    members = _meant_for(activity)
    buyers = _buyers(activity, members, began + HOUR)
    _claim(cast, coupon, activity, [*buyers[:USES], *_others(members, buyers)][:CLAIMS], began)
    _use(cast, coupon, began)
    _sign_up(activity, members, buyers, began, percent=SIGNED_UP)
    _enter(draw, members[:ENTRIES], began)
    harvest(activity, now=now)
    _spend(cast, activity, now, (("media", 1_180), ("goods", 420), ("making", 260)))
    _follow_links(cast, activity, began, now)
    return activity


def _over(cast: Cast, audience: Audience, now: datetime) -> None:
    """A win-back, three weeks ago, for ten days: sign-ups only."""
    began = now - 32 * DAY
    plan = _plan(cast, "老友回归礼", audience, began, began + 10 * DAY, budget=3_000, form="gift")
    activity = _started(cast, plan, began)
    members = _meant_for(activity)
    _sign_up(activity, members, _buyers(activity, members, began + HOUR)[:20], began, percent=WON_BACK)
    _answer(cast, activity, members, began)
    end_due(now=began + 10 * DAY)
    activity.refresh_from_db()
    _spend(cast, activity, now, (("goods", 1_500), ("media", 600)))


def _on_their_way(cast: Cast, valued: Audience, sleeping: Audience, now: datetime) -> None:
    """One scheduled for next week; one whose budget waits for a second person; a draft without its dates."""
    start = (timezone.localtime(now) + 7 * DAY).replace(hour=10, minute=0, second=0, microsecond=0)
    double = _plan(cast, "会员日双倍积分", valued, start, start + 3 * DAY, level="member", form="points", budget=6_000)
    schedule(activity=_approved(cast, double, now), by=cast.marketer, now=now)
    box = _plan(
        cast, "年货盲盒", valued, start + 20 * DAY, start + 34 * DAY, level="festival", form="blind_box", budget=80_000
    )
    _approved(cast, box, now)
    idea = _plan(cast, "春季焕新", sleeping, None, None, form="bundle", budget=None)
    create_activity(plan=idea, by=cast.marketer, now=now)


def _plan(
    cast: Cast,
    name: str,
    audience: Audience,
    start: datetime | None,
    end: datetime | None,
    *,
    budget: int | None,
    level: str = "daily",
    form: str = "discount",
    coupons: tuple[int, ...] = (),
    draws: tuple[int, ...] = (),
) -> Plan:
    return Plan(
        name=name,
        level=level,
        form=form,
        owner_id=cast.marketer.pk,
        channel="wecom",
        window_days=7,
        title=name,
        rules_text=f"{name}：活动期间，受邀会员可参与一次，优惠以页面所示为准，参与不影响其他会员权益。",
        audience_id=audience.pk,
        budget=None if budget is None else Decimal(budget),
        starts_at=start,
        ends_at=end,
        coupons=coupons,
        draws=draws,
    )


def _approved(cast: Cast, plan: Plan, now: datetime) -> Activity:
    activity = create_activity(plan=plan, by=cast.marketer, now=now)
    submit(activity=activity, by=cast.marketer, now=now)
    review = Review.objects.get(kind="activity", object_id=activity.pk)
    approve(review=review, digest=review.digest, by=cast.legal, now=now)
    activity.refresh_from_db()
    return activity


def _started(cast: Cast, plan: Plan, began: datetime) -> Activity:
    return launch(activity=_approved(cast, plan, began - DAY), by=cast.marketer, now=began)


def _coupon(cast: Cast, began: datetime) -> Coupon:
    terms = Terms(
        name="换季满减券",
        terms="满200元可用，每位会员限领一张，不与其他优惠券同享。",
        kind="amount",
        amount=Decimal(30),
        min_spend=Decimal(200),
        stock=60,
        starts_at=began - DAY,
        ends_at=began + 30 * DAY,
    )
    coupon = coupons.create_coupon(terms=terms, by=cast.marketer, now=began - DAY)
    review = coupons.submit_coupon(coupon=coupon, by=cast.marketer, now=began - DAY)
    approve(review=review, digest=review.digest, by=cast.legal, now=began - DAY)
    return coupon


def _draw(cast: Cast, began: datetime) -> Draw:
    """Three courses and seven travel sizes: the golden mix. Entries until the activity ends, drawn a day later."""
    course, size = (Prize.objects.filter(name__startswith=name).earliest("pk") for name in ("护肤公开课", "洁面旅行装"))
    lines = [(course.pk, 3), (size.pk, 7)]
    return published_draw("换季护肤会员抽奖", lines, began, cast.marketer, cast.legal, days=13)


def _enter(draw: Draw, members: Sequence[int], began: datetime) -> None:
    """A few on each day, the most on the first."""
    for place, member in enumerate(Member.objects.filter(pk__in=members).order_by("pk")):
        draws.enter(draw=draw, member=member, by=None, now=began + HOUR * (2 + place * place * 180 // ENTRIES**2))


def _meant_for(activity: Activity) -> list[int]:
    rows = ActivityMember.objects.filter(activity=activity.pk).order_by("member")
    return list(rows.values_list("member", flat=True))


def _buyers(activity: Activity, members: Sequence[int], since: datetime) -> list[int]:
    """Who of them ordered while it ran, in the order of their first orders."""
    orders = Purchase.objects.filter(kind="order", member__in=members, occurred_at__gte=since + DAY / 4)
    orders = orders.filter(occurred_at__lt=activity.ends_at).order_by()
    return list(
        orders.values("member").annotate(first=Min("occurred_at")).order_by("first").values_list("member", flat=True)
    )


def _others(members: Sequence[int], buyers: Sequence[int]) -> list[int]:
    known = set(buyers)
    return [number for number in members if number not in known]


def _sign_up(
    activity: Activity, members: Sequence[int], buyers: Sequence[int], began: datetime, *, percent: int
) -> None:
    """That part of the audience on the first days, a few of whom buy."""
    most = max(len(members) * percent // 100, 1)
    chosen_buyers = list(buyers)[: max(most // (SIGN_UPS_PER_BUYER + 1), 1)]
    chosen = [*chosen_buyers, *_others(members, buyers)[: max(most - len(chosen_buyers), 0)]]
    rows = [
        TookPart(
            member_id=number,
            kind=ParticipationKind.SIGN_UP,
            occurred_at=began + HOUR + (HOUR * 5 if place < len(chosen_buyers) else HOUR * (place * 7 % 150)),
        )
        for place, number in enumerate(chosen)
    ]
    record_participations(activity=activity, rows=rows, source="demo", by=None, now=began + 7 * DAY)


def _claim(cast: Cast, coupon: Coupon, activity: Activity, members: Sequence[int], began: datetime) -> None:
    source = Source(kind="activity", id=activity.pk)
    for place, member in enumerate(Member.objects.filter(pk__in=members).order_by("pk")):
        at = began + HOUR + timedelta(minutes=place)
        coupons.claim(coupon=coupon, member=member, by=cast.marketer, source=source, now=at)


def _use(cast: Cast, coupon: Coupon, began: datetime) -> None:
    """The first orders of those who have it use it up."""
    grants = list(CouponGrant.objects.filter(coupon=coupon).select_related("coupon", "code", "member").order_by("pk"))
    codes = codes_of(grants)
    for grant in grants:
        orders = Purchase.objects.filter(kind="order", member=grant.member, amount__gte=coupon.min_spend)
        order = (
            orders.filter(occurred_at__gt=grant.claimed_at, occurred_at__lt=began + 8 * DAY)
            .order_by("occurred_at")
            .first()
        )
        if order and grant.member:
            coupons.redeem(
                code=codes[grant.pk],
                member=grant.member,
                order_no=order.order_no,
                amount=order.amount,
                store=order.store,
                by=cast.marketer,
                now=order.occurred_at,
            )


def _spend(cast: Cast, activity: Activity, now: datetime, costs: Sequence[tuple[str, int]]) -> None:
    began = timezone.localdate(activity.started_at or now)
    for kind, amount in costs:
        add_cost(activity=activity, kind=kind, amount=Decimal(amount), day=began, by=cast.marketer, now=now)


def _follow_links(cast: Cast, activity: Activity, began: datetime, now: datetime) -> None:
    """A poster in the shops and an article; more on the first days, a program now and then."""
    allow_host(host=SHOP, note="线上商城", by=cast.admin, now=began)
    for name, channel, medium in (("门店海报", "门店", "poster"), ("公众号推文", "公众号", "article")):
        link = create_link(
            name=f"{activity.name} · {name}",
            target=f"https://{SHOP}/autumn",
            channel=channel,
            utm={"utm_source": channel, "utm_medium": medium, "utm_campaign": activity.name},
            activity=activity,
            by=cast.marketer,
            now=began,
        )
        _clicks(link, began, now)


def _clicks(link: TrackedLink, began: datetime, now: datetime) -> None:
    span = (now - began).total_seconds()
    for place in range(CLICKS):
        at = began + timedelta(seconds=span * (place / CLICKS) ** 1.6)
        click(code=link.code, member_id=None, bot=BotReason.AGENT if place % 11 == 0 else "", now=at)


def _answer(cast: Cast, activity: Activity, members: Sequence[int], began: datetime) -> None:
    """A link that each was sent under an address of her own: some follow it, a few of these shortly before an order."""
    allow_host(host=SHOP, note="线上商城", by=cast.admin, now=began)
    link = create_link(
        name=f"{activity.name} · 企微一对一",
        target=f"https://{SHOP}/return",
        channel="企微",
        utm={"utm_source": "企微", "utm_medium": "message", "utm_campaign": activity.name},
        activity=activity,
        by=cast.marketer,
        now=began,
    )
    orders = Purchase.objects.filter(kind="order", sold=True, member__in=members, occurred_at__lt=activity.ends_at)
    orders = orders.filter(occurred_at__gte=began + DAY / 4).order_by("occurred_at")
    bought = dict(orders.values_list("member", "occurred_at"))
    for number, at in list(bought.items())[:READERS_WHO_BUY]:
        click(code=link.code, member_id=number, bot="", now=at - HOUR / 2)
    for place, number in enumerate(_others(members, list(bought))[: READERS - READERS_WHO_BUY]):
        click(code=link.code, member_id=number, bot="", now=began + HOUR * (2 + place * 2))
