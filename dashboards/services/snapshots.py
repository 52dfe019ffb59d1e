"""Keeping what metrics were, day by day; what is missing is made good by the next run."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import Target, record
from core.services.claims import claimed
from dashboards.errors import DaysNotValid, FormulaNotValid, SnapshotsRunning
from dashboards.models import EVERYBODY, MetricDefinition, Snapshot
from dashboards.selectors.telling import Asked, Told, Values, asked
from dashboards.services.changes import mark_changed_sources
from dashboards.services.marks import forget_marks, settled_marks, tonight
from dashboards.services.measuring import Staged, staged, told_on
from timeline.models import MemberSlice, member_slices

TASK = "dashboards.take_snapshots"
CHUNK = 28
KEPT_WEEKS = 13
AGAIN_DAYS = 3
LONGEST = 1_500
BATCH = 2_000
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Taken:
    """How many days were measured, how many figures stand there since, and what could not be read."""

    days: int = 0
    figures: int = 0
    skipped: tuple[str, ...] = ()


def take_due(*, now: datetime) -> Taken:
    """The last 13 weeks, as far as they are not there; anew the last days, and those that facts of the past changed.

    Raises SnapshotsRunning while another process is at it.
    """
    last = timezone.localtime(now).date() - timedelta(days=1)
    first = last - timedelta(days=KEPT_WEEKS * 7 - 1)
    with _alone():
        wanted, skipped = _wanted(())
        mark_changed_sources(first=first, last=last, now=now)
        late = _take(wanted, _left(wanted, first, last, again=False), by=None, now=now)
        marks, anew = tonight(settled_marks(), wanted, last)
        anew |= {last - timedelta(days=back): {each.definition.pk for each in wanted} for back in range(AGAIN_DAYS)}
        fresh = _take(wanted, anew, by=None, now=now)
        forget_marks(marks)
    return Taken(late.days + fresh.days, late.figures + fresh.figures, skipped)


def take_snapshots(
    *,
    first: date,
    last: date,
    by: User | None,
    now: datetime,
    again: bool = False,
    codes: Sequence[str] = (),
    progress: Progress = lambda _done, _all: None,
) -> Taken:
    """Measure every metric in use (or those of `codes`) on each day; what is there already stays, unless `again`.

    A day is one transaction: after a kill the next call goes on with the first that is missing.
    Raises DaysNotValid for days that are not over, SnapshotsRunning while another process is at it.
    """
    _check(first, last, now)
    with _alone():
        wanted, skipped = _wanted(codes)
        taken = _take(wanted, _left(wanted, first, last, again=again), by=by, now=now, progress=progress)
    return replace(taken, skipped=skipped)


def _take(
    wanted: Sequence[Asked],
    left: Mapping[date, set[int]],
    *,
    by: User | None,
    now: datetime,
    progress: Progress = lambda _done, _all: None,
) -> Taken:
    """Stretches of four weeks are read at once."""
    done = figures = 0
    for days in _chunks(sorted(left)):
        chosen = [each for each in wanted if any(each.definition.pk in left[day] for day in days)]
        with staged(chosen, days) as ready:
            for day in days:
                figures += _take_day(ready, day, left[day], by=by, now=now)
                done += 1
                progress(done, len(left))
    return Taken(done, figures)


@contextmanager
def _alone() -> Iterator[None]:
    with claimed(TASK) as mine:
        if not mine:
            raise SnapshotsRunning
        yield


def _check(first: date, last: date, now: datetime) -> None:
    if last >= timezone.localtime(now).date():
        raise DaysNotValid(_("A day is measured when it is over: choose days before today."))
    if first > last:
        raise DaysNotValid(_("The first day lies after the last one."))
    if (last - first).days >= LONGEST:
        raise DaysNotValid(_("At most %(days)d days are measured at once.") % {"days": LONGEST})


def _wanted(codes: Sequence[str]) -> tuple[list[Asked], tuple[str, ...]]:
    """Ready to be measured, and the codes of those whose formula cannot be read any more."""
    rows = MetricDefinition.objects.filter(is_active=True)
    if codes:
        unknown = sorted(set(codes) - set(MetricDefinition.objects.values_list("code", flat=True)))
        if unknown:
            raise DaysNotValid(_("There is no metric “%(code)s”.") % {"code": unknown[0]})
        rows = MetricDefinition.objects.filter(code__in=codes)
    found, skipped = [], []
    for definition in rows:
        try:
            found.append(asked(definition))
        except FormulaNotValid:
            skipped.append(definition.code)
    return found, tuple(skipped)


def _left(wanted: Sequence[Asked], first: date, last: date, *, again: bool) -> dict[date, set[int]]:
    """Days to be measured, and for which metrics."""
    days = [first + timedelta(days=place) for place in range((last - first).days + 1)]
    missing: dict[date, set[int]] = {day: {each.definition.pk for each in wanted} for day in days}
    if not again:
        rows = Snapshot.objects.filter(slice=EVERYBODY, day__range=(first, last))
        counted = {each.definition.pk: each.definition.counted_as for each in wanted}
        for day, metric, counted_as in rows.values_list("day", "metric", "counted_as"):
            if counted.get(metric) == counted_as:
                missing[day].discard(metric)
    return {day: metrics for day, metrics in missing.items() if metrics}


def _chunks(days: Sequence[date]) -> Iterator[list[date]]:
    """Stretches of at most four weeks; a gap begins another one, so that nothing between is read."""
    chunk: list[date] = []
    for day in days:
        if chunk and ((day - chunk[0]).days >= CHUNK or (day - chunk[-1]).days > 1):
            yield chunk
            chunk = []
        chunk.append(day)
    if chunk:
        yield chunk


@transaction.atomic
def _take_day(ready: Staged, day: date, metrics: set[int], *, by: User | None, now: datetime) -> int:
    newest = timezone.localtime(now).date() - timedelta(days=1)
    slices = [each for each in member_slices if each.members or day == newest]
    told = told_on(day, ready, slices)
    kept = [_snapshot(each, figure, day, by, now) for each, figure in told if each.definition.pk in metrics]
    _forget(day, [each for each in ready.wanted if each.definition.pk in metrics], slices)
    Snapshot.objects.bulk_create(kept, batch_size=BATCH)
    target = Target(object_type="dashboards.snapshot", object_id=f"{day}")
    record(by=by, action="dashboards.take_snapshots", obj=target, changes={"figures": [None, len(kept)]}, at=now)
    return len(kept)


def _forget(day: date, wanted: Iterable[Asked], slices: Iterable[MemberSlice]) -> None:
    """What the new figures replace; a slice that has nothing any more goes. What only that day could tell stays."""
    measured = Q(slice__in=[EVERYBODY, *(each.code for each in slices)])
    for each in wanted:
        rows = Snapshot.objects.filter(metric=each.definition.pk, day=day)
        rows.filter(measured | ~Q(counted_as=each.definition.counted_as)).delete()


def _snapshot(each: Asked, told: Told, day: date, by: User | None, now: datetime) -> Snapshot:
    return Snapshot(
        metric_id=each.definition.pk,
        day=day,
        slice=told.slice,
        slice_id=told.slice_id,
        value=told.value,
        base=told.base,
        facts=_plain(told.facts),
        facts_before=_plain(told.facts_before),
        sample=told.sample,
        sight=told.sight,
        lack=told.lack,
        since=told.since,
        counted_as=each.definition.counted_as,
        computed_at=now,
        computed_by="" if by is None else str(by),
    )


def _plain(values: Values) -> dict[str, str]:
    """Exact, as text: 12, 812.5."""
    return {code: _text(value) for code, value in values.items()}


def _text(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
