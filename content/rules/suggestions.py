"""Where a missing slot would stand best: every hour of the days left, each point of its score with its reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from content.rules.cadence import Span

FIRST_HOUR, LAST_HOUR = 7, 22
LEAD = timedelta(hours=2)
APART = timedelta(hours=1)
REST = timedelta(hours=48)
MOST = 5
ACTIVE, WINDOW, DISTANCE, FESTIVAL, LOAD = 40, 20, 20, 12, 8


@dataclass(frozen=True)
class Reason:
    """One part of a score: `code` names it, `points` may be negative, `facts` are said in its sentence."""

    code: str
    points: int
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Suggestion:
    at: datetime
    score: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What is known around the gap.

    `hours` are the interactions in each hour of the day where they were `counted_in`, None if not counted yet; `whose`
    names the audience they are of, empty for everybody.
    `same` are moments of slots of the same type, `others` of all other slots, `load` the owner's slots of each day.
    """

    span: Span
    zone: ZoneInfo
    now: datetime
    hours: Sequence[int] | None
    counted_in: ZoneInfo
    whose: str = ""
    windows: Sequence[tuple[time, time]]
    same: Sequence[datetime] = ()
    others: Sequence[datetime] = ()
    festivals: Mapping[date, str] = field(default_factory=dict)
    load: Mapping[date, int] = field(default_factory=dict)


def suggest(situation: Situation, *, most: int = MOST) -> list[Suggestion]:
    """The best moment of each of the best days, the best first; the earlier of two equals. Nothing within two hours."""
    best: dict[date, Suggestion] = {}
    for moment in _moments(situation):
        if _taken(situation, moment):
            continue
        rated = _rated(situation, moment)
        day = moment.date()
        if day not in best or rated.score > best[day].score:
            best[day] = rated
    return sorted(best.values(), key=lambda each: (-each.score, each.at))[:most]


def _moments(situation: Situation) -> list[datetime]:
    first = max(situation.span.first, situation.now + LEAD).astimezone(situation.zone)
    day, last = first.date(), situation.span.end.astimezone(situation.zone)
    found = []
    while datetime.combine(day, time.min, situation.zone) < last:
        for hour in range(FIRST_HOUR, LAST_HOUR + 1):
            moment = datetime.combine(day, time(hour), situation.zone)
            if first <= moment < last:
                found.append(moment)
        day += timedelta(days=1)
    return found


def _taken(situation: Situation, moment: datetime) -> bool:
    return any(abs(moment - other) < APART for other in (*situation.same, *situation.others))


def _rated(situation: Situation, moment: datetime) -> Suggestion:
    found = (
        _activity(situation, moment),
        _window(situation, moment),
        _distance(situation, moment),
        _festival(situation, moment),
        _load(situation, moment),
    )
    reasons = tuple(reason for reason in found if reason is not None)
    return Suggestion(moment, sum(reason.points for reason in reasons), reasons)


def _activity(situation: Situation, moment: datetime) -> Reason:
    total = sum(situation.hours or ())
    if not situation.hours or not total:
        return Reason("activity_unknown", 0)
    here = situation.hours[moment.astimezone(situation.counted_in).hour]
    return Reason(
        "activity",
        round(ACTIVE * here / max(situation.hours)),
        {"share": here / total, "rank": 1 + sum(other > here for other in situation.hours), "whose": situation.whose},
    )


def _window(situation: Situation, moment: datetime) -> Reason | None:
    for begins, ends in situation.windows:
        if begins <= moment.time() < ends:
            return Reason("window", WINDOW, {"begins": begins, "ends": ends})
    return None


def _distance(situation: Situation, moment: datetime) -> Reason:
    if not situation.same:
        return Reason("alone", DISTANCE)
    nearest = min(abs(moment - other) for other in situation.same)
    points = round(DISTANCE * min(nearest / REST, 1.0))
    return Reason("distance", points, {"hours": round(nearest.total_seconds() / 3600)})


def _festival(situation: Situation, moment: datetime) -> Reason | None:
    """On the day itself and the three days that warm it up, the nearer the better."""
    for days in range(4):
        name = situation.festivals.get(moment.date() + timedelta(days=days))
        if name is not None:
            return Reason("festival", FESTIVAL - 3 * days, {"name": name, "days": days})
    return None


def _load(situation: Situation, moment: datetime) -> Reason:
    slots = situation.load.get(moment.date(), 0)
    return Reason("load", LOAD - 5 * slots, {"slots": slots}) if slots else Reason("free", LOAD)
