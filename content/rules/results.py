"""From counted acts and reports to a value, or to the reason why there is none. A value is never 0 by default."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from content.enums import Known, Metric

FINISHED = "finished"
#: Whoever did one of these acts has seen the item, once however many of them she did.
SEEING: Mapping[str, tuple[str, ...]] = {"reading": ("open", "read"), "watching": ("watch",)}
#: Among those who have seen it, by a name of SEEING: the act that the metric asks for.
RATES: Mapping[str, tuple[str, str]] = {
    Metric.READ_THROUGH: ("reading", FINISHED),
    Metric.SAVE_RATE: ("reading", "save"),
    Metric.COMPLETION: ("watching", FINISHED),
    Metric.SHARE_RATE: ("watching", "share"),
}
MONTH = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    known: Known
    value: Decimal | None = None
    part: int | None = None
    base: int | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Live:
    gmv: Decimal | None
    stay: Decimal | None


@dataclass(frozen=True, kw_only=True)
class AccountDay:
    day: date
    followers: int | None
    delivered: int | None
    opened: int | None


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of one published slot.

    `people` counts members by act, and by the names of SEEING; `recorded` names the acts that any slot of its type on
    its account has ever received: what nobody records cannot be 0. Days of `account` are those of `zone`.
    """

    published_at: datetime
    due_at: datetime
    people: Mapping[str, int]
    recorded: frozenset[str]
    zone: ZoneInfo
    live: Live | None = None
    account: tuple[AccountDay, ...] = ()


def outcome(metric: str, facts: Facts, *, now: datetime) -> Outcome:
    if metric in RATES:
        return _rate(metric, facts, now)
    if metric in {Metric.GMV, Metric.STAY}:
        return _of_session(metric, facts, now)
    return _growth(facts, now) if metric == Metric.FOLLOWER_GROWTH else _openings(facts, now)


def _rate(metric: str, facts: Facts, now: datetime) -> Outcome:
    seeing, act = RATES[metric]
    base = facts.people.get(seeing, 0)
    due = now >= facts.due_at
    if act not in facts.recorded:
        return _unknown(f"no_{act}", due=due)
    if not base:
        return _unknown("no_reach", due=due)
    part = min(facts.people.get(act, 0), base)
    return Outcome(
        known=_how(whole=due), value=_share(part, base), part=part, base=base, reason="" if due else "window_open"
    )


def _of_session(metric: str, facts: Facts, now: datetime) -> Outcome:
    due = now >= facts.due_at
    if facts.live is None:
        return _unknown("no_live_report", due=due)
    value = facts.live.gmv if metric == Metric.GMV else facts.live.stay
    return _unknown("no_column", due=True) if value is None else Outcome(known=Known.OBSERVED, value=value)


def _growth(facts: Facts, now: datetime) -> Outcome:
    """Followers 30 days after against those of the day; fewer days make it partial, not a guess for the month."""
    first = _day(facts.published_at, facts)
    days = [day for day in facts.account if day.followers and first <= day.day <= first + MONTH]
    due = now >= facts.published_at + MONTH
    if len(days) < 2:  # noqa: PLR2004  # a beginning and an end
        return _unknown("no_platform_report", due=due)
    begin, end = min(days, key=lambda day: day.day), max(days, key=lambda day: day.day)
    gained = (end.followers or 0) - (begin.followers or 0)
    whole = (end.day - begin.day) >= MONTH
    return Outcome(
        known=_how(whole=whole),
        value=(Decimal(gained) / Decimal(begin.followers or 1)).quantize(Decimal("0.000001")),
        part=gained,
        base=begin.followers,
        reason="" if whole else "month_open",
    )


def _openings(facts: Facts, now: datetime) -> Outcome:
    first, last = _day(facts.published_at, facts), _day(facts.due_at, facts)
    days = [day for day in facts.account if day.delivered and first <= day.day <= last]
    due = now >= facts.due_at
    delivered = sum(day.delivered or 0 for day in days)
    if not delivered or all(day.opened is None for day in days):
        return _unknown("no_platform_report", due=due)
    opened = sum(day.opened or 0 for day in days)
    whole = due and all(day.opened is not None for day in days)
    value = _share(min(opened, delivered), delivered)
    return Outcome(
        known=_how(whole=whole), value=value, part=opened, base=delivered, reason="" if whole else "window_open"
    )


def _day(moment: datetime, facts: Facts) -> date:
    return moment.astimezone(facts.zone).date()


def _unknown(reason: str, *, due: bool) -> Outcome:
    return Outcome(known=Known.MISSING, reason=reason) if due else Outcome(known=Known.NOT_DUE, reason="window_open")


def _how(*, whole: bool) -> Known:
    return Known.OBSERVED if whole else Known.PARTIAL


def _share(part: int, base: int) -> Decimal:
    return (Decimal(part) / Decimal(base)).quantize(Decimal("0.000001"))
