"""Coupons claimed by many at once, against pgbench running the bare conditional update over as many connections."""

import multiprocessing
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import connection, connections
from django.utils import timezone

from core.errors import ScrmError
from loyalty.models import Coupon, CouponGrant
from loyalty.services.coupons import claim
from members.models import Member
from scrm.bench.database import as_owner, execute, fetch
from scrm.bench.figures import Figure, at_least, in_turns
from scrm.bench.options import Options
from scrm.postgres.binaries import find

CLIENTS, STOCK = 200, 50
PROCESSES, THREADS = 2, 4
POOL = PROCESSES * THREADS
COUPONS = 30
MEMBERS = """
INSERT INTO members_member (name, name_key, gender, channel) SELECT '会员', '', '', '' FROM generate_series(1, %s)
"""
BARE = "CREATE TABLE bench_stock (id int PRIMARY KEY, granted int NOT NULL DEFAULT 0, stock int NOT NULL)"
# Each of the connections sends its part of the 200 attempts on one piece of stock, then goes on to the next.
SCRIPT = f"""
\\set n :n + 1
\\set id (:n + {CLIENTS // POOL} - 1) / {CLIENTS // POOL}
UPDATE bench_stock SET granted = granted + 1 WHERE id = :id AND granted < stock;
"""  # noqa: S608  # numbers of our own
Attempt = tuple[Coupon, Member]


def measure(options: Options) -> Iterator[Figure]:
    """200 clients for 50 pieces, one coupon after the other, by way of the service: found, refused, recorded."""
    pgbench = _pgbench()
    with as_owner():
        execute(MEMBERS, [CLIENTS])
        execute(BARE)
    options.say(f"{COUPONS} coupons of {STOCK} pieces, {CLIENTS} attempts on each, {POOL} connections")
    said: list[Counter[str]] = []
    ours, bare = in_turns(options.rounds, lambda: _ours(said), lambda: _bare(pgbench))
    whole = Counter({"granted": COUPONS * STOCK, "coupon_exhausted": COUPONS * (CLIENTS - STOCK)})
    exact = all(each == whole for each in said) and _counts_fit()
    yield at_least("attempts served / pgbench's bare update", ours / bare, 0.4, ours_per_s=ours, pgbench_per_s=bare)
    yield Figure(name="exactly 50 of 200", value=float(exact), unit="", target="1", holds=exact, parts=dict(whole))


def _ours(said: list[Counter[str]]) -> float:
    """Attempts a second."""
    members = list(Member.objects.all()[:CLIENTS])
    coupons = [_coupon() for _number in range(COUPONS)]
    attempts = [(coupon, member) for coupon in coupons for member in members]
    connections.close_all()
    context = multiprocessing.get_context("fork")
    answers: Any = context.Queue()
    start = context.Barrier(PROCESSES + 1)
    processes = [
        context.Process(target=_serve, args=(attempts[place::PROCESSES], start, answers)) for place in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    start.wait()
    began = time.perf_counter()
    counted = sum((answers.get() for _process in processes), Counter[str]())
    took = time.perf_counter() - began
    for process in processes:
        process.join()
    said.append(counted)
    return round(len(attempts) / took, 1)


def _serve(attempts: Sequence[Attempt], start: Any, answers: Any) -> None:
    """One process of clients; every thread has its connection before the clock runs."""
    with ThreadPoolExecutor(THREADS, initializer=connection.ensure_connection) as pool:
        list(pool.map(lambda _number: time.sleep(0.1), range(THREADS)))
        start.wait()
        slices = [attempts[place::THREADS] for place in range(THREADS)]
        answers.put(sum(pool.map(lambda own: Counter(map(_attempt, own)), slices), Counter[str]()))


def _attempt(attempt: Attempt) -> str:
    coupon, member = attempt
    try:
        claim(coupon=coupon, member=member, by=None, now=timezone.now())
    except ScrmError as refused:
        return refused.code
    return "granted"


def _coupon() -> Coupon:
    now = timezone.now()
    span = timedelta(days=1)
    return Coupon.objects.create(
        name="bench",
        kind="amount",
        amount=1,
        stock=STOCK,
        starts_at=now - span,
        ends_at=now + span,
        state="live",
        launched_at=now,
        created_at=now,
    )


def _counts_fit() -> bool:
    granted = list(Coupon.objects.values_list("granted", flat=True))
    return set(granted) == {STOCK} and CouponGrant.objects.count() == sum(granted)


def _bare(pgbench: str) -> float:
    with as_owner():
        execute("TRUNCATE bench_stock")
        execute("INSERT INTO bench_stock SELECT n, 0, %s FROM generate_series(1, %s) AS n", [STOCK, COUPONS])
        granted = _run(pgbench)
        if fetch("SELECT DISTINCT granted FROM bench_stock") != [(STOCK,)]:
            raise CommandError("pgbench's attempts did not meet the same stock.")
    return granted


def _run(pgbench: str) -> float:
    """Transactions a second, without the time to connect."""
    values = connection.get_connection_params()
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(SCRIPT)
        script.flush()
        command = [pgbench, "-n", "-f", script.name, "-D", "n=0", "-c", str(POOL), "-j", str(PROCESSES)]
        command += ["-t", str(COUPONS * CLIENTS // POOL), "-U", str(values["user"]), "-d", str(values["dbname"])]
        for option, name in (("-h", "host"), ("-p", "port")):
            command += [option, str(values[name])] if values.get(name) else []
        answer = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  # our own arguments
    line = next(each for each in answer.stdout.splitlines() if "without initial connection time" in each)
    return round(float(line.split("=")[1].split()[0]), 1)


def _pgbench() -> str:
    beside = find() / "pgbench"
    found = str(beside) if Path(beside).exists() else shutil.which("pgbench")
    if not found:
        raise CommandError("This bench needs pgbench, which comes with PostgreSQL.")
    return found
