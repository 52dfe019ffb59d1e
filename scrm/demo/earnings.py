"""What the KOC of the demo brand did and earned: tasks delivered, orders shared, paid out, one refunded afterwards.

Everything goes by the services of the product, with the moments of those days.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from accounts.models import User
from community.enums.koc import KocLevel, KocState
from community.enums.ugc import UgcState
from community.models import Delivery, Koc, ShareRule, Task, Ugc
from community.rules.levels import reaches
from community.services.benefits import add_benefit, give_benefit
from community.services.handing_in import (
    Piece,
    accept_task,
    approve_delivery,
    deliver,
    return_delivery,
)
from community.services.payouts import confirm_payout, make_payout
from community.services.sharing import RuleIn, add_rule, settle_due, share_everybody
from community.services.tasks_of_koc import TaskIn, create_task, open_task
from community.services.ugc import submit_ugc, use_ugc
from compliance.models import Review
from compliance.services.reviews import approve
from core.errors import ScrmError
from loyalty.models import Coupon
from members.models import Member
from timeline.services import PurchaseLineIn, record_purchases

Say = Callable[[str], None]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SOURCE = "mall"
RATE, ORDER_CAP, MONTH_CAP = Decimal("0.08"), Decimal(80), Decimal(3000)
ORDERS, EVERY_REFUNDED = 36, 9
TAKEN, OPEN_TAKEN = 14, 6
GOODS = (
    ("YF-S01", "悦肤 烟酰胺亮肤精华 30ml", 239),
    ("YF-F01", "悦肤 神经酰胺修护霜 50g", 269),
    ("YF-M02", "悦肤 玻尿酸补水面膜 10片", 99),
)
WORDS = (
    "用了两周，换季起皮的地方好多了，质地很轻，早上化妆也不搓泥。",
    "混油皮，鼻翼不紧绷，晚上薄薄一层就够，香味很淡。",
    "给妈妈也买了一瓶，她说推开很快，没有黏感。",
    "敏感期先在耳后试了三天，没有泛红，再上全脸。",
)


@dataclass(frozen=True)
class Cast:
    marketer: User
    admin: User
    legal: User


def run(*, now: datetime, say: Say) -> None:
    """Once: where there is a rule of the share already, or no KOC, nothing is done."""
    if ShareRule.objects.exists():
        return
    kocs = list(Koc.objects.filter(state=KocState.ACTIVE).order_by("pk"))
    if not kocs:
        say("no earnings: there is no KOC")
        return
    cast = Cast(*(User.objects.get(username=name) for name in ("marketer", "admin", "legal")))
    began = max(koc.level_since or koc.invited_at for koc in kocs)
    deliveries = _past_task(cast, kocs, began, now) + _open_task(cast, kocs, now)
    pieces = _library(cast, now)
    _benefit(cast, now)
    shared = _shares(cast, kocs, began, now)
    say(f"earned: {deliveries} deliveries, {pieces} pieces of UGC in use, {shared} orders with a share, one pay-out")


def _past_task(cast: Cast, kocs: Sequence[Koc], began: datetime, now: datetime) -> int:
    """Delivered and approved by most, returned to one, late from one; nothing came from two."""
    due = began + (now - began) / 2
    task = _task(cast, "秋冬修护真实体验", began, due, seats=TAKEN, reward=Decimal(50))
    seats = _seats(task, kocs[:TAKEN], began + HOUR)
    for place, seat in enumerate(seats[: max(len(seats) - 2, 1)]):
        at = due + DAY if place == 1 else began + (due - began) * (place + 1) / (TAKEN + 2)
        handed = deliver(delivery=seat, piece=Piece(text=WORDS[place % len(WORDS)]), by=cast.marketer, now=at)
        if place == 2:  # noqa: PLR2004  # the third one
            return_delivery(delivery=handed, reason="请去掉价格，只写感受。", by=cast.marketer, now=at + DAY)
        else:
            approve_delivery(delivery=handed, by=cast.marketer, now=at + HOUR)
    return len(seats)


def _open_task(cast: Cast, kocs: Sequence[Koc], now: datetime) -> int:
    """Half of those who took it have handed in; what they did waits to be looked at."""
    task = _task(cast, "年终好物分享", now - 3 * DAY, now + 6 * DAY, seats=30, reward=Decimal(80))
    seats = _seats(task, kocs[:OPEN_TAKEN], now - 2 * DAY)
    for place, seat in enumerate(seats[::2]):
        deliver(delivery=seat, piece=Piece(text=WORDS[-1 - place % len(WORDS)]), by=None, now=now - (place + 1) * HOUR)
    return len(seats)


def _task(cast: Cast, title: str, at: datetime, due: datetime, *, seats: int, reward: Decimal) -> Task:
    brief = "写下三句真实感受：什么肤质、用了多久、哪里不一样。不写功效承诺，不写价格。"
    given = TaskIn(
        title=title,
        brief=brief,
        wish="text",
        level=KocLevel.CO_CREATION,
        owner_id=cast.marketer.pk,
        due_at=due,
        seats=seats,
        reward_amount=reward,
    )
    return open_task(task=create_task(task=given, by=cast.marketer, now=at), by=cast.marketer, now=at)


def _seats(task: Task, kocs: Sequence[Koc], at: datetime) -> list[Delivery]:
    return [accept_task(task=task, koc=koc, by=None, now=at) for koc in kocs]


def _library(cast: Cast, now: datetime) -> int:
    """Half of what came is approved by the legal reviewer; two pieces are materials."""
    pieces = list(Ugc.objects.filter(state=UgcState.OFFERED, consent_event__isnull=False).order_by("pk"))
    for piece in pieces[: len(pieces) // 2]:
        try:
            submit_ugc(ugc=piece, by=cast.marketer, now=now - 2 * DAY)
        except ScrmError:
            continue  # the lexicon does not let it pass: it stays offered
        review = Review.objects.get(kind="ugc", object_id=piece.pk)
        approve(review=review, digest=review.digest, by=cast.legal, now=now - DAY)
    approved = list(Ugc.objects.filter(state=UgcState.APPROVED).order_by("pk")[:2])
    for piece in approved:
        use_ugc(ugc=piece, by=cast.marketer, now=now - HOUR)
    return len(approved)


def _benefit(cast: Cast, now: datetime) -> None:
    """A coupon that is live, for the second level and above."""
    coupon = Coupon.objects.filter(state="live", starts_at__lte=now, ends_at__gt=now).order_by("pk").first()
    if coupon is None:
        return
    benefit = add_benefit(
        name="KOC 优先体验券", level=KocLevel.PRIORITY, coupon=coupon, period="once", by=cast.marketer, now=now
    )
    try:
        give_benefit(benefit=benefit, by=cast.marketer, now=now)
    except ScrmError:
        return  # nobody of that level yet


def _shares(cast: Cast, kocs: Sequence[Koc], began: datetime, now: datetime) -> int:
    """Orders of others with a code; the older ones settled and paid, one of them refunded since."""
    rule = RuleIn(rate=RATE, order_cap=ORDER_CAP, month_cap=MONTH_CAP, valid_from=began, reason="商业分成试行")
    add_rule(rule=rule, by=cast.marketer, now=began)
    sharing = [koc for koc in kocs if reaches(koc.level, KocLevel.REVENUE_SHARE)]
    if not sharing:
        return 0
    taken = [koc.member_id for koc in kocs if koc.member_id]
    buyers = list(Member.objects.active().exclude(pk__in=taken).order_by("-pk").values_list("pk", flat=True)[:ORDERS])
    for place, buyer in enumerate(buyers):
        at = began + (now - began) * (place + 1) / (ORDERS + 2)
        _order(buyer, sharing[place % len(sharing)], place, at)
        if place % EVERY_REFUNDED == 4 and at + 6 * DAY < now:  # noqa: PLR2004  # one in nine
            _order(buyer, None, place, at + 6 * DAY, quantity=-1)
    paid_at = now - 8 * DAY
    booked = share_everybody(by=None, now=paid_at)
    if settle_due(now=paid_at):
        payout = make_payout(by=cast.marketer, now=paid_at)
        confirm_payout(payout=payout, reference=f"YF-{paid_at:%Y%m%d}-01", by=cast.admin, now=paid_at + DAY)
        _order(buyers[0], None, 0, now - 2 * DAY, quantity=-1)
    share_everybody(by=None, now=now)
    settle_due(now=now)
    return booked.orders


def _order(member_id: int, koc: Koc | None, place: int, at: datetime, *, quantity: int = 1) -> None:
    code, name, price = GOODS[place % len(GOODS)]
    line = PurchaseLineIn(
        line_no=1,
        member_id=member_id,
        source=SOURCE,
        order_no=f"KOC-{place:04}",
        line_at=at.replace(microsecond=0),
        product_code=code,
        product_name=name,
        quantity=Decimal(quantity),
        unit_price=Decimal(price),
        channel="小程序",
        referral_code=(koc.referral_code or "") if koc else "",
    )
    record_purchases(rows=[line], now=at)
