"""What members of each kind of city prefer, from the sums of the night."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Max, Min, Sum

from accounts.enums import Reach
from accounts.models import User
from dashboards.models import PreferenceCell
from dashboards.rules.preferences import Preference, Sums, table
from members.enums import CityTier

TIERS = (CityTier.FIRST, CityTier.NEW_FIRST, CityTier.SECOND, CityTier.THIRD, CityTier.LOWER, CityTier.UNKNOWN)


@dataclass(frozen=True, kw_only=True)
class Preferences:
    """By city tier and category; `bases` are the buyers of each tier, `average` everybody's share of each category."""

    first_day: date
    last_day: date
    counted_at: datetime
    tiers: Sequence[CityTier]
    categories: Sequence[str]
    cells: dict[tuple[str, str], Preference]
    bases: dict[str, Sums]
    average: dict[str, float]


def preferences_for(user: User, *, of: str, least: int) -> Preferences | None:
    """Over everybody, or the members of her stores; None before the first count. One query."""
    rows = _rows(user)
    if not rows:
        return None
    sums = {(row["city_tier"], None if row["whole"] else row["category"]): _sums(row) for row in rows}
    bases = {tier: found for (tier, category), found in sums.items() if category is None}
    whole = sum(bases.values(), Sums())
    by_category = {
        name: sum((found for (_tier, category), found in sums.items() if category == name), Sums())
        for name in {category for _tier, category in sums if category is not None}
    }
    return Preferences(
        first_day=min(row["first"] for row in rows),
        last_day=max(row["last"] for row in rows),
        counted_at=min(row["counted"] for row in rows),
        tiers=[tier for tier in TIERS if tier in bases],
        categories=sorted(by_category, key=lambda name: (-by_category[name].buyers, name)),
        cells=table(sums, of=of, least=least),
        bases=bases,
        average={name: _part(found, whole, of) for name, found in by_category.items()},
    )


def _rows(user: User) -> list[dict[str, Any]]:
    cells = PreferenceCell.objects.all()
    if user.reach == Reach.STORES:
        cells = cells.filter(store__in=user.own_stores().values("pk"))
    elif user.reach != Reach.ALL:
        return []
    names = ("buyers", "spend", "squares", "products")
    summed = {f"all_{name}": Sum(name) for name in names}
    span = {"first": Min("first_day"), "last": Max("last_day"), "counted": Min("counted_at")}
    grouped = cells.order_by().values("city_tier", "whole", "category")
    return [dict(row) for row in grouped.annotate(**summed, **span)]


def _sums(row: dict[str, Any]) -> Sums:
    return Sums(
        buyers=row["all_buyers"],
        spend=float(row["all_spend"]),
        squares=float(row["all_squares"]),
        products=float(row["all_products"]),
    )


def _part(part: Sums, whole: Sums, of: str) -> float:
    one, other = (part.buyers, whole.buyers) if of == "buyers" else (part.spend, whole.spend)
    return one / other if other else 0.0
