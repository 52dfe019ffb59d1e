"""Giving a coupon to the whole audience of an activity: asked for by somebody, done by a worker."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import NoticeLevel
from accounts.models import User
from audit.services import record
from campaigns.enums import ActivityState
from campaigns.errors import ActivityStateWrong, NobodyToGive
from campaigns.models import ActivityOffer
from campaigns.selectors.giving import GIVEN, frozen_members, given_since, key_of, plan_for
from campaigns.services.approval import tell_owner
from core.errors import ScrmError
from core.services.claims import claimed
from core.services.surprises import each_by_itself
from core.services.waking import wake_after_commit
from loyalty.models import Coupon
from loyalty.rules.source import Source
from loyalty.selectors.giving import GivingPlan
from loyalty.services.coupons import give, require_open

TASK = "campaigns.give"
QUEUE = "bulk"
WAITING = Q(giving_asked_at__isnull=False) & (Q(given_at=None) | Q(given_at__lt=F("giving_asked_at")))


@transaction.atomic
def ask_to_give(*, offer: ActivityOffer, by: User | None, now: datetime) -> GivingPlan:
    """Have the coupon given to the frozen audience; answers what will come of it. Asking twice at once is asking once.

    Raises ActivityStateWrong unless the activity runs and this is a coupon, CouponNotOpen, NobodyToGive. A worker is
    woken after the commit; should the message be lost, the beat's next one does it.
    """
    offer = ActivityOffer.objects.select_for_update(of=("self",)).select_related("activity", "coupon").get(pk=offer.pk)
    coupon = _given_away(offer, now=now)
    plan = plan_for(offer, coupon)
    if not plan.would:
        raise NobodyToGive
    if not is_waiting(offer):
        ActivityOffer.objects.filter(pk=offer.pk).update(giving_asked_at=now, giving_by=by)
        changes = {"coupon": [None, coupon.pk], "members": [None, plan.would]}
        record(by=by, action="campaigns.ask_to_give", obj=offer.activity, changes=changes, at=now)
        wake_after_commit(TASK, queue=QUEUE)
    return plan


def is_waiting(offer: ActivityOffer) -> bool:
    """Whether a worker is to give it, or is at it."""
    asked, given = offer.giving_asked_at, offer.given_at
    return asked is not None and (given is None or given < asked)


def give_asked(*, now: datetime) -> int:
    """Do what was asked for; answers how many members got a coupon. What another worker is at is left to it."""
    waiting = list(ActivityOffer.objects.filter(WAITING).order_by("pk").values_list("pk", flat=True))
    return sum(each_by_itself(waiting, lambda number: _give_alone(number, now=now)))


def _give_alone(number: int, *, now: datetime) -> int:
    """Looked up after the claim: whoever had it before may be done."""
    with claimed(TASK, number) as mine:
        waiting = ActivityOffer.objects.filter(WAITING, pk=number).select_related("activity", "coupon", "giving_by")
        offer = waiting.first() if mine else None
        return 0 if offer is None else _give(offer, now=now)


def _give(offer: ActivityOffer, *, now: datetime) -> int:
    """What is refused meanwhile ends it."""
    activity, refusal = offer.activity, ""
    asked = offer.giving_asked_at or now
    now = max(now, asked)  # another machine's clock may be a little ahead
    try:
        coupon = _given_away(offer, now=now)
        source = Source(GIVEN, activity.pk)
        members = frozen_members(activity)
        give(coupon=coupon, members=members, source=source, key=key_of(activity), by=offer.giving_by, now=now)
    except ScrmError as refused:
        refusal = str(refused)
    return _finish(offer, refusal, since=asked, now=now)


@transaction.atomic
def _finish(offer: ActivityOffer, refusal: str, *, since: datetime, now: datetime) -> int:
    """The owner is told once, and of everybody: also of those whom a worker that was killed half-way had given one."""
    activity = offer.activity
    given = given_since(offer, since)
    ActivityOffer.objects.filter(pk=offer.pk).update(given_at=now)
    told = ngettext("%(count)s member got it.", "%(count)s members got it.", given) % {"count": f"{given:,}"}
    words = told if given or not refusal else ""
    level = NoticeLevel.ACT if refusal or not given else NoticeLevel.INFO
    body = " ".join(filter(None, (refusal, words)))
    title = _("Coupon given to the audience: %(title)s")
    tell_owner(activity, title, level, now=now, body=body, about=f"offer-{offer.pk}-")
    return given


def _given_away(offer: ActivityOffer, *, now: datetime) -> Coupon:
    if offer.coupon is None or offer.activity.state != ActivityState.RUNNING:
        raise ActivityStateWrong
    require_open(offer.coupon, now=now)
    return offer.coupon
