"""Laying a festival's template: all of its slots that lie ahead, or none."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import Target, record
from content.errors import PlanNotLaid
from content.models import Festival, FestivalTemplate, Slot, TemplateItem
from content.services.series import at_time_of
from content.services.slots import create_slot


@dataclass(frozen=True, kw_only=True)
class Laid:
    """What a template laid; `past` counts its slots whose day was over and which were left out."""

    slots: list[Slot]
    past: int


@transaction.atomic
def lay(
    *,
    template: FestivalTemplate,
    year: int,
    owner: User,
    by: User,
    now: datetime,
    festival: Festival | None = None,
    chinese: bool = True,
) -> Laid:
    """Lay the template's slots back from the festival of that year. Those whose time is over are left out and counted.

    Raises PlanNotLaid for a year without the festival, for one that is wholly over, and where it was laid already.
    """
    festival = festival or template.festival
    day = festival.day_in(year) if festival and 1950 <= year <= 2099 else None  # noqa: PLR2004  # as far as the lunar tables reach
    if festival is None or day is None:
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
    return at_time_of(timezone.make_aware(datetime.combine(day, item.time)), day + timedelta(days=item.days))
