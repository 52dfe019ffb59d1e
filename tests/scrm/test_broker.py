"""Messages through the real broker to a real worker: over PostgreSQL by default, over Redis where it is named."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from core import roles
from scrm import broker, services
from scrm.celery import app
from scrm.models import ScheduledRun
from scrm.runs import HEADER

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]


def wait_until(true: Callable[[], bool], seconds: float = 240.0) -> bool:
    end = time.monotonic() + seconds
    while not (done := true()) and time.monotonic() < end:
        time.sleep(0.1)
    return done


@pytest.fixture(autouse=True)
def empty_queues() -> Iterator[None]:
    def purge() -> None:
        with app.connection_for_write() as link:
            for queue in broker.QUEUES:
                link.default_channel.queue_purge(queue)

    purge()
    yield
    purge()


def address(role: str) -> str:
    """The test's own database, as this role."""
    given = {**connection.settings_dict, **roles.parameters(role)}
    port = f"&port={given['PORT']}" if given["PORT"] else ""
    return f"postgresql://{given['USER']}:{given['PASSWORD']}@/{given['NAME']}?host={quote(given['HOST'])}{port}"


@pytest.fixture
def start_worker(tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts workers; what they said of themselves is shown with a test that fails."""
    started: list[subprocess.Popen[bytes]] = []
    log = tmp_path / "worker.log"

    def start() -> subprocess.Popen[bytes]:
        environment = {**os.environ, "DATABASE_URL": address("app"), "DATABASE_OWNER_URL": address("owner")}
        command = [
            sys.executable,
            "-m",
            "celery",
            "--quiet",
            "-A",
            "scrm.celery",
            "worker",
            "-Q",
            ",".join(broker.QUEUES),
        ]
        with log.open("ab") as said:
            process = subprocess.Popen(
                [*command, "--concurrency=1", "--loglevel=WARNING", "--without-gossip", "--without-mingle"],
                env=environment, cwd=settings.BASE_DIR, stderr=said, start_new_session=True,
            )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if log.exists():
        sys.stderr.write(log.read_text(errors="replace"))


def send(queue: str, minute: int, **options: float) -> ScheduledRun:
    run = services.claim_run(schedule="test.broker", planned_at=timezone.now() + timedelta(minutes=minute))
    with app.connection_for_write() as link:
        app.send_task("scrm.tasks.forget_old_runs", queue=queue, headers={HEADER: run}, connection=link, **options)
    return ScheduledRun.objects.get(pk=run)


def outcome(run: ScheduledRun) -> str:
    run.refresh_from_db()
    return run.outcome


def test_worker_does_what_every_queue_asks(start_worker: Callable[[], subprocess.Popen[bytes]]) -> None:
    sent = [send(queue, minute) for minute, queue in enumerate(broker.QUEUES)]
    assert [outcome(run) for run in sent] == ["waiting"] * len(sent)
    start_worker()
    wait_until(lambda: {outcome(run) for run in sent} == {"succeeded"})
    assert [outcome(run) for run in sent] == ["succeeded"] * len(sent)


def test_worker_leaves_the_runs_of_a_day_when_it_was_down(start_worker: Callable[[], subprocess.Popen[bytes]]) -> None:
    stale = [send("default", minute, expires=0.5) for minute in range(3)]
    time.sleep(1)
    fresh = send("default", 3, expires=600)
    start_worker()
    assert wait_until(lambda: outcome(fresh) == "succeeded")
    assert [outcome(run) for run in stale] == ["waiting"] * 3


def test_worker_ends_when_asked(start_worker: Callable[[], subprocess.Popen[bytes]]) -> None:
    process = start_worker()
    run = send("default", 1)
    assert wait_until(lambda: outcome(run) == "succeeded")
    process.terminate()
    assert process.wait(120) == 0


@pytest.mark.skipif(not settings.BROKER_IS_POSTGRES, reason="the queues of another broker are not tables")
def test_runtime_role_uses_the_queues_and_makes_none() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT queue_name FROM pgmq.list_queues() ORDER BY 1")
        assert [row[0] for row in cursor.fetchall()] == sorted(broker.QUEUES)
        cursor.execute(
            "SELECT has_schema_privilege(%s, 'pgmq', 'CREATE'), has_table_privilege(%s, 'pgmq.q_default', 'DELETE')",
            [roles.runtime_role()] * 2,
        )
        assert cursor.fetchone() == (False, True)
