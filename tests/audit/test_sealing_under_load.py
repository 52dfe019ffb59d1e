"""Sealing while others write, with the sealer killed again and again (T20)."""

import logging
import multiprocessing
import os
import random
import signal
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from audit.models import AuditEntry, AuditSeal
from audit.rules import id_ranges
from audit.services import deliver_seals, record, seal_rows, sealing, verify
from tests.audit.logs import seal_all

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
log = logging.getLogger(__name__)
WRITERS = 8
KILLS = int(os.environ.get("SCRM_T20_KILLS", "20"))
LONGEST = 0.2
LATEST = timedelta(seconds=120)

#: The rows of a transaction that is open lie behind every seal that has been committed.
_SEALED_BEFORE_COMMIT = """
SELECT count(*) FROM audit_auditseal WHERE last_xid >= (SELECT max(xid::text::bigint) FROM audit_auditentry WHERE id = %s)
"""
_EVERYTHING_VISIBLE = """
SELECT xid::text::bigint, id, hash FROM audit_auditentry
WHERE (xid, id) > (%s::text::xid8, %s) AND %s IS NOT NULL ORDER BY xid, id LIMIT %s
"""


class Load:
    """Writers with transactions of all lengths, a fifth of them rolled back, and what they see of the seals."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.committed: dict[int, datetime] = {}
        self.sealed_early: list[int] = []
        self.threads = [threading.Thread(target=self._write, args=(seed,)) for seed in range(WRITERS)]

    def __enter__(self) -> Self:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def _write(self, seed: int) -> None:
        chance = random.Random(seed)
        try:
            while not self.stop.is_set():
                self._one(chance)
        finally:
            connections.close_all()

    def _one(self, chance: random.Random) -> None:
        undo = chance.random() < 0.2
        with transaction.atomic():
            ids = [record(by=None, action="t20.first").pk]
            time.sleep(chance.random() * LONGEST)
            ids.append(record(by=None, action="t20.second").pk)
            with connection.cursor() as cursor:
                cursor.execute(_SEALED_BEFORE_COMMIT, [ids[0]])
                self.sealed_early += ids if cursor.fetchone()[0] else []
            transaction.set_rollback(undo)
        if not undo:
            self.committed |= dict.fromkeys(ids, timezone.now())


def seal_for_ever() -> None:
    while True:
        seal_rows(now=timezone.now(), block=20)
        deliver_seals(now=timezone.now())


def killed_sealers(kills: int) -> None:
    chance = random.Random(20)
    connections.close_all()
    for _kill in range(kills):
        process = multiprocessing.get_context("fork").Process(target=seal_for_ever)
        process.start()
        time.sleep(0.2 + chance.random() * 0.6)
        assert process.pid
        os.kill(process.pid, signal.SIGKILL)
        process.join()


def loaded(kills: int) -> Load:
    with Load() as load:
        killed_sealers(kills)
    seal_all(block=20, now=timezone.now())
    return load


def longest_wait(load: Load) -> timedelta:
    """Between a commit and the seal over it."""
    waits = [
        seal.sealed_at - load.committed[number]
        for seal in AuditSeal.objects.all()
        for number in id_ranges.read(seal.ids)
    ]
    return max(waits)


def judge(load: Load) -> None:
    sealed = [number for seal in AuditSeal.objects.all() for number in id_ranges.read(seal.ids)]
    assert load.sealed_early == [], "no row is sealed before its commit"
    assert sorted(load.committed) == list(AuditEntry.objects.order_by("pk").values_list("pk", flat=True))
    assert sorted(sealed) == sorted(load.committed), "every committed row once, none that was rolled back"
    wait = longest_wait(load)
    assert wait < LATEST
    log.info("%d rows, %d seals, longest wait %s", len(sealed), AuditSeal.objects.count(), wait)
    result = verify(now=timezone.now(), keep=False)
    assert (result.ok, result.first_bad, result.unsealed) == (True, None, 0)


@pytest.mark.parametrize("kills", [3, pytest.param(KILLS, marks=pytest.mark.chaos)])
def test_every_committed_row_is_sealed_once_though_the_sealer_dies(kills: int, tmp_path: Path, settings: Any) -> None:
    settings.SCRM_SEALS = tmp_path / "seals"
    load = loaded(kills)
    assert len(load.committed) > 10 * kills
    judge(load)


def test_sealer_that_does_not_wait_for_open_transactions_is_found_out(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SCRM_SEALS = tmp_path / "seals"
    monkeypatch.setattr(sealing, "_ROWS", _EVERYTHING_VISIBLE)
    with Load() as load:
        killed_sealers(3)
    assert load.sealed_early, "a later transaction was sealed while this one was open"
