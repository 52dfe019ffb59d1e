"""Laying many slots at once: a series that repeats, a festival's template. All of them, or nothing."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import Target, record
from content.errors import PlanNotLaid
from content.models import ContentType, Festival, FestivalTemplate, Series, Slot, TemplateItem
from content.selectors.calendar import midnight
from content.services.slots import create_slot

MOST_TIMES, MOST_DAYS = 60, 92


@dataclass(frozen=True, kw_only=True)
class Laid:
    """What a template laid; `past` counts its slots whose day was over and which were left out."""

    slots: list[Slot]
    past: int


@transaction.atomic
def repeat(
    *,
    type: ContentType,  # noqa: A002  # the word of the domain
    title: str,
    first_at: datetime,
    every_days: int,
    times: int,
    owner: User,
    by: User,
    now: datetime,
) -> list[Slot]:
    """A slot and its repetitions, at the same time of day where the brand is. Raises PlanNotLaid or what a slot does."""
    faults = {}
    if not 1 <= times <= MOST_TIMES:
        faults["times"] = [_("Between 1 and %(limit)d times.") % {"limit": MOST_TIMES}]
    if not 1 <= every_days <= MOST_DAYS:
        faults["every_days"] = [_("Between 1 and %(limit)d days apart.") % {"limit": MOST_DAYS}]
    if faults:
        raise PlanNotLaid(fields=faults)
    series = Series.objects.create(title=title.strip()[:100], every_days=every_days, times=times, by=by, at=now)
    record(by=by, action="content.series.create", obj=series, changes={"times": [None, times]}, at=now)
    local = timezone.localtime(first_at)
    moments = [_same_time(local, local.date() + timedelta(days=place * every_days)) for place in range(times)]
    return [
        create_slot(
            type=type,
            title=title,
            planned_at=moment,
            owner=owner,
            series_id=series.pk,
            by=by,
            now=now,
            allow_overlap=True,
        )
        for moment in moments
    ]


@transaction.atomic
def lay(
    *,
    template: FestivalTemplate,
    festival: Festival,
    year: int,
    owner: User,
    by: User,
    now: datetime,
    chinese: bool = True,
) -> Laid:
    """Lay the template's slots back from the festival of that year. Those whose time is over are left out and counted.

    Raises PlanNotLaid for a year without the festival, for one that is wholly over, and where it was laid already.
    """
    day = festival.day_in(year) if 1950 <= year <= 2099 else None  # noqa: PLR2004  # as far as the lunar tables reach
    if day is None:
        raise PlanNotLaid(fields={"year": [_("There is no such day in that year.")]})
    source = ("festival", template.pk)
    moments = [(item, moment_of(item, day)) for item in template.items.select_related("type")]
    ahead = [(item, moment) for item, moment in moments if moment > now]
    if not ahead:
        raise PlanNotLaid(fields={"year": [_("All its days are over. Choose a later year.")]})
    planned = [moment for _item, moment in moments]
    laid = Slot.objects.filter(source_kind=source[0], source_id=source[1], planned_at__in=planned)
    if laid.exclude(state="cancelled").exists():
        raise PlanNotLaid(fields={"year": [_("This template has been laid for that year already.")]})
    slots = [
        create_slot(
            type=item.type,
            title=f"{festival.name_zh if chinese else festival.name_en} {item.title_zh if chinese else item.title_en}",
            planned_at=moment,
            owner=owner,
            source=source,
            by=by,
            now=now,
            allow_overlap=True,
        )
        for item, moment in ahead
    ]
    what = Target(object_type=template._meta.label_lower, object_id=template.pk, label=template.name_zh)
    record(by=by, action="content.template.lay", obj=what, reason=f"{year}: {len(slots)}", at=now)
    return Laid(slots=slots, past=len(moments) - len(ahead))


def moment_of(item: TemplateItem, day: date) -> datetime:
    """When an item of a template stands, for a festival on that day."""
    return _same_time(timezone.make_aware(datetime.combine(day, item.time)), day + timedelta(days=item.days))


def _same_time(moment: datetime, day: date) -> datetime:
    start = midnight(day)
    return start.replace(hour=moment.hour, minute=moment.minute)
