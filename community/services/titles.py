"""Titles and badges: given and lost by the days of participants, once a day; their rules, changed with a reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.rules.changes import changes_between
from audit.services import Target, record
from community.enums.titles import TitleKind
from community.errors.titles import TitleNotValid
from community.models import Group, GroupType, Title
from community.rules.titles_sql import ANALYZE, DROP, FIGURES, GIVE, LOSE, MISPLACED
from community.selectors.unknown_days import unknown_days
from core.services.claims import claimed
from core.services.surprises import each_by_itself

WORK = "community.titles"
TEXTS = {"name_zh": (1, 40), "name_en": (1, 60), "benefit_zh": (0, 100), "benefit_en": (0, 160)}
NUMBERS = {
    "level": (1, 9),
    "window_days": (1, 365),
    "active_days": (0, 365),
    "messages": (0, 100_000),
    "mentioned": (0, 100_000),
    "violations_most": (0, 100),
}
FIELDS = (*TEXTS, *NUMBERS, "kind", "is_active")


@dataclass(frozen=True, slots=True)
class Kept:
    given: int
    lost: int


def keep_titles(*, now: datetime) -> Kept:
    """Give and take titles by what was done in the whole days that are known; once more on the same day changes nothing.

    Outside of a transaction: each type of groups commits by itself, and one that fails holds up no other. Where another
    process is at it, nothing is done.
    """
    with claimed(WORK) as mine:
        types = Title.objects.order_by("type").values_list("type", flat=True).distinct() if mine else ()
        kept = each_by_itself(types, lambda type_id: _keep_type(type_id, now))
    return Kept(sum(each.given for each in kept), sum(each.lost for each in kept))


@transaction.atomic
def _keep_type(type_id: int, now: datetime) -> Kept:
    today = timezone.localdate(now)
    unknown = unknown_days(list(Group.objects.filter(type=type_id).select_related("type")), today=today)
    windows: dict[int, list[int]] = {}
    for title in Title.objects.filter(type=type_id):
        windows.setdefault(title.window_days, []).append(title.pk)
    given, lost = 0, _take_misplaced(type_id, today)
    for days, titles in windows.items():
        one = _keep(type_id, days, titles, today, unknown)
        given, lost = given + one.given, lost + one.lost
    if given or lost:
        target = Target(object_type=GroupType._meta.label_lower, object_id=type_id)
        changes: dict[str, list[Any]] = {"given": [0, given], "lost": [0, lost]}
        record(by=None, action="community.keep_titles", obj=target, changes=changes, at=now)
    return Kept(given, lost)


def _take_misplaced(type_id: int, today: date) -> int:
    with connection.cursor() as cursor:
        cursor.execute(MISPLACED, {"type": type_id, "today": today})
        return int(cursor.rowcount)


def _keep(type_id: int, days: int, titles: Sequence[int], today: date, unknown: Mapping[int, int]) -> Kept:
    """Titles of one type and window; two statements over one table of figures."""
    first = today - timedelta(days=days)
    since, until = (timezone.make_aware(datetime.combine(day, time.min)) for day in (first, today))
    values: dict[str, Any] = {
        "type": type_id,
        "first": first,
        "today": today,
        "since": since,
        "until": until,
        "titles": list(titles),
        "groups": list(unknown),
        "unknown": list(unknown.values()),
    }
    with connection.cursor() as cursor:
        cursor.execute(DROP)
        cursor.execute(FIGURES, values)
        cursor.execute(ANALYZE)
        cursor.execute(LOSE, values)
        lost = int(cursor.rowcount)
        cursor.execute(GIVE, values)
        return Kept(int(cursor.rowcount), lost)


@transaction.atomic
def save_title(
    *,
    title: Title | None,
    group_type: GroupType,
    values: Mapping[str, Any],
    reason: str,
    by: User | None,
    now: datetime,
) -> Title:
    """Make a title of a type of groups, or change one; it is given and lost by the new rule at the next daily run.

    Raises TitleNotValid with every fault.
    """
    row = Title.objects.select_for_update().get(pk=title.pk) if title else Title(type=group_type)
    old = {name: getattr(row, name) for name in FIELDS} if title else {}
    given, faults = _read(values)
    if not reason.strip():
        faults["reason"] = [_("Say why.")]
    if faults:
        raise TitleNotValid(fields=faults)
    for name, value in given.items():
        setattr(row, name, value)
    changes = changes_between(old, given)
    if title and not changes:
        return row
    row.save()
    action = "community.change_title" if title else "community.add_title"
    record(by=by, action=action, obj=row, changes=changes, reason=reason.strip(), at=now)
    return row


def _read(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list[str]]]:
    faults: dict[str, list[str]] = {}
    given: dict[str, Any] = {"kind": values["kind"], "is_active": values["is_active"]}
    for name, (least, most) in TEXTS.items():
        given[name] = values[name].replace("\x00", "").strip()
        if not least <= len(given[name]) <= most:
            faults[name] = [_("Between %(least)d and %(most)d characters.") % {"least": least, "most": most}]
    for name, (least, most) in NUMBERS.items():
        given[name] = values[name]
        if given[name] is None or not least <= given[name] <= most:
            faults[name] = [
                _("A whole number from %(least)d to %(most)d is expected.") % {"least": least, "most": most}
            ]
    if given["kind"] not in TitleKind.values:
        faults["kind"] = [_("Choose a title or a badge.")]
    if not faults and not any(given[name] for name in ("active_days", "messages", "mentioned")):
        faults["active_days"] = [_("Everybody would get it. Ask for days, messages or answers.")]
    if not faults and given["active_days"] > given["window_days"]:
        faults["active_days"] = [_("There are not so many days in the window.")]
    return given, faults
