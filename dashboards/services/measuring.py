"""Measuring days: sources staged once for a stretch of them, then one table of members per day, summed by slice."""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from datetime import time as midnight
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from dashboards.enums import Sight
from dashboards.errors import CountTooSlow
from dashboards.models import EVERYBODY, MetricDefinition
from dashboards.rules.measuring import (
    MEASURED,
    Slot,
    by_singles,
    by_slice,
    measure,
    per_member,
    reaches,
    stage,
    table_of,
    totals,
    with_sources,
)
from dashboards.selectors.telling import Asked, Since, Told, asked, figure_of, sight_of
from segments.errors import AudienceTooSlow
from segments.selectors.audiences import patient
from timeline.models import FactSource, MemberSlice, fact_sources

MEMORY = "256MB"
# Of what a statement puts together on its way the planner knows no numbers and takes it for little; it is everybody's.
FOR_LITTLE = ("enable_nestloop", "enable_mergejoin", "enable_sort")
PREVIEWED = 30
PATIENCE = timedelta(seconds=20)
Hurry = Callable[[], None]


def no_hurry() -> None:
    """However long it takes."""


@dataclass(frozen=True, kw_only=True)
class Staged:
    """What is read once, whatever the number of days, metrics and slices that are told from it."""

    wanted: Sequence[Asked]
    slots: Sequence[Slot]
    since: Since
    given: str = ""


@contextmanager
def staged(wanted: Sequence[Asked], days: Sequence[date], *, hurry: Hurry = no_hurry) -> Iterator[Staged]:
    """The sources of the metrics over the days (in order, whole local days), in temporary tables until the end.

    Each table is a transaction of its own, unless the caller is in one: an open one holds up whoever follows the facts.
    Of one day alone, they are read within its statements.
    """
    slots = sorted({slot for each in wanted if not each.lacks for slot in each.slots()})
    sources = _sources()
    if len(days) == 1:
        given = with_sources(slots, sources) if slots else ""
        yield Staged(wanted=wanted, slots=slots, since=_since(slots), given=given)
        return
    codes = [code for code in reaches(slots, sources) if sources[code].stored]
    try:
        for code, back in reaches(slots, sources).items():
            if code in codes:
                hurry()
                _stage(code, sources, days[0] - timedelta(days=back), days[-1])
        yield Staged(wanted=wanted, slots=slots, since=_since(slots))
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                for code in codes:
                    cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table_of(code)}")


@transaction.atomic
def told_on(day: date, ready: Staged, slices: Sequence[MemberSlice]) -> list[tuple[Asked, Told]]:
    """Every metric for a day, for everybody and by slices."""
    sums = _sums(ready, day, slices)
    always = {EVERYBODY, *(each.code for each in slices if not each.members)}
    told: list[tuple[Asked, Told]] = []
    for place, each in enumerate(ready.wanted):
        rows = ((key, row[: len(ready.slots)], int(row[len(ready.slots) + place])) for key, row in sums.items())
        told += [(each, figure) for figure in _tell(each, sight_of(each, day, ready.since), ready.slots, rows, always)]
    return told


Sums = dict[tuple[str, str], list[Decimal]]
Row = tuple[tuple[str, str], list[Decimal], int]


def _sources() -> dict[str, FactSource]:
    return {source.code: source for source in fact_sources}


def _since(slots: Sequence[Slot]) -> Since:
    sources = _sources()
    with connection.cursor() as cursor:
        found: dict[str, date | None] = {}
        for code in sorted({slot.source for slot in slots}):
            cursor.execute(f"SELECT ({sources[code].since})", {"zone": settings.TIME_ZONE})
            found[code] = cursor.fetchone()[0]
    return found


@transaction.atomic
def _stage(code: str, sources: Mapping[str, FactSource], first: date, last: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL work_mem = '{MEMORY}'")
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table_of(code)}")
        cursor.execute(stage(code, sources), {"first": first, "last": last, "zone": settings.TIME_ZONE})
        cursor.execute(f"ANALYZE {table_of(code)}")


def _sums(ready: Staged, day: date, slices: Sequence[MemberSlice]) -> Sums:
    """By slice: the sum of each slot, then the sample of each metric.

    Kinds of which a member is in one slice at most are told at one stroke. A row per member is kept only for the others,
    where there are any.
    """
    slots = ready.slots
    if not slots:
        return {}
    place_of = {slot: place for place, slot in enumerate(slots)}
    samples = [[] if each.lacks else [place_of[slot] for slot in each.slots()] for each in ready.wanted]
    own = {kind for slot in slots for kind in _sources()[slot.source].parts}
    singles = [each for each in slices if each.single and each.code not in own]
    others = [each for each in slices if each not in singles and _has_any(each, day, is_own=each.code in own)]
    with for_everybody() as cursor:
        if others:
            cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{MEASURED}")
            cursor.execute(measure(slots, _sources(), ready.given), _values(day))
        found = _of_singles(ready, day, samples, singles, kept=bool(others))
    for each in others:
        if each.members:
            told = by_slice(slots, _sources(), each.members, each.code)
            found |= _fetch(each.code, f"{ready.given} {totals(slots, samples, told)}", _values(day))
        else:
            found |= _of_now(each, slots, samples)
    return found


