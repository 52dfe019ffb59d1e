"""Promises of a group: made, ended, and laid into the calendar as drafts."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from community.errors.value_plans import NothingToMake, PlanEnded, ValuePlanNotValid
from community.models import Group, ValuePlan
from community.models.value_plans import SOURCE_KIND
from community.selectors.value_plans import missing_slots
from content.models import ContentType, Slot
from content.services.slots import create_slot

LONGEST_TITLE, LONGEST_SLOT_TITLE = 60, 120
MOST_WEEKS, MOST_PROMISES = 8, 30


@dataclass(frozen=True, kw_only=True)
class Promised:
    """What was typed: None for what could not be read."""

    weekday: int | None
    time: time | None
    type: ContentType | None
    title: str
    begins_on: date | None


@transaction.atomic
def add_promise(*, group: Group, promised: Promised, by: User | None, now: datetime) -> ValuePlan:
    """One more thing that the group gets every week. Raises ValuePlanNotValid."""
    locked = Group.objects.select_for_update(of=("self",)).get(pk=group.pk)
    plan = _checked(locked, promised)
    plan.by, plan.created_at, plan.changed_at = by, now, now
    plan.save()
    changes: dict[str, list[Any]] = {
        "weekday": [None, plan.weekday],
        "time": [None, plan.time.isoformat()],
        "type": [None, plan.type.code],
    }
    record(by=by, action="community.add_promise", obj=plan, changes=changes, at=now)
    return plan


@transaction.atomic
def end_promise(*, plan: ValuePlan, by: User | None, now: datetime, reason: str = "") -> ValuePlan:
    """From tomorrow on it is promised no more; what lies in the calendar stays there. Raises PlanEnded."""
    locked = ValuePlan.objects.select_for_update().get(pk=plan.pk)
    if locked.ended_on is not None:
        raise PlanEnded
    locked.ended_on = max(timezone.localdate(now), locked.begins_on)
    locked.changed_at = now
    locked.save()
    changes = {"ended_on": [None, locked.ended_on.isoformat()]}
    record(by=by, action="community.end_promise", obj=locked, changes=changes, reason=reason[:300], at=now)
    return locked


@transaction.atomic
def make_slots(*, group: Group, weeks: int, by: User | None, now: datetime) -> list[Slot]:
    """Drafts in the calendar for what `missing_slots` names. Raises NothingToMake, ValuePlanNotValid or SlotNotSaved.

    They belong to the one who answers for the group. Two who ask at once make them once.
    """
    if not 1 <= weeks <= MOST_WEEKS:
        raise ValuePlanNotValid(fields={"weeks": [_("Between 1 and %(most)d weeks.") % {"most": MOST_WEEKS}]})
    locked = Group.objects.select_for_update(of=("self",)).select_related("owner").get(pk=group.pk)
    if not locked.is_active:
        raise ValuePlanNotValid(_("The group is closed."))
    gaps = missing_slots(locked, weeks=weeks, now=now)
    if not gaps:
        raise NothingToMake
    made = [
        create_slot(
            type=plan.type,
            title=f"{locked.name} · {plan.title}"[:LONGEST_SLOT_TITLE],
            planned_at=due,
            owner=locked.owner,
            source=(SOURCE_KIND, plan.pk),
            allow_overlap=True,  # other slots go to other groups
            by=by,
            now=now,
        )
        for plan, due in gaps
    ]
    record(by=by, action="community.make_slots", obj=locked, changes={"slots": [0, len(made)]}, at=now)
    return made


def _checked(group: Group, promised: Promised) -> ValuePlan:
    given = vars(promised) | {"title": promised.title.replace("\x00", "").strip()}
    faults = _unreadable(promised)
    if not 0 < len(given["title"]) <= LONGEST_TITLE:
        faults["title"] = [_("Between 1 and %(most)d characters.") % {"most": LONGEST_TITLE}]
    if not group.is_active:
        faults["title"] = [_("The group is closed.")]
    plan = ValuePlan(group=group, **given)
    if not faults:
        faults = _taken(plan)
    if faults:
        raise ValuePlanNotValid(fields=faults)
    return plan


def _unreadable(promised: Promised) -> dict[str, list[str]]:
    faults: dict[str, list[str]] = {}
    if promised.weekday not in range(7):
        faults["weekday"] = [_("Choose a weekday.")]
    if promised.time is None:
        faults["time"] = [_("Choose a time.")]
    if promised.type is None or not promised.type.is_active:
        faults["type"] = [_("Choose a type.")]
    if promised.begins_on is None:
        faults["begins_on"] = [_("Choose a day.")]
    return faults


def _taken(plan: ValuePlan) -> dict[str, list[str]]:
    running = ValuePlan.objects.filter(group=plan.group, ended_on=None)
    if running.filter(weekday=plan.weekday, time=plan.time).exists():
        return {"time": [_("The group is promised something at that hour already.")]}
    if running.count() >= MOST_PROMISES:
        return {"title": [_("At most %(most)d promises to one group.") % {"most": MOST_PROMISES}]}
    return {}
