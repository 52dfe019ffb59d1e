"""Figures as the pages show them: from snapshots, for everybody, one slice, or several stores taken together."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Max, Q

from accounts.enums import Reach
from accounts.models import User
from dashboards.enums import Comparison, Health, Lack, Sight
from dashboards.errors import FormulaNotValid
from dashboards.models import EVERYBODY, STORE, MetricDefinition, Snapshot
from dashboards.rules.judging import judged
from dashboards.selectors.telling import Asked, Told, Values, asked, figure_of
from timeline.models import member_slices

WEEKS = 12
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Part:
    """Whose figures: a slice and identifiers within it; several are taken together. `name` for the reader."""

    slice: str = EVERYBODY
    ids: tuple[str, ...] = ("",)
    name: str = ""

    @property
    def is_everybody(self) -> bool:
        return self.slice == EVERYBODY


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One metric of one day, judged by the range that is set now."""

    metric: MetricDefinition
    day: date
    told: Told
    health: Health
    computed_at: datetime | None = None
    computed_by: str = ""

    @property
    def value(self) -> Decimal | None:
        return self.told.value

    @property
    def is_known(self) -> bool:
        return self.told.value is not None

    @property
    def now(self) -> Decimal | None:
        """For a change: the value of the window itself."""
        if self.metric.comparison != Comparison.PRECEDING or self.told.base is None or self.told.value is None:
            return None
        return self.told.base * (1 + self.told.value)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A metric on its latest day, and the same weekday of the weeks before, the oldest first."""

    metric: MetricDefinition
    latest: Figure
    trend: tuple[tuple[date, Figure | None], ...]

    @property
    def before(self) -> Figure | None:
        """A week ago."""
        return self.trend[-2][1] if len(self.trend) > 1 else None


def everybody(user: User) -> Part | None:
    """Who sees whom: all, her stores together, or None for somebody whose members are no group that is measured."""
    if user.reach == Reach.ALL:
        return Part()
    if user.reach == Reach.STORES:
        return Part(STORE, tuple(member_slices.get(STORE).choices(user)) or ("-",))
    return None


def part_of(user: User, by: str, of: str) -> Part | None:
    """The slice that was asked for, if she may see it."""
    if not by:
        return everybody(user)
    if by not in member_slices:
        return None
    name = member_slices.get(by).choices(user).get(of)
    return None if name is None else Part(by, (of,), name)


def latest_day() -> date | None:
    """The last day of which there are figures."""
    found: date | None = Snapshot.objects.filter(slice=EVERYBODY).aggregate(day=Max("day"))["day"]
    return found


def metrics_in_use() -> list[MetricDefinition]:
    return list(MetricDefinition.objects.filter(is_active=True).select_related("owner"))


def lines(metrics: Sequence[MetricDefinition], part: Part, day: date) -> list[Line]:
    """Each with its trend of 12 weeks up to `day`; one query."""
    days = [day - WEEK * back for back in range(WEEKS - 1, -1, -1)]
    found = figures(metrics, part, days)
    return [
        Line(
            metric=metric,
            latest=found.get((metric.pk, day)) or _absent(metric, day),
            trend=tuple((each, found.get((metric.pk, each))) for each in days),
        )
        for metric in metrics
    ]


def figures(metrics: Iterable[MetricDefinition], part: Part, days: Collection[date]) -> dict[tuple[int, date], Figure]:
    """By metric and day, for days that were measured; one query."""
    known = {metric.pk: metric for metric in metrics}
    own = Q(slice=EVERYBODY) | Q(slice=part.slice, slice_id__in=part.ids)
    rows: dict[tuple[int, date], list[Snapshot]] = {}
    for row in Snapshot.objects.filter(own, metric__in=known, day__in=days):
        if row.counted_as == known[row.metric_id].counted_as:
            rows.setdefault((row.metric_id, row.day), []).append(row)
    found = {}
    for (metric, day), several in rows.items():
        figure = _figure(known[metric], several, part)
        if figure is not None:
            found[metric, day] = figure
    return found


def by_slice(metric: MetricDefinition, slice_: str, names: Mapping[str, str], day: date) -> list[tuple[str, Figure]]:
    """Identifier and figure of each of `names` on a day, those with the largest sample first."""
    rows = metric.snapshots.filter(slice=slice_, day=day, slice_id__in=names, counted_as=metric.counted_as)
    return [(row.slice_id, _stored(metric, row)) for row in rows.order_by("-sample", "slice_id")]


def judge(metric: MetricDefinition, value: Decimal | None) -> Health:
    return judged(value, side=metric.good_side, low=metric.low, high=metric.high, tolerance=metric.tolerance)


def told_of(row: Snapshot) -> Told:
    return Told(
        slice=row.slice,
        slice_id=row.slice_id,
        value=row.value,
        base=row.base,
        facts=_numbers(row.facts),
        facts_before=_numbers(row.facts_before),
        sample=row.sample,
        sight=Sight(row.sight),
        lack=row.lack,
        since=row.since,
    )


def _figure(metric: MetricDefinition, rows: Sequence[Snapshot], part: Part) -> Figure | None:
    """What everybody's row says of how far the day was observed holds for its parts too."""
    whole = next((row for row in rows if row.slice == EVERYBODY), None)
    if part.is_everybody or whole is None:
        return None if whole is None else _stored(metric, whole)
    own = [row for row in rows if row.slice == part.slice]
    if len(own) == 1 and len(part.ids) == 1:
        return _stored(metric, own[0])
    if not own and not member_slices.get(part.slice).members:
        return None  # nobody knows any more who belonged to it: that is no 0
    told = told_of(whole)
    if told.sight not in {Sight.MISSING, Sight.NOT_DUE}:
        told = _together(metric, own, told)
    return _of(metric, whole, told)


