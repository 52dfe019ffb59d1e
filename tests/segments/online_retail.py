"""The Online Retail file: loaded into the timeline by plain SQL, and scored by pandas without any of our code."""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from django.db import connection

from tests.segments.facts import ensure_months

DAY = timedelta(days=1)
STAGING = "retail_line"


def path() -> Path:
    """The file; the test is skipped where there is none, except where CI runs."""
    found = Path(os.environ.get("SCRM_SHARED", "../shared")) / "data" / "online-retail.csv.gz"
    if not found.exists() and "CI" not in os.environ:
        pytest.skip(f"no sample data at {found} (SCRM_SHARED names its folder)")
    return found


def lines() -> pd.DataFrame:
    """Every line with a customer: customer, invoice, at (UTC), quantity, fen (rounded half up per line)."""
    raw = pd.read_csv(path(), dtype={"InvoiceNo": str, "StockCode": str, "CustomerID": str, "UnitPrice": str})
    raw = raw[raw["CustomerID"].notna()]
    price = (raw["UnitPrice"].astype(float) * 10_000).round().astype("int64")
    exact = raw["Quantity"].astype("int64") * price
    return pd.DataFrame(
        {
            "customer": raw["CustomerID"].str.removesuffix(".0"),
            "invoice": raw["InvoiceNo"],
            "at": pd.to_datetime(raw["InvoiceDate"], utc=True),
            "quantity": raw["Quantity"],
            "fen": exact.abs().add(50).floordiv(100).mul(exact.ge(0).mul(2).sub(1)),
        }
    )


def load(frame: pd.DataFrame) -> None:
    """Members, identities and purchase headers of these lines."""
    ensure_months({date(at.year, at.month, 1) for at in frame["at"].dt.to_pydatetime()})
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{STAGING}")
        cursor.execute(
            f"CREATE TEMP TABLE {STAGING} (customer text, invoice text, at timestamptz, qty int, fen bigint)"
        )
        with cursor.copy(f"COPY {STAGING} FROM STDIN") as copy:
            for row in frame.itertuples(index=False):
                copy.write_row((row.customer, row.invoice, row.at.isoformat(), row.quantity, row.fen))
        cursor.execute(
            f"""
            WITH customer AS (
                SELECT customer, nextval(pg_get_serial_sequence('members_member', 'id')) AS id
                FROM (SELECT DISTINCT customer FROM {STAGING} ORDER BY customer) c
            ), member AS (
                INSERT INTO members_member (id, name, name_key, gender, channel) SELECT id, '', '', '', '' FROM customer
            ), identity AS (
                INSERT INTO members_identity (member_id, type, lookup, source)
                SELECT id, 'external_id', customer, 'test' FROM customer
            )
            INSERT INTO timeline_purchase (member_id, occurred_at, amount, sold, kind, source, order_no)
            SELECT c.id, min(l.at), sum(l.fen) / 100.0, l.qty > 0, CASE WHEN l.qty > 0 THEN 'order' ELSE 'refund' END,
                'test', l.invoice
            FROM {STAGING} l JOIN customer c USING (customer) GROUP BY c.id, l.invoice, l.qty > 0
            """
        )


def expected(frame: pd.DataFrame, as_of: datetime, window: int = 365) -> pd.DataFrame:
    """Scores and tier per customer by the seeded definitions; without interactions and coupons in the file."""
    headers = frame.groupby(["customer", "invoice"]).agg(
        at=("at", "min"), fen=("fen", "sum"), sold=("quantity", lambda quantity: bool((quantity > 0).any()))
    )
    headers = headers[headers["at"] < as_of].reset_index()
    everyone = pd.DataFrame(index=pd.Index(sorted(frame["customer"].unique()), name="customer"))
    orders = headers[headers["sold"]]
    recent = headers[headers["at"] >= as_of - window * DAY]
    scored = recent[recent["sold"]].groupby("customer").agg(frequency=("at", "size"), last=("at", "max"))
    everyone["frequency"] = scored["frequency"]
    everyone["recency"] = (as_of - scored["last"]) // DAY
    everyone["fen"] = recent.groupby("customer")["fen"].sum()
    everyone["fen"] = everyone["fen"].fillna(0).astype(int)
    n = len(scored)
    buyers = everyone.loc[scored.index]
    for score, worst_first in (
        ("r", -buyers["recency"]),
        ("f", buyers["frequency"]),
        ("m", buyers["fen"]),
    ):
        everyone[score] = 1 + (5 * (worst_first.rank(method="min").astype(int) - 1)) // n
    known = headers.groupby("customer")["at"].min().reindex(everyone.index)
    fen_30 = (
        headers[headers["at"] >= as_of - 30 * DAY].groupby("customer")["fen"].sum().reindex(everyone.index).fillna(0)
    )
    orders_90 = orders[orders["at"] >= as_of - 90 * DAY].groupby("customer").size().reindex(everyone.index).fillna(0)
    ever = orders.groupby("customer").size().reindex(everyone.index).fillna(0)
    assert (fen_30 >= 0).any()
    everyone["tier"] = "regular"
    everyone.loc[(known <= as_of - 90 * DAY) & (orders_90 == 0), "tier"] = "silent"
    everyone.loc[(known >= as_of - 7 * DAY) & (ever == 0), "tier"] = "new"
    return everyone


AS_OF = datetime(2011, 12, 9, 16, tzinfo=UTC)  # 2011-12-10 00:00 in Shanghai
