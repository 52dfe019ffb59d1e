"""Giving a coupon to the whole audience of an activity: asked for by somebody, done by a worker."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts.enums import NoticeLevel
from accounts.models import User
from audit.services import record
from campaigns.enums import ActivityState
from campaigns.errors import ActivityStateWrong, NobodyToGive
from campaigns.models import ActivityOffer
from campaigns.selectors.giving import GIVEN, frozen_members, key_of, plan_for
from campaigns.services.approval import tell_owner
from core.errors import ScrmError
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
    """Do what was asked for; answers how many members got a coupon. Two workers at once harm nobody: each lot locks."""
    waiting = ActivityOffer.objects.filter(WAITING).select_related("activity", "coupon", "giving_by").order_by("pk")
    return sum(_give(offer, now=now) for offer in list(waiting))


def _give(offer: ActivityOffer, *, now: datetime) -> int:
    """The owner is told what came of it. What is refused meanwhile ends it."""
    activity = offer.activity
    try:
        coupon = _given_away(offer, now=now)
        source = Source(GIVEN, activity.pk)
        members = frozen_members(activity)
        done = give(coupon=coupon, members=members, source=source, key=key_of(activity), by=offer.giving_by, now=now)
    except ScrmError as refused:
        given, words = 0, str(refused)
    else:
        given, words = done.would, _("%(count)s members got it.") % {"count": f"{done.would:,}"}
    with transaction.atomic():
        ActivityOffer.objects.filter(pk=offer.pk).update(given_at=now)
        level = NoticeLevel.INFO if given else NoticeLevel.ACT
        tell_owner(activity, _("Coupon given to the audience: %(title)s"), level, now=now, body=words)
    return given


def _given_away(offer: ActivityOffer, *, now: datetime) -> Coupon:
    if offer.coupon is None or offer.activity.state != ActivityState.RUNNING:
        raise ActivityStateWrong
    require_open(offer.coupon, now=now)
    return offer.coupon
