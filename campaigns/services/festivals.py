"""A festival planned from its template: slots of the calendar, an activity with its dates, and the checks before it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from campaigns.enums import ActivityState, Form, Level
from campaigns.errors import ActivityNotValid
from campaigns.models import Activity, FestivalPlan
from campaigns.rules.plan import Plan
from campaigns.selectors.settings import activity_settings
from campaigns.services.activities import create_activity
from compliance.enums.consent import Channel
from content.enums import SlotState
from content.errors import PlanNotLaid
from content.models import FestivalTemplate, Slot
from content.selectors.calendar import midnight
from content.services.templates import lay

#: A festival is sold to for some days before its own.
LEAD_DAYS = 3


@dataclass(frozen=True, kw_only=True)
class PlannedFestival:
    """The draft, how many slots it has, and how many were left out because their day was over."""

    activity: Activity
    slots: int
    past: int


def planned_from(template: FestivalTemplate, year: int) -> Activity | None:
    """What was planned from it for that year, and not cancelled."""
    found = standing_plans().filter(template=template, year=year).select_related("activity").first()
    return found.activity if found else None


def standing_plans() -> QuerySet[FestivalPlan]:
    return FestivalPlan.objects.exclude(activity__state=ActivityState.CANCELLED)


@transaction.atomic
def plan_festival(
    *, template: FestivalTemplate, year: int, by: User, now: datetime, chinese: bool = True
) -> PlannedFestival:
    """All of it or nothing, once a year, wherever its slots are by now.

    After an activity that was cancelled it takes over the slots that stand, and lays them anew where none does. Raises PlanNotLaid as `content.services.templates.lay` does, ActivityNotValid without a festival.
    """
    FestivalTemplate.objects.select_for_update(of=("self",)).get(pk=template.pk)
    if planned_from(template, year) is not None:
        raise PlanNotLaid(fields={"year": [_("This festival has been planned for that year already.")]})
    festival = template.festival
    if festival is None:
        raise ActivityNotValid(fields={"template": [_("This template belongs to no festival.")]})
    slots, past = _standing_slots(template, year), 0
    if not slots:
        laid = lay(template=template, festival=festival, year=year, owner=by, by=by, now=now, chinese=chinese)
        slots, past = [slot.pk for slot in laid.slots], laid.past
    day = festival.day_in(year)
    if day is None:
        raise ActivityNotValid(fields={"year": [_("There is no such day in that year.")]})
    plan = Plan(
        name=f"{festival.name_zh if chinese else festival.name_en} {year}",
        level=Level.FESTIVAL,
        form=Form.OTHER,
        owner_id=by.pk,
        channel=Channel.WECOM,
        window_days=activity_settings().window_days,
        starts_at=midnight(day - timedelta(days=LEAD_DAYS)),
        ends_at=midnight(day + timedelta(days=festival.length)),
    )
    activity = create_activity(plan=plan, by=by, now=now)
    FestivalPlan.objects.update_or_create(template=template, year=year, defaults={"activity": activity, "slots": slots})
    return PlannedFestival(activity=activity, slots=len(slots), past=past)


def _standing_slots(template: FestivalTemplate, year: int) -> list[int]:
    """Of a plan whose activity was cancelled: the calendar keeps them until somebody cancels them there."""
    plan = FestivalPlan.objects.filter(template=template, year=year).first()
    rows = Slot.objects.filter(pk__in=plan.slots if plan else ()).exclude(state=SlotState.CANCELLED)
    return list(rows.order_by("pk").values_list("pk", flat=True))
