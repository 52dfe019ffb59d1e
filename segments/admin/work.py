"""What tiers tell the page "Today": whether they are fresh, and where members are being lost."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core.registries import WorkItem, WorkSource, health, work
from core.templatetags.scrm import ago, figure, moment_text
from segments.models import TierRun
from segments.selectors.definitions import latest_run
from segments.selectors.overview import month_of_snapshots
from segments.selectors.tiers import tier_names

OLD = timedelta(hours=26)
WEEK = timedelta(days=7)
WORTH_SAYING = 0.02
VALUED = ("high_value", "potential")


def waiting(user: Any, now: datetime) -> Iterator[WorkItem]:
    """Tiers that are too old to be trusted; then the valued tier that shrank most within a week."""
    del user
    run = latest_run()
    if run is None:
        return
    if now - run.as_of > OLD:
        yield _too_old(run, now)
    yield from _largest_loss(timezone.localdate(run.as_of))


def _too_old(run: TierRun, now: datetime) -> WorkItem:
    return WorkItem(
        state="act",
        title=_("The tiers are old"),
        detail=_("Computed as of %(moment)s. New purchases and interactions do not count yet.")
        % {"moment": moment_text(run.as_of, now)},
        url=reverse("segments:tiers"),
        act=_("Compute the tiers"),
    )


def _largest_loss(today: date) -> Iterator[WorkItem]:
    """Between today's snapshot and the latest one at least a week old."""
    rows = [row for row in month_of_snapshots(today) if row.tier in VALUED and row.day >= today - 2 * WEEK]
    now = {row.tier: row.members for row in rows if row.day == today}
    before = {row.tier: row.members for row in rows if row.day <= today - WEEK}
    losses = [(before[tier] - now[tier], tier) for tier in now if before.get(tier)]
    lost, tier = max(losses, default=(0, ""))
    if not tier or lost < WORTH_SAYING * before[tier] or lost <= 0:
        return
    yield WorkItem(
        state="watch",
        title=_("%(tier)s: %(count)s fewer than a week ago") % {"tier": tier_names()[tier], "count": figure(lost)},
        detail=_("%(before)s then, %(now)s now.") % {"before": figure(before[tier]), "now": figure(now[tier])},
        url=f"{reverse('segments:flow')}?from={today - WEEK}&to={today}",
        act=_("See where they went"),
    )


def condition(user: Any, now: datetime) -> Iterator[WorkItem]:
    """The last run."""
    del user
    run = latest_run()
    if run is None:
        yield WorkItem(
            state="none", title=_("Tiers"), detail=_("not computed yet"), url=reverse("segments:tiers"), act=""
        )
        return
    age = now - run.as_of
    yield WorkItem(
        state="act" if age > OLD else "good",
        title=_("Tiers"),
        detail=_("as of %(ago)s, %(seconds)s s, %(moved)s moved")
        % {
            "ago": ago(age) if age < timedelta(hours=24) else moment_text(run.as_of, now),
            "seconds": f"{run.seconds:.1f}",
            "moved": figure(run.moved),
        },
        url=reverse("segments:tiers"),
        act="",
    )


work.register(WorkSource(code="segments.tiers", items=waiting, permission="segments.view_tier", order=20))
health.register(WorkSource(code="segments.tiers", items=condition, permission="segments.view_tier", order=10))
