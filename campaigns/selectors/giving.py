"""Before a coupon is given to the whole audience of an activity."""

from datetime import datetime

from django.db.models import QuerySet

from campaigns.models import Activity, ActivityMember, ActivityOffer
from loyalty.models import Coupon, CouponGrant
from loyalty.selectors.giving import GivingPlan, plan_of_giving
from members.models import Member

#: The kind of source by which such coupons are told from those that members claimed.
GIVEN = "given"


def frozen_members(activity: Activity) -> QuerySet[Member]:
    return Member.objects.filter(pk__in=ActivityMember.objects.filter(activity=activity.pk).values("member"))


def key_of(activity: Activity) -> str:
    """By which a second giving of the same activity passes those over who have it."""
    return f"{GIVEN}:{activity.pk}"


def plan_for(offer: ActivityOffer, coupon: Coupon) -> GivingPlan:
    """How many of the frozen audience would get the coupon now, and why the others would not."""
    return plan_of_giving(coupon=coupon, members=frozen_members(offer.activity), key=key_of(offer.activity))


def given_since(offer: ActivityOffer, since: datetime) -> int:
    """How many members were given the coupon for the activity from a moment on, by however many workers."""
    given = CouponGrant.objects.filter(source_kind=GIVEN, source_id=offer.activity_id, coupon=offer.coupon_id)
    return given.filter(claimed_at__gte=since).count()
