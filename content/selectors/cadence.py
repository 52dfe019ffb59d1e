"""How the cadence stands, where it has gaps, and where a missing slot would stand best."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from accounts.models import User
from content.enums import SlotState
from content.models import ActiveHours, AudienceHours, CadenceRule, CalendarSettings, Slot
from content.rules.cadence import Place, Span, Standing, period_of, standing
from content.rules.suggestions import Situation, Suggestion, suggest
from content.selectors.occasions import occasions_between
from core.reading import read_once
from segments.models import Audience

GONE = (SlotState.MISSED, SlotState.CANCELLED)
NEAR = timedelta(days=4)
ENOUGH = 100  # interactions of an audience, below which its hours are chance


@dataclass(frozen=True, kw_only=True)
class RuleStanding:
    """A rule with how it stands in the period of a moment."""

    rule: CadenceRule
    standing: Standing

    @property
    def missing(self) -> int:
        return self.standing.missing

    @property
    def span(self) -> Span:
        return self.standing.span

    def is_urgent(self, now: datetime) -> bool:
        """Whether its period ends within the days that the rule warns before."""
        return self.missing > 0 and self.span.end <= now + timedelta(days=self.rule.warn_days)

    @property
    def last_day(self) -> datetime:
        """A moment on the last day of the period."""
        return self.standing.span.end - timedelta(seconds=1)


@read_once
def active_rules() -> list[CadenceRule]:
    return list(CadenceRule.objects.filter(is_active=True).select_related("type"))


@read_once
def calendar_settings() -> CalendarSettings:
    return CalendarSettings.objects.get()


def standings(*, at: datetime) -> list[RuleStanding]:
    """Every rule in use, in the period that holds the moment: one query over all of them."""
    rules = active_rules()
    spans = [period_of(rule.rule, at) for rule in rules]
    if not rules:
        return []
    first, end = min(span.first for span in spans), max(span.end for span in spans)
    rows = Slot.objects.filter(planned_at__gte=first, planned_at__lt=end, type__in={rule.type_id for rule in rules})
    places = [
        Place(type_id=type_id, at=planned_at, state=state)
        for type_id, planned_at, state in rows.values_list("type", "planned_at", "state")
    ]
    return [RuleStanding(rule=rule, standing=standing(rule.rule, places, at=at)) for rule in rules]


def gaps(*, at: datetime, now: datetime) -> list[RuleStanding]:
    """What is missing in the periods that hold `at` and are not over yet, the period that ends first first."""
    found = [each for each in standings(at=at) if each.missing and each.span.end > now]
    return sorted(found, key=lambda each: each.span.end)


def suggestions_for(
    rule: CadenceRule, *, at: datetime, owner: User | None, now: datetime, audience: Audience | None = None
) -> list[Suggestion]:
    """Ranked moments for one more slot of the rule, in the period that holds `at`, by the active hours of the audience."""
    awake = active_hours(audience)
    span = period_of(rule.rule, at)
    zone = ZoneInfo(rule.time_zone)
    near = Slot.objects.filter(planned_at__gte=span.first - NEAR, planned_at__lt=span.end + NEAR)
    near = near.exclude(state__in=GONE)
    rows = list(near.values_list("type", "planned_at", "owner"))
    first, last = span.first.astimezone(zone).date(), span.end.astimezone(zone).date() + NEAR
    situation = Situation(
        span=span,
        zone=zone,
        now=now,
        hours=awake.hours if awake else None,
        counted_in=ZoneInfo(settings.TIME_ZONE),
        whose=awake.whose if awake else "",
        windows=calendar_settings().windows,
        same=[planned_at for type_id, planned_at, _owner in rows if type_id == rule.type_id],
        others=[planned_at for type_id, planned_at, _owner in rows if type_id != rule.type_id],
        festivals={begins: occasion.name for begins, _ends, occasion in occasions_between(first, last)},
        load=Counter(
            planned_at.astimezone(zone).date()
            for _type, planned_at, owner_id in rows
            if owner is not None and owner_id == owner.pk
        ),
    )
    return suggest(situation)


@dataclass(frozen=True, kw_only=True)
class Awake:
    """Interactions in each hour of the day; `whose` names the audience they are of, empty for everybody."""

    hours: Sequence[int]
    whose: str = ""


def active_hours(audience: Audience | None = None) -> Awake | None:
    """Those of the audience by its present rule where they were counted and are enough, else everybody's; None before."""
    if audience is not None:
        own = AudienceHours.objects.filter(audience=audience, version=audience.version).first()
        if own is not None and sum(own.hours) >= ENOUGH:
            return Awake(hours=own.hours, whose=audience.name)
    latest = ActiveHours.objects.order_by("-day").first()
    return Awake(hours=latest.hours) if latest and any(latest.hours) else None
