"""What activities brought, from the facts as they stand now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection
from django.db.models import Count, Sum

from campaigns.enums import CreditRule
from campaigns.models import Activity, Attribution, Cost
from campaigns.rules.funnel import Facts, Rate, rates
from campaigns.selectors.settings import bands

_FACTS = """
WITH took AS (
    SELECT activity_id, count(DISTINCT member_id) FILTER (WHERE in_audience) AS inside,
        count(DISTINCT member_id) FILTER (WHERE NOT in_audience) AS outside
    FROM campaigns_participation WHERE activity_id = ANY(%(ids)s) GROUP BY 1
), per_member AS (
    SELECT activity_id, member_id, count(*) AS orders, sum(net) AS net
    FROM campaigns_attribution WHERE activity_id = ANY(%(ids)s) GROUP BY 1, 2
), credited AS (
    SELECT activity_id, sum(orders)::bigint AS orders, sum(net) AS revenue, sum(net * net) AS squares,
        count(*) FILTER (WHERE EXISTS (
            SELECT FROM campaigns_participation AS took
            WHERE took.activity_id = per_member.activity_id AND took.member_id = per_member.member_id
                AND took.in_audience
        )) AS buyers, count(*) AS all_buyers
    FROM per_member GROUP BY 1
), spent AS (
    SELECT activity_id, sum(amount) AS cost FROM campaigns_cost
    WHERE activity_id = ANY(%(ids)s) AND taken_back_at IS NULL GROUP BY 1
)
SELECT activity.id, coalesce(activity.audience_size, 0), coalesce(took.inside, 0), coalesce(took.outside, 0),
    coalesce(credited.buyers, 0), coalesce(credited.all_buyers, 0), coalesce(credited.orders, 0),
    coalesce(credited.revenue, 0), coalesce(credited.squares, 0), spent.cost
FROM campaigns_activity AS activity
LEFT JOIN took ON took.activity_id = activity.id
LEFT JOIN credited ON credited.activity_id = activity.id
LEFT JOIN spent ON spent.activity_id = activity.id
WHERE activity.id = ANY(%(ids)s)
"""
_DAYS = """
SELECT day, sum(took)::bigint, sum(orders)::bigint, sum(net) FROM (
    SELECT day, count(DISTINCT member_id) AS took, 0 AS orders, 0 AS net
    FROM campaigns_participation WHERE activity_id = %(id)s GROUP BY 1
    UNION ALL
    SELECT (occurred_at AT TIME ZONE %(zone)s)::date, 0, count(*), sum(net)
    FROM campaigns_attribution WHERE activity_id = %(id)s GROUP BY 1
) AS days GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True, kw_only=True)
class Results:
    """The facts of one activity, and its rates beside the bands of its level.

    Before the start nothing of it `is_observed`, and its zeros say nothing; `cost` is None where none was recorded.
    """

    facts: Facts
    all_buyers: int
    is_observed: bool
    cost: Decimal | None
    rates: Mapping[str, Rate]

    @property
    def order_value(self) -> Decimal | None:
        return self.facts.revenue / self.facts.orders if self.facts.orders else None


@dataclass(frozen=True)
class Day:
    day: date
    took_part: int
    orders: int
    revenue: Decimal


def results_of(activities: Iterable[Activity]) -> dict[int, Results]:
    """By number; two queries, whatever their number."""
    chosen = {activity.pk: activity for activity in activities}
    if not chosen:
        return {}
    spans = bands()
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, {"ids": list(chosen)})
        rows = cursor.fetchall()
    found = {}
    for number, audience, inside, outside, buyers, all_buyers, orders, revenue, squares, cost in rows:
        facts = Facts(
            audience=audience,
            took_part=inside,
            outside=outside,
            buyers=buyers,
            orders=orders,
            revenue=revenue,
            squares=squares,
            cost=cost or Decimal(0),
        )
        level = spans.get(chosen[number].level, {})
        found[number] = Results(
            facts=facts,
            all_buyers=all_buyers,
            is_observed=chosen[number].started_at is not None,
            cost=cost,
            rates=rates(facts, level),
        )
    return found


def days_of(activity: Activity, *, zone: str) -> list[Day]:
    """Who took part, orders and net revenue by local day, from the first such day on."""
    with connection.cursor() as cursor:
        cursor.execute(_DAYS, {"id": activity.pk, "zone": zone})
        return [Day(*row) for row in cursor.fetchall()]


def orders_by_rule(activity: Activity) -> Sequence[tuple[CreditRule, int, Decimal]]:
    """Rule, orders, net revenue, in the order of precedence."""
    rows = Attribution.objects.filter(activity=activity).values("rule").annotate(orders=Count("pk"), revenue=Sum("net"))
    by_rule = {row["rule"]: row for row in rows}
    return [(rule, by_rule[rule]["orders"], by_rule[rule]["revenue"]) for rule in CreditRule if rule in by_rule]


def costs_of(activity: Activity) -> list[Cost]:
    return list(Cost.objects.filter(activity=activity).select_related("by").order_by("-day", "-id"))


def spent_on(activities: Iterable[Activity]) -> dict[int, Decimal]:
    rows = Cost.objects.filter(activity__in=list(activities), taken_back_at=None).order_by().values("activity")
    return {row["activity"]: row["spent"] for row in rows.annotate(spent=Sum("amount"))}
