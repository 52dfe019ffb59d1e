"""What is known of published slots: people by act, reports, and the results against their targets."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from content.enums import UNITS, Known, Metric, Unit
from content.models import LiveReport, PlatformReport, Slot, SlotResult
from content.rules.reach_sql import PEOPLE
from content.rules.results import MONTH, SEEING, AccountDay, Facts, Live

ACTS = ("open", "read", "watch", "save", "share", "finished", "click")
HAS_ACT = (
    "SELECT act FROM unnest(%s::varchar[]) AS act WHERE EXISTS (SELECT FROM content_slotreach r WHERE r.act = act.act)"
)


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A result as it is read: its words, and how it stands to its target."""

    result: SlotResult

    @property
    def metric(self) -> Metric:
        return Metric(self.result.metric)

    @property
    def unit(self) -> Unit:
        return UNITS[self.metric]

    @property
    def state(self) -> str:
        value, target = self.result.value, self.result.target
        if value is None or target is None or self.result.known == Known.PARTIAL:
            return "none"
        return "good" if value >= target else "watch"


def facts_of(slots: Sequence[Slot]) -> dict[int, Facts]:
    """Everything that the results of these published slots are made from, in four queries."""
    people = people_by_act([slot.pk for slot in slots])
    recorded = recorded_acts()
    live = _live([slot.pk for slot in slots])
    accounts, zone = _accounts(slots), ZoneInfo(settings.TIME_ZONE)
    return {
        slot.pk: Facts(
            published_at=slot.published_at,
            due_at=slot.published_at + timedelta(days=slot.type.measure_days),
            people=people.get(slot.pk, {}),
            recorded=recorded,
            zone=zone,
            live=live.get(slot.pk),
            account=accounts.get(slot.account, ()),
        )
        for slot in slots
        if slot.published_at is not None
    }


def people_by_act(slot_ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """Members by slot and act, and by the names of SEEING, within the time in which the slot is measured."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    seeing = [(name, act) for name, acts in SEEING.items() for act in acts]
    values: dict[str, Any] = {
        "slots": list(slot_ids),
        "names": [name for name, _act in seeing],
        "acts": [act for _name, act in seeing],
    }
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, values)
        for slot_id, act, people in cursor.fetchall():
            found[slot_id][act] = people
    return found


def recorded_acts() -> frozenset[str]:
    """Acts that somebody's system has ever recorded: only those can be 0."""
    with connection.cursor() as cursor:
        cursor.execute(HAS_ACT, [list(ACTS)])
        return frozenset(act for (act,) in cursor.fetchall())


def results_of(slot_ids: Iterable[int]) -> dict[int, list[Judged]]:
    found: dict[int, list[Judged]] = defaultdict(list)
    for result in SlotResult.objects.filter(slot__in=list(slot_ids)).order_by("slot", "id"):
        found[result.slot_id].append(Judged(result=result))
    return found


def reason_in_words(code: str) -> str:
    """Why a value is missing, or not whole yet."""
    words = {
        "window_open": _("The time in which it is measured is not over."),
        "month_open": _("Less than a month of figures so far."),
        "no_reach": _("No interaction names this slot: its link or player does not report."),
        "no_finished": _("No system reports yet whether a reading or watching came to its end."),
        "no_save": _("No system reports saves yet."),
        "no_share": _("No system reports shares yet."),
        "no_live_report": _("No live-session report has been imported for it."),
        "no_platform_report": _("No platform report of its account covers these days."),
        "no_column": _("The imported report has no such column."),
    }
    return words.get(code, "")


def _live(slot_ids: Sequence[int]) -> Mapping[int, Live]:
    """Several sessions that a report names for one slot: revenue together, the stay by its viewers."""
    by_slot: dict[int, list[LiveReport]] = defaultdict(list)
    for report in LiveReport.objects.filter(slot__in=slot_ids).order_by("began_at"):
        by_slot[report.slot_id or 0].append(report)
    return {slot_id: _together(reports) for slot_id, reports in by_slot.items()}


def _together(reports: Sequence[LiveReport]) -> Live:
    gmv = [report.gmv for report in reports if report.gmv is not None]
    stays = [(report.stay_minutes, report.viewers or 1) for report in reports if report.stay_minutes is not None]
    viewers = sum(weight for _stay, weight in stays)
    stay = sum((stay * weight for stay, weight in stays), Decimal(0)) / viewers if stays else None
    return Live(gmv=sum(gmv, Decimal(0)) if gmv else None, stay=stay)


def _accounts(slots: Sequence[Slot]) -> Mapping[str, tuple[AccountDay, ...]]:
    named = [slot for slot in slots if slot.account and slot.published_at]
    if not named:
        return {}
    first = min(slot.published_at for slot in named if slot.published_at)
    last = max(slot.published_at for slot in named if slot.published_at) + MONTH
    zone = ZoneInfo(settings.TIME_ZONE)
    rows = PlatformReport.objects.filter(
        account__in={slot.account for slot in named},
        day__gte=timezone.localdate(first, zone),
        day__lte=timezone.localdate(last, zone),
    )
    found: dict[str, list[AccountDay]] = defaultdict(list)
    for row in rows:
        day = AccountDay(day=row.day, followers=row.followers, delivered=row.delivered, opened=row.opened)
        found[row.account].append(day)
    return {account: tuple(days) for account, days in found.items()}
