"""Measuring what was published, counting when members are awake, and what the calendar does by itself."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import NoticeLevel, Role
from accounts.models import User
from accounts.services import send_notice
from audit.services import record
from content.enums import SlotState
from content.models import ActiveHours, CalendarSettings, Slot, SlotResult, Target
from content.rules.results import Facts, outcome
from content.selectors.cadence import RuleStanding, gaps
from content.selectors.results import facts_of
from content.selectors.slots import due_slots, overdue_slots, published_slots
from core.templatetags.scrm import moment_text

HOURS_DAYS = 28
STILL_MOVES = timedelta(days=45)
BATCH = 200
COUNT_HOURS = """
WITH counted AS (
    SELECT extract(hour FROM occurred_at AT TIME ZONE %(zone)s)::integer AS hour, count(*) AS times
    FROM timeline_interaction WHERE occurred_at >= %(first)s AND occurred_at < %(end)s GROUP BY 1
)
INSERT INTO content_activehours (day, days, hours, counted_at)
SELECT %(day)s, %(days)s, array(
    SELECT coalesce(counted.times, 0) FROM generate_series(0, 23) AS hour LEFT JOIN counted USING (hour) ORDER BY hour
), %(now)s
ON CONFLICT (day) DO UPDATE SET days = EXCLUDED.days, hours = EXCLUDED.hours, counted_at = EXCLUDED.counted_at
"""


@transaction.atomic
def count_active_hours(*, now: datetime) -> None:
    """One row for today: the interactions of the last four weeks by hour of the day where the brand is."""
    day = timezone.localdate(now, ZoneInfo(settings.TIME_ZONE))
    values: dict[str, Any] = {
        "zone": settings.TIME_ZONE,
        "first": now - timedelta(days=HOURS_DAYS),
        "end": now,
        "day": day,
        "days": HOURS_DAYS,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNT_HOURS, values)
    ActiveHours.objects.filter(day__lt=day - timedelta(days=90)).delete()


def measure_all(*, now: datetime) -> int:
    """Compute the results of everything published lately; what is whole is measured. Answers how many slots."""
    slots = published_slots(since=now - STILL_MOVES).select_related("type").prefetch_related("type__targets")
    numbers = list(slots.order_by("pk").values_list("pk", flat=True))
    for place in range(0, len(numbers), BATCH):
        measure(numbers[place : place + BATCH], now=now)
    return len(numbers)


@transaction.atomic
def measure(slot_ids: list[int], *, now: datetime) -> None:
    """The results of these published slots as of now, one row per metric that their type has a target for."""
    slots = list(
        Slot.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=slot_ids, published_at__isnull=False)
        .select_related("type")
        .prefetch_related("type__targets")
        .order_by("pk")
    )
    facts = facts_of(slots)
    results = [_result(slot, target, facts[slot.pk], now) for slot in slots for target in slot.type.targets.all()]
    SlotResult.objects.bulk_create(
        results,
        update_conflicts=True,
        unique_fields=["slot", "metric"],
        update_fields=["known", "value", "part", "base", "target", "reason", "as_of"],
    )
    for slot in slots:
        if slot.state == SlotState.PUBLISHED and now >= facts[slot.pk].due_at:
            slot.state, slot.measured_at = SlotState.MEASURED, now
            slot.save(update_fields=["state", "measured_at"])
            changes = {"state": ["published", "measured"]}
            record(by=None, action="content.slot.measure", obj=slot, changes=changes, at=now)


def _result(slot: Slot, target: Target, facts: Facts, now: datetime) -> SlotResult:
    found = outcome(target.metric, facts, now=now)
    return SlotResult(
        slot=slot,
        metric=target.metric,
        known=found.known,
        value=found.value,
        part=found.part,
        base=found.base,
        target=target.least,
        reason=found.reason,
        as_of=now,
    )


def watch(*, now: datetime) -> dict[str, int]:
    """What the clock does to the calendar: owners hear of slots that are due, and late ones are missed."""
    due = [slot for slot in due_slots(now=now).select_related("owner")[:BATCH] if _tell_due(slot, now)]
    patience = CalendarSettings.objects.get().patience
    missed = [
        number
        for number in overdue_slots(before=now - patience).values_list("pk", flat=True)[:BATCH]
        if _miss(number, now)
    ]
    return {"due": len(due), "missed": len(missed)}


def warn_of_gaps(*, now: datetime) -> int:
    """Tell marketers of every gap whose period ends soon. Answers how many notices are new.

    Once for each period and number missing: a gap that grows is told again.
    """
    people = list(User.objects.filter(role=Role.MARKETER, is_active=True))
    return sum(_tell_gap(gap, people, now) for gap in gaps(at=now, now=now) if gap.is_urgent(now))


def _tell_due(slot: Slot, now: datetime) -> int:
    return send_notice(
        to=[slot.owner],
        key=f"slot-{slot.pk}-due-{slot.planned_at.isoformat()}",
        title=_("Publish now: %(title)s") % {"title": slot.title},
        body=_("Planned for %(moment)s. Publish it by hand, then confirm it with its link.")
        % {"moment": moment_text(slot.planned_at, slot.planned_at + timedelta(days=2))},
        url=reverse("content:slot", args=(slot.pk,)),
        level=NoticeLevel.ACT,
        now=now,
    )


@transaction.atomic
def _miss(number: int, now: datetime) -> bool:
    """One transaction per slot: one that somebody is working on waits for the next time."""
    slot = overdue_slots(before=now).select_for_update(skip_locked=True).filter(pk=number).first()
    if slot is None:
        return False
    was, slot.state, slot.changed_at = slot.state, SlotState.MISSED, now
    slot.save(update_fields=["state", "changed_at"])
    record(by=None, action="content.slot.miss", obj=slot, changes={"state": [was, "missed"]}, at=now)
    return True


def _tell_gap(gap: RuleStanding, people: list[User], now: datetime) -> int:
    facts = {"name": gap.rule.name, "missing": gap.missing, "count": gap.rule.count}
    return send_notice(
        to=people,
        key=f"gap-{gap.rule.pk}-{gap.span.first.date().isoformat()}-{gap.missing}",
        title=_("%(name)s: %(missing)d of %(count)d missing") % facts,
        body=_("The period ends on %(day)s.") % {"day": moment_text(gap.last_day, now)},
        url=reverse("content:gap", args=(gap.rule.pk,)),
        level=NoticeLevel.WATCH,
        now=now,
    )
