"""What offers put on the page "Today": coupons that run out, draws that wait to be run."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from core.registries import WorkItem, WorkSource, work
from core.templatetags.scrm import figure, moment_text
from loyalty.enums import CouponState, DrawState
from loyalty.models import Coupon, Draw
from loyalty.selectors.draws import VOIDABLE

LEFT = 0.1
LATE = timedelta(minutes=10)
MOST = 3


def waiting(user: Any, now: datetime) -> Iterator[WorkItem]:
    """Draws whose hour has passed, that are stopped, or wait for a second person; then live coupons that run out."""
    for draw in Draw.objects.filter(state=DrawState.PUBLISHED, draws_at__lte=now - LATE).order_by("draws_at")[:MOST]:
        yield WorkItem(
            state="act",
            title=_("“%(draw)s” has not been drawn") % {"draw": draw.name},
            detail=_("Promised for %(moment)s.") % {"moment": moment_text(draw.draws_at, now)},
            url=reverse("loyalty:draw", args=(draw.pk,)),
            act=_("Run the draw"),
        )
    for draw in Draw.objects.filter(state=DrawState.STOPPED, void_asked_at=None).order_by("draws_at")[:MOST]:
        yield WorkItem(
            state="act",
            title=_("“%(draw)s” is stopped") % {"draw": draw.name},
            detail=_("The text is not approved any more."),
            url=reverse("loyalty:draw", args=(draw.pk,)),
            act=_("See the draw"),
        )
    yield from _void_asked(user)
    short = Coupon.objects.filter(state=CouponState.LIVE, stock__gt=0, granted__gte=F("stock") * (1 - LEFT))
    for coupon in short.order_by("pk")[:MOST]:
        left = (coupon.stock or 0) - coupon.granted
        yield WorkItem(
            state="watch",
            title=(_("“%(coupon)s” is running out") if left else _("“%(coupon)s” is all given out"))
            % {"coupon": coupon.name},
            detail=_("%(left)s of %(total)s left") % {"left": figure(left), "total": figure(coupon.stock or 0)},
            url=reverse("loyalty:coupon", args=(coupon.pk,)),
            act=_("See the coupon"),
        )


def _void_asked(user: Any) -> Iterator[WorkItem]:
    """What somebody else wants to be void."""
    if not user.has_perm("loyalty.void_draw"):
        return
    asked = Draw.objects.filter(state__in=VOIDABLE, void_asked_at__isnull=False).exclude(void_asked_by=user)
    for draw in asked.order_by("void_asked_at")[:MOST]:
        yield WorkItem(
            state="act",
            title=_("“%(draw)s” is to be void: a second person decides") % {"draw": draw.name},
            detail=draw.void_reason,
            url=reverse("loyalty:draw", args=(draw.pk,)),
            act=_("See the draw"),
        )


work.register(WorkSource(code="loyalty.waiting", items=waiting, permission="loyalty.change_coupon", order=40))