def _together(metric: MetricDefinition, rows: Sequence[Snapshot], whole: Told) -> Told:
    """The facts of several slices added up, and the formula over the sums."""
    ready = _ready(metric)
    if ready is None:
        return replace(whole, value=None, base=None, sight=Sight.MISSING, lack=Lack.UNKNOWN_FACT)
    sight, lack = whole.sight, whole.lack
    if lack != Lack.SHORT_WINDOW:
        sight, lack = Sight.OBSERVED, ""
    sums = [_added(whole.facts, [_numbers(row.facts) for row in rows])]
    if metric.comparison == Comparison.PRECEDING:
        sums.append(_added(whole.facts_before, [_numbers(row.facts_before) for row in rows]))
    seen = Told(sample=sum(row.sample for row in rows), sight=Sight(sight), lack=lack, since=whole.since)
    return figure_of(ready, *sums, seen=seen)


def _ready(metric: MetricDefinition) -> Asked | None:
    try:
        ready = asked(metric)
    except FormulaNotValid:
        return None
    return None if ready.unknown else ready


def _added(names: Iterable[str], several: Sequence[Values]) -> Values:
    return {name: sum((values.get(name, Decimal(0)) for values in several), Decimal(0)) for name in names}


def _stored(metric: MetricDefinition, row: Snapshot) -> Figure:
    return _of(metric, row, told_of(row))


def _of(metric: MetricDefinition, row: Snapshot, told: Told) -> Figure:
    return Figure(
        metric=metric,
        day=row.day,
        told=told,
        health=judge(metric, told.value),
        computed_at=row.computed_at,
        computed_by=row.computed_by,
    )


def _absent(metric: MetricDefinition, day: date) -> Figure:
    """Nothing was computed for that day."""
    told = Told(sight=Sight.NOT_DUE, lack=Lack.NOT_COMPUTED)
    return Figure(metric=metric, day=day, told=told, health=Health.NONE)


def _numbers(values: Mapping[str, str]) -> dict[str, Decimal]:
    return {name: Decimal(text) for name, text in values.items()}
