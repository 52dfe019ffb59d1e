"""What a marketer sets: the cadence, targets, types, brand dates, how the calendar behaves. Every change is audited."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import User
from audit.rules.changes import changes_between
from audit.services import record
from content.enums import UNITS, Metric, OccasionKind, Period, Reckoning, Stage, Unit
from content.errors import RulesContradict, RulesNotSaved
from content.models import CadenceRule, CalendarSettings, ContentType, Festival, Target
from content.rules.cadence import contradictions

MOST = 99
LONGEST_NAME = 40
LONGEST_WARNING = 60
WARN_DAYS: Mapping[str, int] = {Period.WEEK: 2, Period.MONTH: 7, Period.QUARTER: 30}
TYPE_FIELDS = (
    "name_zh",
    "name_en",
    "mark",
    "stage",
    "aim_zh",
    "aim_en",
    "practice_zh",
    "practice_en",
    "minutes",
    "measure_days",
)


@transaction.atomic
def save_cadence(
    *,
    rule: CadenceRule | None,
    name_zh: str,
    name_en: str,
    type: ContentType,  # noqa: A002  # the word of the domain
    count: int,
    period: str,
    by: User | None,
    now: datetime,
    warn_days: int | None = None,
    week_starts: int = 0,
    time_zone: str = "Asia/Shanghai",
    is_active: bool = True,
) -> CadenceRule:
    """Make a rule of the cadence, or change one; without `warn_days` it warns as its period asks.

    Raises RulesNotSaved, or RulesContradict, which names the other rule.
    """
    list(CadenceRule.objects.select_for_update().order_by("pk"))
    action = "content.cadence.update" if rule else "content.cadence.create"
    rule = rule or CadenceRule(position=(CadenceRule.objects.count() + 1) * 10)
    old = _facts(rule) if rule.pk else {}
    rule.name_zh, rule.name_en = name_zh.strip(), name_en.strip() or name_zh.strip()
    rule.type, rule.count, rule.period = type, count, period
    rule.week_starts, rule.time_zone, rule.is_active = week_starts, time_zone, is_active
    rule.warn_days = WARN_DAYS.get(period, 0) if warn_days is None else warn_days
    _check_cadence(rule)
    _require_agreement(rule)
    rule.save()
    record(by=by, action=action, obj=rule, changes=changes_between(old, _facts(rule)), at=now)
    return rule


@transaction.atomic
def save_targets(*, type: ContentType, targets: Mapping[str, Decimal], by: User | None, now: datetime) -> None:  # noqa: A002
    """Replace the targets of a type: shares from 0 to 1, ¥, minutes. Raises RulesNotSaved."""
    faults = {
        name: [_("A number above 0; shares at most 100 %.")]
        for name, least in targets.items()
        if not _fits(name, least)
    }
    if faults:
        raise RulesNotSaved(fields=faults)
    type = ContentType.objects.select_for_update().get(pk=type.pk)  # noqa: A001
    old = {target.metric: target.least for target in type.targets.all()}
    type.targets.exclude(metric__in=targets).delete()
    for metric, least in targets.items():
        Target.objects.update_or_create(type=type, metric=metric, defaults={"least": least})
    changes = changes_between(old, dict(targets))
    if changes:
        record(by=by, action="content.type.targets", obj=type, changes=changes, at=now)


@transaction.atomic
def save_type(*, type: ContentType, values: Mapping[str, Any], by: User | None, now: datetime) -> ContentType:  # noqa: A002
    """Change what a type is called and good for, by the names of TYPE_FIELDS. Raises RulesNotSaved."""
    type = ContentType.objects.select_for_update().get(pk=type.pk)  # noqa: A001
    old = {name: getattr(type, name) for name in TYPE_FIELDS}
    for name in TYPE_FIELDS:
        if name in values:
            value = values[name]
            setattr(type, name, value.strip() if isinstance(value, str) else value)
    faults = {name: [_("Fill this in.")] for name in ("name_zh", "name_en", "mark") if not getattr(type, name)}
    faults |= {name: [_("Too long.")] for name in TYPE_FIELDS if _is_too_long(type, name)}
    if type.stage not in Stage.values:
        faults["stage"] = [_("Choose one of the stages.")]
    for name, most in (("minutes", 1440), ("measure_days", 90)):
        if not 1 <= getattr(type, name) <= most:
            faults[name] = [_("Between 1 and %(limit)d.") % {"limit": most}]
    if faults:
        raise RulesNotSaved(fields=faults)
    type.save()
    changes = changes_between(old, {name: getattr(type, name) for name in TYPE_FIELDS})
    record(by=by, action="content.type.update", obj=type, changes=changes, at=now)
    return type


@transaction.atomic
def save_type_and_targets(
    *,
    type: ContentType,  # noqa: A002  # the word of the domain
    values: Mapping[str, Any],
    targets: Mapping[str, Decimal],
    by: User | None,
    now: datetime,
) -> None:
    """Both, or neither."""
    save_type(type=type, values=values, by=by, now=now)
    save_targets(type=type, targets=targets, by=by, now=now)


@transaction.atomic
def save_settings(
    *, send_windows: Sequence[tuple[time, time]], missed_hours: int, by: User | None, now: datetime
) -> CalendarSettings:
    """How the calendar behaves. Raises RulesNotSaved."""
    settings = CalendarSettings.objects.select_for_update().get()
    faults: dict[str, list[str]] = {}
    if any(begins >= ends for begins, ends in send_windows) or len(send_windows) > 6:  # noqa: PLR2004
        faults["send_windows"] = [_("Up to six windows, each with its end after its beginning.")]
    if not 1 <= missed_hours <= 240:  # noqa: PLR2004
        faults["missed_hours"] = [_("Between 1 and %(limit)d.") % {"limit": 240}]
    if faults:
        raise RulesNotSaved(fields=faults)
    names = ("send_windows", "missed_hours")
    old = {name: getattr(settings, name) for name in names}
    settings.send_windows = [[f"{begins:%H:%M}", f"{ends:%H:%M}"] for begins, ends in send_windows]
    settings.missed_hours, settings.changed_at = missed_hours, now
    settings.save()
    changes = changes_between(old, {name: getattr(settings, name) for name in names})
    record(by=by, action="content.settings.update", obj=settings, changes=changes, at=now)
    return settings


@transaction.atomic
def add_brand_date(
    *, name_zh: str, name_en: str, day: date, yearly: bool, length: int, by: User | None, now: datetime
) -> Festival:
    """A date of the brand's own, every year or once. Raises RulesNotSaved."""
    faults = {}
    if not 0 < len(name_zh.strip()) <= LONGEST_NAME or len(name_en.strip()) > LONGEST_NAME:
        faults["name_zh"] = [_("Between 1 and %(limit)d characters.") % {"limit": LONGEST_NAME}]
    if not 1 <= length <= 60:  # noqa: PLR2004
        faults["length"] = [_("Between 1 and %(limit)d.") % {"limit": 60}]
    if faults:
        raise RulesNotSaved(fields=faults)
    festival = Festival(
        kind=OccasionKind.BRAND, length=length, code=f"brand-{Festival.objects.count() + 1}-{slugify(name_en)[:15]}"
    )
    festival.name_zh, festival.name_en = name_zh.strip(), name_en.strip() or name_zh.strip()
    if yearly:
        festival.reckoning, festival.month, festival.day = Reckoning.SOLAR, day.month, day.day
    else:
        festival.reckoning, festival.date = Reckoning.ONCE, day
    festival.save()
    record(by=by, action="content.festival.create", obj=festival, changes={"day": [None, day.isoformat()]}, at=now)
    return festival


