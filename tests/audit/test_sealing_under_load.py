"""Sealing while others write, with the sealer killed again and again (T20)."""

import multiprocessing
import os
import random
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connections, transaction
from django.utils import timezone

from audit.models import AuditEntry, AuditSeal
from audit.rules import id_ranges
from audit.services import deliver_seals, record, seal_rows, verify
from tests.audit.logs import seal_all

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
WRITERS = 8
KILLS = int(os.environ.get("SCRM_T20_KILLS", "5"))
LONGEST = 0.2


def write(stop: threading.Event, seed: int) -> None:
    """Transactions of all lengths; a fifth of them is rolled back."""
    chance = random.Random(seed)
    try:
        while not stop.is_set():
            with transaction.atomic():
                record(by=None, action="t20.first")
                time.sleep(chance.random() * LONGEST)
                record(by=None, action="t20.second")
                if chance.random() < 0.2:
                    transaction.set_rollback(True)
    finally:
        connections.close_all()


def seal_for_ever() -> None:
    while True:
        seal_rows(now=timezone.now(), block=20)
        deliver_seals(now=timezone.now())


def killed_sealers(chance: random.Random) -> None:
    connections.close_all()
    for _kill in range(KILLS):
        process = multiprocessing.get_context("fork").Process(target=seal_for_ever)
        process.start()
        time.sleep(0.2 + chance.random() * 0.6)
        assert process.pid
        os.kill(process.pid, signal.SIGKILL)
        process.join()


def test_every_committed_row_is_sealed_once_though_the_sealer_dies(tmp_path: Path, settings: Any) -> None:
    settings.SCRM_SEALS = tmp_path / "seals"
    stop = threading.Event()
    chance = random.Random(20)
    writers = [threading.Thread(target=write, args=(stop, seed)) for seed in range(WRITERS)]
    for writer in writers:
        writer.start()
    try:
        killed_sealers(chance)
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    seal_all(block=20, now=timezone.now())
    sealed = [number for seal in AuditSeal.objects.all() for number in id_ranges.read(seal.ids)]
    committed = list(AuditEntry.objects.values_list("pk", flat=True))
    assert len(committed) > 50
    assert sorted(sealed) == sorted(committed)
    result = verify(now=timezone.now(), keep=False)
    assert (result.ok, result.first_bad, result.unsealed) == (True, None, 0)
