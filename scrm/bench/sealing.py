"""The sealed audit: what sealing costs the writers, and what verifying costs beside reading and hashing alone."""

import json
import multiprocessing
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from multiprocessing.synchronize import Event
from shutil import rmtree

from django.conf import settings
from django.db import connection, connections, transaction
from django.utils import timezone

from audit.models import AuditEntry, AuditSeal
from audit.services import Target, deliver_seals, record_many, seal_rows, verify
from audit.services.verifying import ALL_ROWS, CHUNK
from scrm.bench.database import analyze, empty, execute
from scrm.bench.figures import Figure, at_least, at_most, in_turns, seconds_of
from scrm.bench.memory import in_process, peak_mb
from scrm.bench.options import Options

WRITERS = 8
BUSINESS_SECONDS = 0.020
ROWS_EACH = 3
MEASURED_SECONDS = 12.0
SEAL_EVERY = 5.0  # twelve times as often as in life
AT_ONCE = 20_000
TABLES = ("audit_auditentry", "audit_auditseal", "audit_auditanchor")

_FILL = """
INSERT INTO audit_auditentry (at, actor_type, actor_id, actor_label, action, object_type, object_id, object_label,
    reason, address, user_agent, request_id, changes)
SELECT now(), 'user', n %% 40, 'wang', 'members.change', 'members.member', n, '会员 ' || n, 'asked by phone',
    '203.0.113.9', 'Mozilla/5.0 (X11; Linux x86_64)', md5(n::text), jsonb_build_object('city', jsonb_build_array(n, n + 1))
FROM generate_series(%s, %s) AS n
"""


def measure(options: Options) -> Iterator[Figure]:
    yield from throughput(options)
    yield from verification(options)


def throughput(options: Options) -> Iterator[Figure]:
    """Writers whose transactions last a while, with a sealer in a process of its own and without, in turns."""
    _begin_a_log()
    options.say(f"{WRITERS} writers, transactions of {BUSINESS_SECONDS * 1000:.0f} ms, {ROWS_EACH} audit rows each")
    without, with_sealer = in_turns(options.rounds, _written_per_second, _written_per_second_sealed)
    seals = AuditSeal.objects.count()
    yield at_least(
        "writes with sealing / without",
        with_sealer / without,
        0.9,
        with_sealing=with_sealer,
        without=without,
        seals=seals,
    )
    yield at_least("audited writes a second", with_sealer, 500, unit="/s")


def verification(options: Options) -> Iterator[Figure]:
    _begin_a_log()
    options.say(f"writing and sealing {options.members:,} rows")
    for start in range(1, options.members + 1, AT_ONCE):
        execute(_FILL, [start, min(start + AT_ONCE - 1, options.members)])
    analyze("audit_auditentry")
    sealing_s = seconds_of(_seal_everything)
    bare_s, verify_s = in_turns(options.rounds, lambda: seconds_of(_read_and_hash), lambda: seconds_of(_verify))
    yield at_most(
        f"verify {options.members:,} rows / read and hash",
        verify_s / bare_s,
        3,
        verify_s=verify_s,
        bare_s=bare_s,
        sealing_s=round(sealing_s, 1),
    )
    grown = in_process(_memory_of_verifying, None)
    yield at_most("memory grown by verifying", grown, 40, unit="MB")


def _begin_a_log() -> None:
    empty(*TABLES)
    rmtree(settings.SCRM_SEALS, ignore_errors=True)


def _written_per_second() -> float:
    counts = [0] * WRITERS
    end = time.perf_counter() + MEASURED_SECONDS
    threads = [threading.Thread(target=_write_until, args=(end, counts, place)) for place in range(WRITERS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return round(sum(counts) / (time.perf_counter() - began), 1)


def _written_per_second_sealed() -> float:
    with _sealer():
        return _written_per_second()


def _write_until(end: float, counts: list[int], place: int) -> None:
    try:
        while time.perf_counter() < end:
            with transaction.atomic():
                targets = [Target(object_type="members.member", object_id=number) for number in range(ROWS_EACH)]
                counts[place] += record_many(by=None, action="members.change", targets=targets, reason="bench")
                time.sleep(BUSINESS_SECONDS)
    finally:
        connections.close_all()


@contextmanager
def _sealer() -> Iterator[None]:
    connections.close_all()
    context = multiprocessing.get_context("fork")
    stop = context.Event()
    process = context.Process(target=_seal_until, args=(stop,))
    process.start()
    try:
        yield
    finally:
        stop.set()
        process.join()


def _seal_until(stop: Event) -> None:
    while not stop.wait(SEAL_EVERY):
        seal_rows(now=timezone.now())
        deliver_seals(now=timezone.now())
    connections.close_all()


def _seal_everything() -> None:
    rows = AuditEntry.objects.count()
    sealed = 0
    while sealed < rows:
        sealed += seal_rows(now=timezone.now()).rows
        time.sleep(0.01)
    deliver_seals(now=timezone.now())


def _read_and_hash() -> None:
    with transaction.atomic(), connection.connection.cursor(name="bench_bare") as cursor:
        cursor.itersize = CHUNK
        for row in cursor.execute(ALL_ROWS):
            sha256(json.dumps(row[:-1], ensure_ascii=False).encode()).digest()


def _verify() -> None:
    if not verify(now=timezone.now(), keep=False).ok:
        raise RuntimeError("the bench's own log does not verify")


def _memory_of_verifying(_nothing: object) -> float:
    connection.ensure_connection()
    before = peak_mb()
    _verify()
    return peak_mb() - before
