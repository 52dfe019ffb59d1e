"""What the calendar puts before a marketer today: what is due, what was missed, where the cadence has gaps."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from content.enums import SlotState
from content.models import Slot
from content.selectors.cadence import gaps
from content.selectors.slots import due_slots
from core.registries import WorkItem, WorkSource, work
from core.templatetags.scrm import day_text, moment_text

MOST = 4
RECENT = timedelta(days=14)


def due(user: Any, now: datetime) -> Iterator[WorkItem]:
    """One's own slots whose time has come, then those that were missed lately."""
    for slot in due_slots(now=now).filter(owner=user)[:MOST]:
        yield WorkItem(
            state="act",
            title=_("“%(title)s” is due") % {"title": slot.title},
            detail=_("Planned for %(moment)s; waits for you to publish it.")
            % {"moment": moment_text(slot.planned_at, now)},
            url=reverse("content:slot", args=(slot.pk,)),
            act=_("Publish and confirm"),
        )
    missed = Slot.objects.filter(state=SlotState.MISSED, owner=user, planned_at__gte=now - RECENT)
    for slot in missed.order_by("-planned_at")[:MOST]:
        yield WorkItem(
            state="watch",
            title=_("“%(title)s” was not published") % {"title": slot.title},
            detail=moment_text(slot.planned_at, now),
            url=reverse("content:slot", args=(slot.pk,)),
            act=_("Plan it anew"),
        )


def missing(user: Any, now: datetime) -> Iterator[WorkItem]:
    """Gaps of the cadence; those whose period ends soon are urgent."""
    del user
    for gap in gaps(at=now, now=now):
        facts = {"name": gap.rule.name, "have": gap.standing.have, "count": gap.rule.count}
        yield WorkItem(
            state="act" if gap.is_urgent(now) else "watch",
            title=_("%(name)s: %(have)d of %(count)d planned") % facts,
            detail=_("%(missing)d missing until %(day)s")
            % {"missing": gap.missing, "day": day_text(gap.last_day, now)},
            url=reverse("content:gap", args=(gap.rule.pk,)),
            act=_("Fill the gap"),
        )


work.register(WorkSource(code="content.due", items=due, permission="content.publish_slot", order=20))
work.register(WorkSource(code="content.gaps", items=missing, permission="content.add_slot", order=30))
