# ruff: noqa: PLR2004 - the shipped definitions, written out
"""The tiering done well in pandas: server-side cursor, one group-by per table, ranks, COPY back. Shipped tiers only."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from django.db import connection

from scrm.bench.figures import spent_on
from scrm.bench.memory import peak_mb

PIECE = 200_000
DAY = 86_400 * 1_000_000
PURCHASES = """
SELECT member_id, (extract(epoch FROM occurred_at) * 1000000)::bigint AS at, (amount * 100)::bigint AS fen,
    sold::int AS sold, (coupon_code <> '')::int AS coupon FROM timeline_purchase WHERE occurred_at < %(as_of)s
"""
INTERACTIONS = """
SELECT member_id, (extract(epoch FROM occurred_at) * 1000000)::bigint AS at, (kind = 'browse')::int AS browse,
    (kind = 'coupon_claim')::int AS claim FROM timeline_interaction WHERE occurred_at < %(as_of)s
"""
MEMBERS = "SELECT id, (extract(epoch FROM registered_at) * 1000000)::bigint AS registered FROM members_member"
STANDINGS = """
CREATE TABLE peer_standing (
    member_id bigint PRIMARY KEY, known_at bigint, last_order_at bigint, frequency int, monetary bigint,
    r int, f int, m int, tier text
);
CREATE INDEX ON peer_standing (tier, member_id DESC);
CREATE INDEX ON peer_standing (monetary);
CREATE INDEX ON peer_standing (last_order_at);
CREATE TABLE peer_change (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, member_id bigint, at timestamptz, to_tier text);
CREATE INDEX ON peer_change (member_id, at DESC);
"""


def run(as_of: datetime) -> dict[str, Any]:
    """What it cost, peak memory and people by tier."""
    tiers: list[pd.Series[str]] = []
    spent = spent_on(lambda: tiers.append(_tiers(as_of)))
    return {"spent": spent, "peak_mb": peak_mb(), "by_tier": tiers[0].value_counts().to_dict()}


def _tiers(as_of: datetime) -> "pd.Series[str]":
    now = round(as_of.timestamp()) * 1_000_000
    members = _frame(MEMBERS, as_of).set_index("id")
    standing = members.join(_bought(_frame(PURCHASES, as_of), now)).join(_did(_frame(INTERACTIONS, as_of), now))
    standing["known"] = standing["registered"].fillna(standing[["first_order", "first_act"]].min(axis=1))
    standing = standing[standing["known"] < now]
    sums = [
        name
        for name in standing.columns
        if name not in {"registered", "known", "last_order", "first_order", "first_act"}
    ]
    standing[sums] = standing[sums].fillna(0)
    scored = standing[standing["orders_365"] > 0]
    recency = -((now - scored["last_order"]) // DAY)
    for name, worth in (("r", recency), ("f", scored["orders_365"]), ("m", scored["spend_365"])):
        standing[name] = 1 + (5 * (worth.rank(method="min") - 1)) // len(scored)
    standing["tier"] = _decide(standing, now)
    _copy_back(standing, as_of)
    return standing["tier"]


def _bought(bought: pd.DataFrame, now: int) -> pd.DataFrame:
    age = now - bought["at"]
    sold = bought["sold"]
    columns = {
        "spend_30": bought["fen"] * (age <= 30 * DAY),
        "spend_365": bought["fen"] * (age <= 365 * DAY),
        "orders": sold,
        "orders_90": sold * (age <= 90 * DAY),
        "orders_365": sold * (age <= 365 * DAY),
        "coupons_365": sold * bought["coupon"] * (age <= 365 * DAY),
    }
    grouped = pd.DataFrame(columns).groupby(bought["member_id"]).sum()
    grouped["last_order"] = bought["at"].where(sold > 0).groupby(bought["member_id"]).max()
    grouped["first_order"] = bought["at"].groupby(bought["member_id"]).min()
    return grouped


def _did(did: pd.DataFrame, now: int) -> pd.DataFrame:
    age = now - did["at"]
    columns = {
        "acts_7": (age <= 7 * DAY).astype("int64"),
        "acts_90": (age <= 90 * DAY).astype("int64"),
        "browses_7": did["browse"] * (age <= 7 * DAY),
        "claims_30": did["claim"] * (age <= 30 * DAY),
    }
    grouped = pd.DataFrame(columns).groupby(did["member_id"]).sum()
    grouped["first_act"] = did["at"].groupby(did["member_id"]).min()
    return grouped


def _decide(of: pd.DataFrame, now: int) -> Any:
    cheap = of["spend_365"] < 200_00
    hunting = (of["orders_365"] >= 1) & (of["coupons_365"] * 100 >= 80 * of["orders_365"])
    return np.select(
        [
            (of["known"] >= now - 7 * DAY) & (of["orders"] == 0),
            (of["spend_30"] >= 500_00) & (of["acts_7"] >= 3),
            (of["spend_30"] >= 200_00) & (of["browses_7"] >= 5),
            (of["known"] <= now - 90 * DAY) & (of["orders_90"] == 0) & (of["acts_90"] < 1),
            cheap & (hunting | (of["claims_30"] >= 5)),
        ],
        ["new", "high_value", "potential", "silent", "low_value"],
        "regular",
    )


def _copy_back(standing: pd.DataFrame, as_of: datetime) -> None:
    written = standing.reset_index()[["id", "known", "last_order", "orders_365", "spend_365", "r", "f", "m", "tier"]]
    whole = {name: "Int64" for name in written.columns if name != "tier"}
    with connection.cursor() as cursor:
        cursor.execute(STANDINGS)
        _copy(cursor, "peer_standing", written.astype(whole))
        changes = pd.DataFrame({"id": written["id"], "at": (as_of + timedelta()).isoformat(), "tier": written["tier"]})
        _copy(cursor, "peer_change (member_id, at, to_tier)", changes)
        cursor.execute("DROP TABLE peer_standing, peer_change")


def _copy(cursor: Any, target: str, frame: pd.DataFrame) -> None:
    with cursor.copy(f"COPY {target} FROM STDIN (FORMAT csv)") as copy:
        for first in range(0, len(frame), PIECE):
            text = io.StringIO()
            frame.iloc[first : first + PIECE].to_csv(text, header=False, index=False, quoting=csv.QUOTE_MINIMAL)
            copy.write(text.getvalue())


def _frame(query: str, as_of: datetime) -> pd.DataFrame:
    return pd.concat(_pieces(query, as_of), ignore_index=True)


def _pieces(query: str, as_of: datetime) -> Iterator[pd.DataFrame]:
    """By a server-side cursor, in binary."""
    connection.ensure_connection()
    raw = connection.connection
    with raw.transaction(), raw.cursor(name="peer", binary=True) as cursor:
        cursor.itersize = PIECE
        cursor.execute(query, {"as_of": as_of})
        names = [column.name for column in cursor.description]
        while rows := cursor.fetchmany(PIECE):
            yield pd.DataFrame(rows, columns=names)
