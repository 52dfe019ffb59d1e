"""Where an activity stands before its start."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from campaigns.models import Activity, FestivalPlan
from campaigns.rules.checks import Check, Standing, checks_of
from campaigns.selectors.approval import needs_second_person
from content.models import Slot

BEFORE = ("draft", "in_review", "approved", "scheduled")
READY = ("approved", "scheduled", "published", "measured")


def slots_of(activity: Activity) -> QuerySet[Slot]:
    """Its own, and those that its festival's template laid for that year."""
    own = Q(source_kind="activity", source_id=activity.pk)
    plan = FestivalPlan.objects.filter(activity=activity).first()
    if plan:
        own |= Q(source_kind="festival", source_id=plan.template_id, pk__in=plan.slots)
    return Slot.objects.filter(own).order_by("planned_at", "pk")


def checks_for(activity: Activity, *, now: datetime) -> Sequence[Check]:
    """Nothing for one without a date, and nothing once it has started."""
    if activity.state not in BEFORE or activity.starts_at is None:
        return []
    unready = activity.offers.filter(
        Q(coupon__state__in=("draft", "paused")) | Q(draw__state__in=("draft", "stopped", "voided"))
    )
    before = slots_of(activity).filter(planned_at__lt=activity.starts_at).exclude(state="cancelled")
    standing = Standing(
        text=activity.text_approved,
        budget=not needs_second_person(activity),
        offers=not unready.exists() if activity.offers.exists() else None,
        content=not before.exclude(state__in=READY).exists() if before.exists() else None,
        schedule=activity.state == "scheduled",
    )
    return checks_of(standing, activity.starts_at, now, made=activity.created_at)
