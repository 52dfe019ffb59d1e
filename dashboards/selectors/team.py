"""Stores and guides beside each other, from the sums of the night; who sees whom."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, QuerySet, Subquery, Sum

from accounts.enums import Reach, Role
from accounts.models import Store, User
from dashboards.enums import KpiFigure
from dashboards.models import TeamFigures
from dashboards.rules.kpi import Scored, score_all

LEAST_GUIDES = 3
SUMS = (
    *("members", "joined_then", "retained", "bought_before", "bought_again"),
    *("gmv", "interactions", "joined", "follow_ups"),
)


@dataclass(frozen=True, kw_only=True)
class Totals:
    """Sums over members, as `TeamFigures` keeps them."""

    members: int = 0
    joined_then: int = 0
    retained: int = 0
    bought_before: int = 0
    bought_again: int = 0
    gmv: Decimal = Decimal(0)
    interactions: int = 0
    joined: int = 0
    follow_ups: int = 0


@dataclass(frozen=True, kw_only=True)
class Line:
    """One store or guide, or the average of some (`people` of them). `samples` stand behind the rates."""

    key: int | None
    name: str
    totals: Totals
    figures: Mapping[str, float | None]
    samples: Mapping[str, int]
    scored: Scored = field(default_factory=Scored)
    is_self: bool = False
    people: int = 1


@dataclass(frozen=True, kw_only=True)
class Team:
    """What somebody may see; for a guide herself, her stores, and the average of her colleagues there with her.

    A guide is shown no store of fewer than three guides, nor an average over such: she knows her own figures, and what
    is left of the store's would be those of her colleague.
    """

    day: date
    window_days: int
    counted_at: datetime
    stores: Sequence[Line]
    guides: Sequence[Line]
    average: Line | None = None


def team_for(user: User, *, weights: Mapping[str, float], least: int) -> Team | None:
    """The latest figures; None before the first night, or for somebody who sees no team. At most six queries.

    Scores and ranks are among those shown: a manager's guides are ranked within her stores.
    """
    seen = _seen_by(user)
    head = _latest().aggregate(day=Max("day"), days=Max("window_days"), counted=Max("counted_at"))
    if seen is None or head["day"] is None:
        return None
    own = user.reach == Reach.OWN
    seen = seen.filter(store__in=_crowded(seen)) if own else seen
    stores = _lines(_sums(seen, "store"), _stores(seen), least)
    hers = seen | _latest().filter(guide=user) if own else seen
    guides = _lines(_sums(hers.exclude(guide=None), "guide"), _guides(hers), least)
    average = _average(guides, least) if own else None
    return Team(
        day=head["day"],
        window_days=head["days"],
        counted_at=head["counted"],
        stores=stores if own else _ranked(stores, weights),
        guides=[replace(line, is_self=True) for line in guides if line.key == user.pk]
        if own
        else _ranked(guides, weights),
        average=average,
    )


def _latest() -> QuerySet[TeamFigures]:
    newest = TeamFigures.objects.order_by("-day").values("day")[:1]
    return TeamFigures.objects.filter(day=Subquery(newest))


def _seen_by(user: User) -> QuerySet[TeamFigures] | None:
    """A guide's colleagues are read for the average only: each of them stays unnamed."""
    match user.reach:
        case Reach.ALL:
            return _latest()
        case Reach.STORES | Reach.OWN:
            return _latest().filter(store__in=user.own_stores().values("pk"))
        case _:
            return None


def _crowded(rows: QuerySet[TeamFigures]) -> QuerySet[TeamFigures, Any]:
    """Stores of so many guides that sums over them tell of none."""
    guides = rows.filter(guide__role=Role.GUIDE, guide__is_active=True).order_by().values("store")
    return guides.annotate(guides=Count("guide", distinct=True)).filter(guides__gte=LEAST_GUIDES).values("store")


def _sums(rows: QuerySet[TeamFigures], by: str) -> dict[int | None, Totals]:
    summed = {f"all_{name}": Sum(name) for name in SUMS}
    found: Iterable[dict[str, Any]] = rows.order_by().values(by).annotate(**summed)
    return {row[by]: Totals(**{name: row[f"all_{name}"] for name in SUMS}) for row in found}


def _stores(rows: QuerySet[TeamFigures]) -> dict[int | None, str]:
    return {store.pk: str(store) for store in Store.objects.filter(pk__in=rows.order_by().values("store"))}


def _guides(rows: QuerySet[TeamFigures]) -> dict[int | None, str]:
    guides = User.objects.filter(pk__in=rows.order_by().values("guide"), role=Role.GUIDE, is_active=True)
    return {guide.pk: str(guide) for guide in guides}


def _lines(sums: Mapping[int | None, Totals], names: Mapping[int | None, str], least: int) -> list[Line]:
    """Those that have a name: members without a store or guide are nobody's."""
    return [
        Line(key=key, name=names[key], totals=totals, **_figures(totals, least))
        for key, totals in sums.items()
        if key in names
    ]


def _figures(totals: Totals, least: int, people: int = 1) -> dict[str, Any]:
    """Values and samples. A rate over too few members is not known; GMV and interactions count per member."""
    samples = {
        KpiFigure.RETENTION: totals.joined_then,
        KpiFigure.REPURCHASE: totals.bought_before,
        KpiFigure.GMV: totals.members,
        KpiFigure.INTERACTIONS: totals.members,
    }

    def rate(part: Decimal | int, figure: KpiFigure, fewest: int) -> float | None:
        base = samples[figure]
        return float(part / base) if base >= max(fewest, 1) else None

    values = {
        KpiFigure.RETENTION: rate(totals.retained, KpiFigure.RETENTION, least),
        KpiFigure.REPURCHASE: rate(totals.bought_again, KpiFigure.REPURCHASE, least),
        KpiFigure.GMV: rate(totals.gmv, KpiFigure.GMV, 1),
        KpiFigure.INTERACTIONS: rate(totals.interactions, KpiFigure.INTERACTIONS, 1),
        KpiFigure.NEW: totals.joined / people,
        KpiFigure.FOLLOW_UPS: totals.follow_ups / people,
    }
    return {"figures": values, "samples": samples}


def _ranked(lines: Sequence[Line], weights: Mapping[str, float]) -> list[Line]:
    """The best first; equals by name."""
    if not sum(weights.values()):
        return sorted(lines, key=lambda line: line.name)
    scores = score_all([line.figures for line in lines], weights)
    scored = [replace(line, scored=found) for line, found in zip(lines, scores, strict=True)]
    return sorted(scored, key=lambda line: (line.scored.rank is None, line.scored.rank, line.name))


def _average(guides: Sequence[Line], least: int) -> Line | None:
    if len(guides) < LEAST_GUIDES:
        return None
    totals = Totals(**{name: sum((getattr(line.totals, name) for line in guides), 0) for name in SUMS})
    people = len(guides)
    return Line(key=None, name="", totals=totals, people=people, **_figures(totals, least, people))
