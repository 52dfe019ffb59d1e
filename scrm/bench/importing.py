# ruff: noqa: PLR2004 - the shape of the file
"""Imports: Online Retail against hand-written SQL, and a million members with and without encryption."""

import csv
import gzip
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from intake.enums import ImportKind, ImportState, Layout
from intake.models import ImportJob
from intake.services import create_import, run_import
from scrm.bench.database import empty, fetch, server_cpu
from scrm.bench.figures import Figure, Spent, ratios, spent_in_turns, spent_on
from scrm.bench.options import Options

REAL_FILE = "data/online-retail.csv.gz"
HEADER = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")
LINES, CUSTOMERS, ORDERS, PRODUCTS = 541_909, 4_372, 25_900, 4_070
PURCHASE_TABLES = ("timeline_purchase", "timeline_purchaseline", "timeline_orderkey", "timeline_product")
MEMBER_TABLES = ("members_member", "members_identity", "core_datakey")
PIECE = 1 << 20

RAW = """
CREATE TEMP TABLE raw (invoice text, code text, name text, quantity text, at text, price text, customer text, country text)
"""
BY_HAND = (
    "ANALYZE raw",
    """
    CREATE TEMP TABLE typed AS
    SELECT row_number() OVER () AS line_no, invoice AS order_no, code, name, quantity::numeric AS quantity,
        at::timestamp AT TIME ZONE 'UTC' AS line_at, price::numeric AS price,
        CASE WHEN quantity::numeric < 0 THEN 'refund' ELSE 'order' END AS kind, split_part(customer, '.', 1) AS customer
    FROM raw WHERE customer <> ''
    """,
    "ANALYZE typed",
    """
    SELECT timeline_ensure_months(array(
        SELECT DISTINCT date_trunc('month', line_at, 'UTC')::date FROM typed
    ))
    """,
    """
    INSERT INTO timeline_product (code, name, category)
    SELECT DISTINCT ON (code) code, coalesce(name, ''), '' FROM typed ORDER BY code, line_no
    """,
    """
    CREATE TEMP TABLE people AS SELECT customer, nextval(pg_get_serial_sequence('members_member', 'id')) AS id
    FROM (SELECT DISTINCT customer FROM typed) AS one
    """,
    "INSERT INTO members_member (id, name, name_key, gender, channel) SELECT id, '', '', '', '' FROM people",
    """
    INSERT INTO members_identity (member_id, type, lookup, source) SELECT id, 'external_id', customer, 'by_hand' FROM people
    """,
    """
    CREATE TEMP TABLE headers AS
    SELECT nextval(pg_get_serial_sequence('timeline_purchase', 'id')) AS id, one.* FROM (
        SELECT people.id AS member_id, order_no, kind, min(line_at) AS occurred_at, sum(round(quantity * price, 2)) AS amount,
            bool_or(quantity > 0) AS sold
        FROM typed JOIN people USING (customer) GROUP BY 1, 2, 3
    ) AS one
    """,
    "ANALYZE headers",
    """
    INSERT INTO timeline_orderkey (member_id, order_no, kind, source, purchase_id, occurred_at)
    SELECT member_id, order_no, kind, 'by_hand', id, occurred_at FROM headers
    """,
    """
    INSERT INTO timeline_purchase (id, member_id, occurred_at, xid, amount, sold, kind, source, order_no)
    SELECT id, member_id, occurred_at, (SELECT timeline_xid()), amount, sold, kind, 'by_hand', order_no FROM headers
    """,
    """
    INSERT INTO timeline_purchaseline
        (member_id, occurred_at, line_at, purchase_id, product_id, line_key, quantity, unit_price, amount)
    SELECT headers.member_id, headers.occurred_at, typed.line_at, headers.id, product.id,
        md5(concat_ws('|', typed.code, typed.name, quantity, price, line_at, row_number() OVER (
            PARTITION BY headers.id, typed.code, typed.name, quantity, price, line_at)))::uuid,
        quantity, price, round(quantity * price, 2)
    FROM typed JOIN people USING (customer)
    JOIN headers ON headers.member_id = people.id AND headers.order_no = typed.order_no AND headers.kind = typed.kind
    JOIN timeline_product AS product ON product.code = typed.code
    """,
    "DROP TABLE raw, typed, people, headers",
)


def purchases(options: Options) -> Iterator[Figure]:
    """The import command's own path against the statements that somebody would write for this one file."""
    with TemporaryDirectory() as folder:
        path, real = online_retail(Path(folder))
        stored: list[tuple[int, int]] = []
        by_hand, by_product = spent_in_turns(
            options.rounds,
            lambda: _emptied(lambda: _import_by_hand(path), stored),
            lambda: _emptied(lambda: import_file(path, ImportKind.PURCHASES, Layout.ONLINE_RETAIL), stored),
        )
    yield from ratios(
        "Online Retail: import / SQL by hand",
        by_product,
        by_hand,
        3,
        lines=stored[-1][0],
        same_rows=len(set(stored)) == 1,
        file="real" if real else "generated",
    )