@contextmanager
def for_everybody() -> Iterator[CursorWrapper]:
    """Memory, and plans that hash: for statements over all members."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL work_mem = '{MEMORY}'")
        for setting in FOR_LITTLE:
            cursor.execute(f"SET LOCAL {setting} = off")
        yield cursor
        for setting in FOR_LITTLE:
            cursor.execute(f"SET LOCAL {setting} TO DEFAULT")


def _has_any(each: MemberSlice, day: date, *, is_own: bool) -> bool:
    """Whether anybody belongs to one, or facts themselves may."""
    if is_own or not each.members:
        return is_own or bool((each.members_now or dict)())
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS ({each.members})", _values(day))
        return bool(cursor.fetchone()[0])


def _of_singles(
    ready: Staged, day: date, samples: Sequence[Sequence[int]], singles: Sequence[MemberSlice], *, kept: bool
) -> Sums:
    told = f"SELECT * FROM {MEASURED}" if kept else per_member(ready.slots, _sources(), staged=True)
    statement = by_singles(ready.slots, samples, told, [each.members for each in singles])
    with connection.cursor() as cursor:
        cursor.execute(statement if kept else f"{ready.given} {statement}", _values(day))
        rows = cursor.fetchall()
    found: Sums = {(EVERYBODY, ""): [Decimal(0)] * (len(ready.slots) + len(samples))}
    for row in rows:
        keys = [(each.code, number) for each, number in zip(singles, row, strict=False) if number is not None]
        for key in [(EVERYBODY, ""), *keys]:
            before = found.get(key)
            values = row[len(singles) :]
            found[key] = list(values) if before is None else [a + b for a, b in zip(before, values, strict=True)]
    return found


def _of_now(part: MemberSlice, slots: Sequence[Slot], samples: Sequence[Sequence[int]]) -> Sums:
    """One statement each: their text takes values by place. Nobody found is a figure too."""
    found: Sums = {}
    for number, (members, values) in (part.members_now or dict)().items():
        told = f"""
            SELECT '' AS slice_id, told.* FROM {MEASURED} AS told
            WHERE owner IN (SELECT member_id FROM ({members}) AS belong)
        """
        rows = _fetch(part.code, totals(slots, samples, told), values)
        found[part.code, number] = next(iter(rows.values()), [Decimal(0)] * (len(slots) + len(samples)))
    return found


def _fetch(code: str, sql: str, values: Any) -> Sums:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return {(code, row[0]): list(row[1:]) for row in cursor.fetchall()}


def _values(day: date) -> dict[str, Any]:
    end = datetime.combine(day + timedelta(days=1), midnight(), timezone.get_default_timezone())
    return {"day": day, "end": end, "zone": settings.TIME_ZONE}


def _tell(
    each: Asked, seen: Told, slots: Sequence[Slot], rows: Iterable[Row], always: Collection[str]
) -> Iterator[Told]:
    """For everybody and slices of now always; why it is not known for everybody; else where there is something to tell.

    A group in which only people spoke who are not known has no sample, and something to tell.
    """
    if seen.sight in {Sight.MISSING, Sight.NOT_DUE}:
        yield seen
        return
    own = each.slots()
    for (part, number), row, sample in rows:
        sums = dict(zip(slots, row, strict=True))
        if part in always or sample or any(sums[slot] for slot in own):
            yield figure_of(
                each,
                *({slot.fact: sums[slot] for slot in own if slot.window == window} for window in each.windows),
                seen=replace(seen, slice=part, slice_id=number, sample=sample),
            )


def preview(definition: MetricDefinition, *, last: date, days: int = PREVIEWED) -> list[tuple[date, Told]]:
    """What a metric, stored or not, would have been on the days up to `last`, over everybody; keeps nothing.

    Raises FormulaNotValid, or CountTooSlow after some seconds in all.
    """
    wanted = [asked(definition)]
    stretch = [last - timedelta(days=back) for back in range(days - 1, -1, -1)]
    hurry = _until(time.monotonic() + PATIENCE.total_seconds())
    told = []
    try:
        with patient(PATIENCE), staged(wanted, stretch, hurry=hurry) as ready:
            for day in stretch:
                hurry()
                told.append((day, told_on(day, ready, [])[0][1]))
    except AudienceTooSlow as slow:
        raise CountTooSlow from slow
    return told


def _until(end: float) -> Hurry:
    """Leaves each statement what is left of the time. Raises CountTooSlow when nothing is."""

    def hurry() -> None:
        left = int(1000 * (end - time.monotonic()))
        if left <= 0:
            raise CountTooSlow
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{left}ms"])

    return hurry
