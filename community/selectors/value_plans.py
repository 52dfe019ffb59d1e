"""Value plans of a group: kept, planned and missing by week, and what became of the group since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet, Sum
from django.utils import timezone

from community.models import Group, GroupDay, ValuePlan
from community.models.value_plans import SOURCE_KIND
from community.rules.value_plan import WEEK, Change, Kept, Promise, Standing, change, monday_of, standings
from community.selectors.unknown_days import unknown_days
from content.models import Slot
from content.models.slots import PUBLISHED

WEEKS_BACK, WEEKS_AHEAD = 4, 4
MOST_DAYS, LEAST_DAYS = 28, 7


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One promise with its weeks; None where it was not promised in that week."""

    plan: ValuePlan
    weeks: tuple[Standing | None, ...]


@dataclass(frozen=True, slots=True)
class PlanTable:
    mondays: tuple[date, ...]
    lines: tuple[PlanLine, ...]

    def counted(self, monday: date) -> Mapping[str, int]:
        """How many promises of a week stand how, and `all` of them."""
        counts: dict[str, int] = {"all": 0}
        for line in self.lines:
            for week in line.weeks:
                if week is not None and week.monday == monday:
                    counts[week.state] = counts.get(week.state, 0) + 1
                    counts["all"] += 1
        return counts


def plans_of(group: Group) -> QuerySet[ValuePlan]:
    return ValuePlan.objects.filter(group=group).select_related("type")


def plan_table(group: Group, *, now: datetime, back: int = WEEKS_BACK, ahead: int = WEEKS_AHEAD) -> PlanTable:
    """Promises in force in these weeks, this week among them; two queries."""
    this = monday_of(timezone.localdate(now))
    mondays = tuple(this + place * WEEK for place in range(-back, ahead + 1))
    plans = list(plans_of(group))
    found = _standings(plans, mondays, now=now)
    by_plan = {(each.promise, each.monday): each for each in found}
    lines = (PlanLine(plan, tuple(by_plan.get((plan.pk, monday)) for monday in mondays)) for plan in plans)
    return PlanTable(mondays, tuple(line for line in lines if any(line.weeks)))


def missing_slots(group: Group, *, weeks: int, now: datetime) -> list[tuple[ValuePlan, datetime]]:
    """Promises still to come in this week and the next ones, without a slot; in the order of time."""
    this = monday_of(timezone.localdate(now))
    plans = list(plans_of(group).filter(ended_on=None))
    found = _standings(plans, [this + place * WEEK for place in range(weeks + 1)], now=now)
    end = now + weeks * WEEK
    by_number = {plan.pk: plan for plan in plans}
    gaps = [(by_number[each.promise], each.due) for each in found if each.state == "missing" and each.due <= end]
    return sorted(gaps, key=lambda gap: gap[1])


def _standings(plans: Sequence[ValuePlan], mondays: Sequence[date], *, now: datetime) -> list[Standing]:
    zone = timezone.get_default_timezone()
    promises = [Promise(plan.pk, plan.weekday, plan.time, plan.begins_on, plan.ended_on) for plan in plans]
    first = datetime.combine(mondays[0], datetime.min.time(), zone)
    end = datetime.combine(mondays[-1] + WEEK, datetime.min.time(), zone)
    slots = Slot.objects.filter(
        source_kind=SOURCE_KIND,
        source_id__in=[plan.pk for plan in plans],
        planned_at__gte=first,
        planned_at__lt=end,
    ).order_by("planned_at", "pk")
    kept = [Kept(slot.pk, slot.source_id or 0, slot.planned_at, slot.state) for slot in slots]
    return list(standings(promises, kept, mondays, zone=zone, at=now))


@dataclass(frozen=True, slots=True)
class Awakening:
    """Messages a day before the first value was published and since, beside groups of its type without a plan.

    Up to the last day of which anybody told, and beside those groups alone that are known as far. `on_value_days` and `on_other_days` are means over the days since.
    """

    began: date
    messages: Change
    speakers: Change
    peers: int
    peers_messages: Change
    on_value_days: float | None
    on_other_days: float | None
    value_days: int
    other_days: int
    low: int
    high: int


def awakening(group: Group, *, now: datetime) -> Awakening | None:
    """None before anything of the plan was published."""
    days = _published_days(group)
    if not days:
        return None
    began, known_to = min(days), _known_to([group], timezone.localdate(now))[group.pk]
    figures = list(GroupDay.objects.filter(group=group, day__gte=began - timedelta(days=MOST_DAYS), day__lt=known_to))
    messages = {each.day: each.messages for each in figures}
    since = [began + timedelta(days=place) for place in range(max(0, (known_to - began).days))]
    on, off = [day for day in since if day in days], [day for day in since if day not in days]
    peers = _peers(group, began, known_to)
    return Awakening(
        began=began,
        messages=change(
            messages, began=began, opened=group.opened_on, today=known_to, most=MOST_DAYS, least=LEAST_DAYS
        ),
        speakers=change(
            {each.day: each.speakers for each in figures},
            began=began,
            opened=group.opened_on,
            today=known_to,
            most=MOST_DAYS,
            least=LEAST_DAYS,
        ),
        peers=len(peers),
        peers_messages=_mean_change(peers, began, known_to),
        on_value_days=sum(messages.get(day, 0) for day in on) / len(on) if on else None,
        on_other_days=sum(messages.get(day, 0) for day in off) / len(off) if off else None,
        value_days=len(on),
        other_days=len(off),
        low=group.type.messages_low,
        high=group.type.messages_high,
    )


def _published_days(group: Group) -> set[date]:
    slots = Slot.objects.filter(
        source_kind=SOURCE_KIND, source_id__in=plans_of(group).values("pk"), state__in=PUBLISHED
    )
    moments = slots.values_list("published_at", flat=True)
    return {timezone.localdate(moment) for moment in moments if moment is not None}


def _known_to(groups: Sequence[Group], today: date) -> Mapping[int, date]:
    return {number: today - timedelta(days=days) for number, days in unknown_days(groups, today=today).items()}


def _peers(group: Group, began: date, known_to: date) -> list[int]:
    """Active groups of its type that were there before, were promised nothing, and are known as far as it is."""
    others = Group.objects.filter(type=group.type_id, state="active", opened_on__lte=began - timedelta(days=MOST_DAYS))
    without = list(others.exclude(pk=group.pk).filter(value_plans=None).select_related("type"))
    return [number for number, last in _known_to(without, known_to).items() if last == known_to]


def _mean_change(peers: Sequence[int], began: date, today: date) -> Change:
    """Of all peers together, divided by how many they are."""
    days = GroupDay.objects.filter(group__in=peers, day__gte=began - timedelta(days=MOST_DAYS), day__lt=today)
    sums = {each["day"]: each["total"] for each in days.values("day").annotate(total=Sum("messages"))} if peers else {}
    whole = change(sums, began=began, opened=date.min, today=today, most=MOST_DAYS, least=LEAST_DAYS)
    parts = (None if value is None or not peers else value / len(peers) for value in (whole.before, whole.since))
    before, since = parts
    return Change(before, since, whole.days_before, whole.days_since)
