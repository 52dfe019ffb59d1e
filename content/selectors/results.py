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
HAS_ACT = """
SELECT kind.type_id, kind.account, act
FROM unnest(%(types)s::bigint[], %(accounts)s::varchar[]) AS kind(type_id, account)
CROSS JOIN unnest(%(acts)s::varchar[]) AS act
WHERE EXISTS (
    SELECT FROM content_slot AS slot JOIN content_slotreach AS reach ON reach.slot_id = slot.id AND reach.act = act.act
    WHERE slot.type_id = kind.type_id AND slot.account = kind.account
)
"""


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
    recorded = recorded_acts(slots)
    live = _live([slot.pk for slot in slots])
    accounts, zone = _accounts(slots), ZoneInfo(settings.TIME_ZONE)
    return {
        slot.pk: Facts(
            published_at=slot.published_at,
            due_at=slot.published_at + timedelta(days=slot.type.measure_days),
            people=people.get(slot.pk, {}),
            recorded=recorded[slot.type_id, slot.account],
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


def recorded_acts(slots: Iterable[Slot]) -> Mapping[tuple[int, str], frozenset[str]]:
    """By type and account: the acts that any of its slots has ever received. Only those can be 0.

    One platform reports saves and another does not, and of one platform a player and not the page.
    """
    kinds = sorted({(slot.type_id, slot.account) for slot in slots})
    found: dict[tuple[int, str], set[str]] = {kind: set() for kind in kinds}
    types, accounts = [type_id for type_id, _account in kinds], [account for _type_id, account in kinds]
    values: dict[str, Any] = {"types": types, "accounts": accounts, "acts": list(ACTS)}
    with connection.cursor() as cursor:
        cursor.execute(HAS_ACT, values)
        for type_id, account, act in cursor.fetchall():
            found[type_id, account].add(act)
    return {kind: frozenset(acts) for kind, acts in found.items()}


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
        "no_finished": _(
            "No system has reported for this type and account whether a reading or watching came to its end."
        ),
        "no_save": _("No system has reported saves for this type and account."),
        "no_share": _("No system has reported shares for this type and account."),
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
