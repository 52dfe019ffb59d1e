"""Counting silences each night, and flagging who is silent now."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from compliance.rules.gate import RESTRICTED_PERSONS
from core.services.surprises import Surprises
from dashboards.enums import NightlyCount
from dashboards.models import ChurnFlag, ChurnRule, SilenceCurve
from dashboards.rules import silence_sql
from dashboards.rules.silence_sql import LONGEST
from dashboards.selectors.settings import insight_settings
from dashboards.services.windows import done
from segments.enums import AudienceState
from segments.errors import AudienceInvalid
from segments.models import Audience
from segments.selectors.audiences import audience_statement

DAY = timedelta(days=1)
EVERYBODY = "all"
LOCK = "dashboards_churnflag"
STAGED = ("seen", "ruled", "due")


@dataclass
class Counted:
    """Silences by length, day 1 first."""

    returned: list[int] = field(default_factory=lambda: [0] * LONGEST)
    unended: list[int] = field(default_factory=lambda: [0] * LONGEST)
    members: int = 0

    def add(self, length: int, returned: bool, times: int, lasts: int) -> None:  # noqa: FBT001  # columns of a row
        """A last sign of life on the last day itself begins no silence yet."""
        self.members += lasts
        if length:
            (self.returned if returned else self.unended)[length - 1] += times


def count_silences(*, now: datetime) -> int:
    """Count those of everybody, of each store and tier, and of each audience in use; answers how many curves there are.

    Whole local days up to yesterday. A curve of something that is gone goes too; one that could not be counted stays.
    """
    surprises = Surprises()
    with surprises.kept(EVERYBODY):
        _count_everybody(now)
    in_use = Audience.objects.filter(state=AudienceState.ACTIVE).order_by("pk")
    for audience in in_use:
        with surprises.kept(audience):
            try:
                count_silences_of(audience, now=now)
            except AudienceInvalid:  # its refresh, every hour, says so to whoever looks after it
                SilenceCurve.objects.filter(audience=audience).delete()
    SilenceCurve.objects.exclude(audience=None).exclude(audience__in=in_use.order_by()).delete()
    surprises.raise_first()
    done(NightlyCount.SILENCES, now=now)
    return SilenceCurve.objects.count()


def count_silences_of(audience: Audience, *, now: datetime) -> None:
    """Those of the members who match now. Raises AudienceInvalid for a rule that names what is gone.

    Members are staged in a transaction of its own: while silences are counted no follower of facts waits.
    """
    first, last = _span(now)
    counted = Counted()
    with _staged(audience, now):
        for _store, _tier, *row in _rows(silence_sql.COUNT_SILENCES_OF, first, last):
            counted.add(*row)
    _keep({f"audience:{audience.pk}": counted}, first, last, now, audience=audience)


@contextmanager
def _staged(audience: Audience, now: datetime) -> Iterator[None]:
    text, values = audience_statement(audience.rule, now=now)
    with connection.cursor() as cursor:
        drop = f"DROP TABLE IF EXISTS pg_temp.{silence_sql.AUDIENCE}"
        try:
            with transaction.atomic():
                cursor.execute(drop)
                cursor.execute(f"CREATE TEMP TABLE {silence_sql.AUDIENCE} AS {text}", values)
                cursor.execute(f"ANALYZE {silence_sql.AUDIENCE}")
            yield
        finally:
            if connection.is_usable():
                cursor.execute(drop)


def _count_everybody(now: datetime) -> None:
    first, last = _span(now)
    curves: dict[str, Counted] = defaultdict(Counted)
    for store, tier, *row in _rows(silence_sql.COUNT_SILENCES, first, last):
        for scope in (EVERYBODY, f"store:{store or ''}", *([f"tier:{tier}"] if tier else [])):
            curves[scope].add(*row)
    with transaction.atomic():
        _keep(curves, first, last, now)
        SilenceCurve.objects.filter(audience=None).exclude(scope__in=curves).delete()


def _keep(
    curves: dict[str, Counted], first: date, last: date, now: datetime, *, audience: Audience | None = None
) -> None:
    rows = [
        SilenceCurve(
            scope=scope,
            audience=audience,
            version=audience.version if audience else None,
            first_day=first,
            last_day=last,
            members=counted.members,
            returned=counted.returned,
            unended=counted.unended,
            counted_at=now,
        )
        for scope, counted in curves.items()
    ]
    kept = [each.name for each in SilenceCurve._meta.fields if not each.primary_key]
    SilenceCurve.objects.bulk_create(rows, update_conflicts=True, unique_fields=["scope"], update_fields=kept)


def _rows(sql: str, first: date, last: date) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"first": first, "last": last, "zone": settings.TIME_ZONE})
        yield from cursor.fetchall()


def _span(now: datetime) -> tuple[date, date]:
    last = timezone.localdate(now) - DAY
    return last - insight_settings().silence_days * DAY + DAY, last


@dataclass(frozen=True, kw_only=True)
class Flagged:
    """What a run changed, and how many are flagged after it."""

    flagged: int
    ended: int
    now: int


def flag_silent(*, now: datetime) -> Flagged:
    """End the flags of who came back, is lost, or is judged so no more; flag whoever is silent beyond her threshold.

    One run writes at a time; another one waits. Without a rule for everybody, only audiences and tiers with one are
    flagged. A person whose data are only stored is not judged. What is read beforehand is staged step by step, each a
    transaction of its own: an open one holds up whoever follows the facts.
    """
    today = timezone.localdate(now)
    rules = list(ChurnRule.objects.select_related("audience").order_by("pk"))
    horizon = insight_settings().horizon_days
    longest = max((rule.days for rule in rules), default=1) + horizon
    values: dict[str, Any] = {"today": today, "last": today - DAY, "horizon": horizon}
    span = {"first": today - (longest + 1) * DAY, "last": today}
    with connection.cursor() as cursor:
        try:
            _stage_anew(cursor, "seen", silence_sql.SEEN)
            cursor.execute(silence_sql.ADD_SEEN, span)
            _stage_anew(cursor, "ruled", silence_sql.RULED)
            _rule_by_audience(cursor, rules, now)
            for table in ("seen", "ruled"):
                cursor.execute(f"ANALYZE dashboards_{table}")
            _stage_anew(cursor, "due", silence_sql.DUE.replace("{restricted}", RESTRICTED_PERSONS), values)
            cursor.execute("ANALYZE dashboards_due")
            ended, flagged = _flag(cursor, values)
        finally:
            if connection.is_usable():
                cursor.execute(f"DROP TABLE IF EXISTS {', '.join(f'pg_temp.dashboards_{each}' for each in STAGED)}")
    return Flagged(flagged=flagged, ended=ended, now=ChurnFlag.objects.filter(until=None).count())


@transaction.atomic
def _stage_anew(cursor: Any, table: str, sql: str, values: Mapping[str, Any] | None = None) -> None:
    cursor.execute(f"DROP TABLE IF EXISTS pg_temp.dashboards_{table}")
    cursor.execute(sql, values)


@transaction.atomic
def _flag(cursor: Any, values: Mapping[str, Any]) -> tuple[int, int]:
    cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [LOCK])
    cursor.execute(silence_sql.END_FLAGS, values)
    ended = cursor.rowcount
    cursor.execute(silence_sql.FLAG)
    return ended, cursor.rowcount


def _rule_by_audience(cursor: Any, rules: Iterable[ChurnRule], now: datetime) -> None:
    """Rules of audiences in the order in which they were made; one that cannot be counted rules nobody."""
    for rule in rules:
        if rule.audience is None or rule.audience.state != AudienceState.ACTIVE:
            continue
        try:
            text, values = audience_statement(rule.audience.rule, now=now)
        except AudienceInvalid:
            continue
        cursor.execute(silence_sql.ADD_RULED.format(audience=text), [rule.pk, *values])
