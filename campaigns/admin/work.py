"""What activities tell the page "Today": what ends soon, what waits for a step, what could not start in time."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import DecimalField, F, Q, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.models import Activity
from campaigns.selectors.settings import activity_settings
from core.registries import WorkItem, WorkSource, work
from core.templatetags.scrm import moment_text

SOON = timedelta(days=2)
MOST = 6


def waiting(user: Any, now: datetime) -> Iterator[WorkItem]:
    """Hers first: budgets that she may approve, activities whose time has come, those that end within two days."""
    yield from _late(now)
    if user.has_perm("campaigns.approve_budget"):
        yield from _budgets(user)
    yield from _ending(now)


def _late(now: datetime) -> Iterator[WorkItem]:
    for activity in Activity.objects.filter(state="approved", starts_at__lte=now + SOON).order_by("starts_at")[:MOST]:
        past = activity.starts_at is not None and activity.starts_at <= now
        yield WorkItem(
            state="act" if past else "watch",
            title=_("“%(name)s” is approved and not scheduled") % {"name": activity.name},
            detail=_("It was to start %(moment)s.") % {"moment": moment_text(activity.starts_at or now, now)},
            url=_page(activity),
            act=_("Start it or schedule it"),
        )


def _budgets(user: Any) -> Iterator[WorkItem]:
    others = ~Q(by=user) & ~Q(owner=user)
    limit = Coalesce(F("budget_limit"), Value(activity_settings().budget_limit, output_field=DecimalField()))
    waiting = Activity.objects.filter(others, state="in_review", budget__gt=limit, budget_approved_by=None)
    for activity in waiting.order_by("pk")[:MOST]:
        yield WorkItem(
            state="act",
            title=_("A budget waits for a second person: %(name)s") % {"name": activity.name},
            detail=f"¥{activity.budget:,.0f}",
            url=_page(activity),
            act=_("Look at the budget"),
        )


def _ending(now: datetime) -> Iterator[WorkItem]:
    soon = Activity.objects.filter(state="running", ends_at__lte=now + SOON).order_by("ends_at")
    for activity in soon[:MOST]:
        yield WorkItem(
            state="watch",
            title=_("“%(name)s” ends soon") % {"name": activity.name},
            detail=moment_text(activity.ends_at or now, now),
            url=_page(activity),
            act=_("See how it does"),
        )


def _page(activity: Activity) -> str:
    return reverse("campaigns:activity", args=(activity.pk,))


work.register(WorkSource(code="campaigns.activities", items=waiting, permission="campaigns.change_activity", order=40))