def members(options: Options) -> Iterator[Figure]:
    """The same file twice: the second column as a phone (encrypted, indexed), and as a plain card number."""
    with TemporaryDirectory() as folder:
        path = _members_file(Path(folder), options.members)
        rounds = 1 if options.members > 200_000 else options.rounds
        stored: list[tuple[int, int]] = []
        plain, sealed = spent_in_turns(
            rounds,
            lambda: _emptied(lambda: import_file(path, ImportKind.MEMBERS, Layout.CSV, _columns("card")), stored),
            lambda: _emptied(lambda: import_file(path, ImportKind.MEMBERS, Layout.CSV, _columns("phone")), stored),
        )
    yield from ratios(f"{options.members:,} members: with phone / plain", sealed, plain, 2)


def import_file(path: Path, kind: ImportKind, layout: Layout, mapping: dict[str, object] | None = None) -> ImportJob:
    """What the import command does; raises when the import did not end well."""
    now = timezone.now()
    job = create_import(kind=kind, path=path, layout=layout, mapping=mapping or {}, source="bench", by=None, now=now)
    job = run_import(job_id=job.pk, now=now)
    if job.state != ImportState.DONE:
        raise RuntimeError(f"the import of {path.name} failed: {job.error_text}")
    return job


def online_retail(folder: Path) -> tuple[Path, bool]:
    """The real file where it is, else one of the same shape; and whether it is the real one."""
    real = Path(os.environ.get("SCRM_SHARED", "../shared")) / REAL_FILE
    return (real, True) if real.exists() else (generated_retail(folder / "retail.csv.gz"), False)


def generated_retail(path: Path, *, copies: int = 1) -> Path:
    """Lines in the shape of Online Retail: a quarter without a customer, two in a hundred negative."""
    draw = np.random.default_rng(1)
    with gzip.open(path, "wt", compresslevel=1, newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for copy in range(copies):
            writer.writerows(_retail_rows(draw, first_order=536_365 + copy * ORDERS))
    return path


def _retail_rows(draw: np.random.Generator, *, first_order: int) -> Iterator[tuple[object, ...]]:
    order = np.sort(draw.integers(0, ORDERS, LINES))
    customer = draw.integers(12_346, 12_346 + CUSTOMERS, ORDERS)[order]
    known = (draw.random(ORDERS) > 0.25)[order]
    product = draw.zipf(1.2, LINES) % PRODUCTS
    quantity = np.where((draw.random(ORDERS) < 0.02)[order], -1, 1) * draw.geometric(0.12, LINES)
    price = np.round(draw.lognormal(0.8, 0.8, LINES), 2)
    minute = order * (373 * 1440 // ORDERS)
    at = np.datetime64("2010-12-01T08:26:00") + minute.astype("timedelta64[m]")
    for place in range(LINES):
        code = f"{10_000 + product[place]}"
        yield (
            first_order + order[place], code, f"ITEM OF NUMBER {code}", quantity[place], str(at[place]).replace("T", " "),
            price[place], f"{customer[place]}.0" if known[place] else "", "United Kingdom",
        )  # fmt: skip


def _emptied(act: Callable[[], object], stored: list[tuple[int, int]]) -> Spent:
    """What `act` takes in empty tables; remembers what it left there."""
    empty(*PURCHASE_TABLES, *MEMBER_TABLES)
    spent = spent_on(act, elsewhere=server_cpu)
    ((lines, people),) = fetch(
        "SELECT (SELECT count(*) FROM timeline_purchaseline), (SELECT count(*) FROM members_identity)"
    )
    stored.append((lines, people))
    return spent


def _import_by_hand(path: Path) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute(RAW)
        with gzip.open(path, "rb") as file, cursor.copy("COPY raw FROM STDIN (FORMAT csv, HEADER)") as copy:
            while piece := file.read(PIECE):
                copy.write(piece)
        for statement in BY_HAND:
            cursor.execute(statement)


def _members_file(folder: Path, size: int) -> Path:
    """Numbers from a prefix that no operator has."""
    path = folder / "members.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        file.write("会员号,姓名,手机号\n")
        file.writelines(f"B{number:08d},会员{number:08d},154{number:08d}\n" for number in range(size))
    return path


def _columns(kind: str) -> dict[str, object]:
    return {"columns": {"external_id": "会员号", "name": "姓名", kind: "手机号"}}