@transaction.atomic
def switch_festival(*, festival: Festival, is_active: bool, by: User | None, now: datetime) -> Festival:
    """Show it in the calendar, or not."""
    was, festival.is_active = festival.is_active, is_active
    festival.save(update_fields=["is_active"])
    record(by=by, action="content.festival.switch", obj=festival, changes={"is_active": [was, is_active]}, at=now)
    return festival


def _check_cadence(rule: CadenceRule) -> None:
    faults: dict[str, list[str]] = {}
    if not 0 < len(rule.name_zh) <= LONGEST_NAME or len(rule.name_en) > LONGEST_NAME:
        faults["name_zh"] = [_("Between 1 and %(limit)d characters.") % {"limit": LONGEST_NAME}]
    if not 1 <= rule.count <= MOST:
        faults["count"] = [_("Between 1 and %(limit)d.") % {"limit": MOST}]
    if not 0 <= rule.warn_days <= LONGEST_WARNING:
        faults["warn_days"] = [_("Between 0 and %(limit)d.") % {"limit": LONGEST_WARNING}]
    if rule.period not in Period.values:
        faults["period"] = [_("Choose week, month or quarter.")]
    if not 0 <= rule.week_starts <= 6:  # noqa: PLR2004  # days of a week
        faults["week_starts"] = [_("Choose a day of the week.")]
    try:
        ZoneInfo(rule.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        faults["time_zone"] = [_("There is no such time zone, for example Asia/Shanghai.")]
    if faults:
        raise RulesNotSaved(fields=faults)


def _require_agreement(rule: CadenceRule) -> None:
    if not rule.is_active:
        return
    others = list(CadenceRule.objects.filter(is_active=True, type=rule.type_id).exclude(pk=rule.pk))
    for one, other in contradictions([each.rule for each in (*others, rule)]):
        if rule.rule not in {one, other}:
            continue
        against = next(each for each in others if each.rule in {one, other})
        facts = {"name": against.name, "count": against.count, "period": Period(against.period).label}
        raise RulesContradict(
            _("This contradicts “%(name)s” (%(count)d per %(period)s) for the same type.") % facts,
            fields={"count": [_("Change one of the two.")]},
        )


def _facts(rule: CadenceRule) -> dict[str, Any]:
    names = ("name_zh", "name_en", "type_id", "count", "period", "warn_days", "week_starts", "time_zone", "is_active")
    return {name: getattr(rule, name) for name in names}


def _fits(metric: str, least: Decimal) -> bool:
    if metric not in Metric.values or not least.is_finite() or least <= 0:
        return False
    return least <= 1 if UNITS[metric] == Unit.SHARE else least < 10**9


def _is_too_long(type_: ContentType, name: str) -> bool:
    most = getattr(ContentType._meta.get_field(name), "max_length", None)
    value = getattr(type_, name)
    return isinstance(value, str) and most is not None and len(value) > most
