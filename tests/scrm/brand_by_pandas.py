"""Scores and tiers from the raw facts by the words of the definitions, in pandas: none of our SQL, none of our sums."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pandas as pd
from django.db import connection

DAY = timedelta(days=1)
CENT = Decimal("0.01")
MEMBERS = """
    SELECT m.id, i.lookup AS external_id, m.registered_at
    FROM members_member m LEFT JOIN members_identity i ON i.member_id = m.id AND i.type = 'external_id' ORDER BY m.id
"""
LINES = """
    SELECT l.member_id AS member, l.purchase_id AS fact, l.line_at AS at, l.quantity, l.unit_price, p.coupon_code AS coupon
    FROM timeline_purchaseline l JOIN timeline_purchase p ON (p.id, p.occurred_at) = (l.purchase_id, l.occurred_at)
"""
ACTS = "SELECT member_id AS member, occurred_at AS at, kind FROM timeline_interaction"
TOUCHES = "SELECT member_id AS member, occurred_at AS at FROM timeline_touch"


@dataclass(frozen=True)
class Facts:
    """Members by id, and what happened to them; `orders` are made of their lines."""

    members: pd.DataFrame
    orders: pd.DataFrame
    acts: pd.DataFrame
    touches: pd.DataFrame


def facts() -> Facts:
    """Everything in the current database."""
    lines = _read(LINES)
    lines["fen"] = [_fen(quantity, price) for quantity, price in zip(lines.quantity, lines.unit_price, strict=True)]
    lines["sold"] = [quantity > 0 for quantity in lines.quantity]
    lines["coupon"] = lines["coupon"] != ""
    summed = {"at": "min", "fen": "sum", "sold": "any", "coupon": "any"}
    orders = lines.groupby(["member", "fact"]).agg(summed).reset_index()
    return Facts(_read(MEMBERS).set_index("id"), orders, _read(ACTS), _read(TOUCHES))


def expected(known: Facts, as_of: datetime) -> pd.DataFrame:
    """Per member: external_id, is_known, recency, frequency, fen, r, f, m, tier."""
    orders, acts, touches = (each[each["at"] < as_of] for each in (known.orders, known.acts, known.touches))
    people = known.members.copy()
    first = pd.concat([orders, acts, touches]).groupby("member")["at"].min().reindex(people.index)
    began = people["registered_at"].fillna(first)
    people["is_known"] = first.notna() | (people["registered_at"] < as_of)
    people = people.join(_scores(orders, as_of))
    people["frequency"] = people["frequency"].fillna(0).astype(int)
    people["fen"] = _total(people, orders, as_of, 365)
    people["tier"] = _tiers(people, orders, acts, began, as_of).where(people["is_known"], "regular")
    return people


def _tiers(
    people: pd.DataFrame, orders: pd.DataFrame, acts: pd.DataFrame, began: pd.Series, as_of: datetime
) -> pd.Series:
    """The first of the five that matches, in the order of the table, else regular."""
    sold = orders[orders["sold"]]
    spend_30, spend_365 = (_total(people, orders, as_of, days) for days in (30, 365))
    acts_7, acts_90 = (_count(people, acts, as_of, days) for days in (7, 90))
    browses_7 = _count(people, acts[acts["kind"] == "browse"], as_of, 7)
    claims_30 = _count(people, acts[acts["kind"] == "coupon_claim"], as_of, 30)
    orders_365 = _count(people, sold, as_of, 365)
    with_coupon = _count(people, sold[sold["coupon"]], as_of, 365)
    abuse = ((orders_365 >= 1) & (100 * with_coupon >= 80 * orders_365)) | (claims_30 >= 5)
    rules = {
        "new": (began >= as_of - 7 * DAY) & (_count(people, sold, as_of, None) == 0),
        "high_value": (spend_30 >= 50_000) & (acts_7 >= 3),
        "potential": (spend_30 >= 20_000) & (browses_7 >= 5),
        "silent": (began <= as_of - 90 * DAY) & (_count(people, sold, as_of, 90) == 0) & (acts_90 < 1),
        "low_value": (spend_365 < 20_000) & abuse,
    }
    found = pd.Series("regular", index=people.index)
    for tier in reversed(rules):
        found[rules[tier]] = tier
    return found


def _scores(orders: pd.DataFrame, as_of: datetime) -> pd.DataFrame:
    """Of those with an order in the last 365 days: recency and frequency, and each score by its rank, the worst first."""
    window = orders[orders["at"] >= as_of - 365 * DAY]
    buyers = window[window["sold"]].groupby("member").agg(last=("at", "max"), frequency=("at", "size"))
    buyers["recency"] = (as_of - buyers["last"]) // DAY
    fen = window.groupby("member")["fen"].sum().reindex(buyers.index)
    for score, worst_first in {"r": -buyers["recency"], "f": buyers["frequency"], "m": fen}.items():
        buyers[score] = 1 + 5 * (worst_first.rank(method="min").astype(int) - 1) // len(buyers)
    return buyers.drop(columns="last")


def _total(people: pd.DataFrame, orders: pd.DataFrame, as_of: datetime, days: int) -> pd.Series:
    found = orders[orders["at"] >= as_of - days * DAY].groupby("member")["fen"].sum()
    return found.reindex(people.index, fill_value=0)


def _count(people: pd.DataFrame, rows: pd.DataFrame, as_of: datetime, days: int | None) -> pd.Series:
    inside = rows if days is None else rows[rows["at"] >= as_of - days * DAY]
    return inside.groupby("member").size().reindex(people.index, fill_value=0)


def _fen(quantity: Decimal, price: Decimal) -> int:
    return int((quantity * price).quantize(CENT, ROUND_HALF_UP) * 100)


def _read(sql: str) -> pd.DataFrame:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return pd.DataFrame(cursor.fetchall(), columns=[column.name for column in cursor.description])
