"""Imports that are killed, rivalled, interrupted, called off."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import IntegrityError, connection
from django.db.models import Count, Sum

from core.errors import ScrmError
from intake.enums import ImportState
from intake.errors import ImportRunning
from intake.models import ImportJob, ImportReject
from intake.services import cancel_import, create_import, run_import, run_import_and_follow, running, staging, storing
from tests.intake.conftest import NOW, Import, Write
from tests.rivals import claimed_elsewhere
from timeline.models import Cursor, Purchase, PurchaseDay, PurchaseLine

pytestmark = [pytest.mark.servers, pytest.mark.chaos]

HEADER = "order_no,external_id,line_at,product_code,quantity,unit_price\n"
ROWS = "".join(f"A{n // 3},{n % 7 or ''},2026-01-{n % 28 + 1:02},P{n % 5},1,{n}.5\n" for n in range(100))


def job_for(path: Path) -> ImportJob:
    return create_import(kind="purchases", path=path, by=None, now=NOW)


def killed(work: Callable[[], object]) -> None:
    """Do the work in a process that is killed in the middle of it."""
    connection.close()
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def die(*_args: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def numbers(job: ImportJob) -> dict[str, object]:
    return {name: value for name, value in job.counts.items() if name != "seconds"}


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "CHUNK_ROWS", 10)


@pytest.fixture
def whole(write: Write) -> dict[str, object]:
    """What the file gives when nothing disturbs it."""
    return {
        "rows_read": 100, "lines_stored": 85, "already_stored": 0, "rejected": {"no_customer": 15},
        "purchases": 85, "refunds": 0, "members": 6,
    }  # fmt: skip


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("small_chunks")
def test_killed_while_reading_goes_on_from_the_last_chunk(write: Write, whole: dict[str, object]) -> None:
    path = write(HEADER + ROWS)
    job = job_for(path)
    seen: list[float] = []

    def die_at_the_third(fraction: float) -> None:
        seen.append(fraction)
        if len(seen) == 3:
            die()

    killed(lambda: run_import(job_id=job.pk, now=NOW, on_progress=die_at_the_third))
    job.refresh_from_db()
    assert (job.state, job.last_line, job.staged_rows + job.rejected_rows) == (ImportState.STAGING, 31, 30)
    assert not Purchase.objects.exists()
    again = job_for(path)
    assert again.pk == job.pk
    chunks: list[float] = []
    done = run_import(job_id=job.pk, now=NOW, on_progress=chunks.append)
    assert len(chunks) == 9  # seven chunks of ten, the empty end, and the finish
    assert numbers(done) == whole | {"purchases": Purchase.objects.count()}
    assert ImportReject.objects.count() == 15
    assert PurchaseLine.objects.count() == 85


@pytest.mark.django_db(transaction=True)
def test_killed_while_storing_stores_everything_once(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    job = job_for(write(HEADER + ROWS))
    with monkeypatch.context() as planted:
        planted.setattr(running, "counted", die)
        killed(lambda: run_import(job_id=job.pk, now=NOW))
    assert not Purchase.objects.exists()
    job.refresh_from_db()
    assert (job.state, job.attempts) == (ImportState.APPLYING, 1)
    done = run_import(job_id=job.pk, now=NOW)
    assert (done.counts["rows_read"], done.counts["lines_stored"]) == (100, 85)
    assert PurchaseLine.objects.count() == 85
    assert numbers(run_import(job_id=job.pk, now=NOW)) == numbers(done)
    assert PurchaseLine.objects.count() == 85


@pytest.mark.django_db(transaction=True)
def test_staging_emptied_by_a_crash_before_it_was_stored_is_read_again(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job_for(write(HEADER + ROWS))
    with monkeypatch.context() as planted:
        planted.setattr(running, "counted", die)
        killed(lambda: run_import(job_id=job.pk, now=NOW))
    job.refresh_from_db()
    assert job.state == ImportState.APPLYING
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {staging.staging_table(job)}")  # what a crash does to an unlogged table
    done = run_import(job_id=job.pk, now=NOW)
    assert (done.state, done.counts["rows_read"], done.counts["lines_stored"]) == (ImportState.DONE, 100, 85)
    assert PurchaseLine.objects.count() == 85
    assert ImportReject.objects.count() == 15


@pytest.mark.django_db(transaction=True)
def test_two_workers_do_not_share_a_job(write: Write) -> None:
    job = job_for(write(HEADER + ROWS))
    with claimed_elsewhere(running.TASK, job.pk), pytest.raises(ImportRunning):
        run_import(job_id=job.pk, now=NOW)
    assert not Purchase.objects.exists()
    assert run_import(job_id=job.pk, now=NOW).state == ImportState.DONE


@pytest.mark.django_db
@pytest.mark.usefixtures("small_chunks")
def test_staging_emptied_by_a_crash_of_the_server_is_filled_anew(write: Write) -> None:
    job = job_for(write(HEADER + ROWS))

    def stop(fraction: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_import(job_id=job.pk, now=NOW, on_progress=stop)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {staging.staging_table(job)}")
    done = run_import(job_id=job.pk, now=NOW)
    assert (done.counts["rows_read"], done.counts["lines_stored"]) == (100, 85)
    assert ImportReject.objects.count() == 15


@pytest.mark.django_db
@pytest.mark.usefixtures("small_chunks")
def test_cancelled_while_reading_stores_nothing(write: Write) -> None:
    job = job_for(write(HEADER + ROWS))
    done = run_import(
        job_id=job.pk,
        now=NOW,
        on_progress=lambda _fraction: (
            ImportJob.objects.filter(pk=job.pk, state="staging").update(state="cancelled", finished_at=NOW) and None
        ),
    )
    assert done.state == ImportState.CANCELLED
    assert not Purchase.objects.exists()


@pytest.mark.django_db
def test_cancelled_job_is_not_run(write: Write, admin_user: object) -> None:
    job = job_for(write(HEADER + ROWS))
    cancel_import(job_id=job.pk, by=admin_user, now=NOW)  # type: ignore[arg-type]
    assert run_import(job_id=job.pk, now=NOW).state == ImportState.CANCELLED
    with pytest.raises(ScrmError):
        cancel_import(job_id=job.pk, by=admin_user, now=NOW)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_changed_file_is_not_gone_on_with(write: Write) -> None:
    job = job_for(write(HEADER + ROWS))
    write(HEADER + ROWS + "A99,1,2026-01-01,P1,1,1\n")
    done = run_import(job_id=job.pk, now=NOW)
    assert (done.state, done.error["code"]) == (ImportState.FAILED, "file_changed")


@pytest.mark.django_db
def test_job_that_never_comes_through_is_given_up(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    job = job_for(write(HEADER + ROWS))

    def broken(*_args: object, **_options: object) -> None:
        raise OSError("disk")

    with monkeypatch.context() as planted:
        planted.setattr(running, "stage_file", broken)
        for _attempt in range(running.MAX_ATTEMPTS):
            with pytest.raises(OSError, match="disk"):
                run_import(job_id=job.pk, now=NOW)
    done = run_import(job_id=job.pk, now=NOW)
    assert (done.state, done.error["code"]) == (ImportState.FAILED, "too_many_attempts")
    assert not Purchase.objects.exists()


@pytest.mark.django_db
def test_rival_that_takes_an_identity_meanwhile_is_met_by_trying_again(
    write: Write, import_file: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []
    store = running.store

    def rivalled(job: ImportJob, **options: object) -> dict[str, int]:
        tries.append(1)
        if len(tries) == 1:
            raise IntegrityError
        return store(job, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(running, "store", rivalled)
    assert import_file("purchases", write(HEADER + ROWS)).counts["lines_stored"] == 85
    assert len(tries) == 2


@pytest.mark.django_db(transaction=True)
def test_what_an_import_brought_is_followed_at_once(write: Write) -> None:
    job = job_for(write(HEADER + ROWS))
    run_import_and_follow(job_id=job.pk, now=NOW)
    days = PurchaseDay.objects.aggregate(orders=Sum("orders"), spent=Sum("amount"))
    stored = Purchase.objects.aggregate(orders=Count("pk"), spent=Sum("amount"))
    assert days == stored
    assert stored["orders"] > 0


@pytest.mark.django_db(transaction=True)
def test_a_dry_run_wakes_no_follower(write: Write) -> None:
    job = create_import(kind="purchases", path=write(HEADER + ROWS), by=None, now=NOW, dry_run=True)
    run_import_and_follow(job_id=job.pk, now=NOW)
    assert not Cursor.objects.exists()


@pytest.mark.django_db
def test_statistics_are_taken_anew_where_they_say_that_a_full_table_is_empty() -> None:
    add = (
        "INSERT INTO members_member (name, name_key, gender, channel)"
        " SELECT repeat('n', 80), '', '', '' FROM generate_series(1, %s)"
    )
    with connection.cursor() as cursor:
        for added, believed in ((5000, 5000), (100, 5000)):  # what is nearly right is left alone
            cursor.execute(add, [added])
            storing.refresh_statistics()
            cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'members_member'::regclass")
            assert cursor.fetchone() == (believed,)


@pytest.mark.django_db
@pytest.mark.parametrize("act", ["lose", "double"])
def test_rows_that_are_nowhere_or_twice_fail_the_import(
    write: Write, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    """Between reading and storing a row goes or comes: what is stored is then not what was read."""
    planted = {
        "lose": "DELETE FROM {table} WHERE line = 3",
        "double": "INSERT INTO {table} SELECT (line + 1000) AS line FROM {table} WHERE line = 3",
    }
    job = job_for(write(HEADER + ROWS))

    def disturb(job: ImportJob) -> None:
        table = staging.staging_table(job)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute "
                "WHERE attrelid = %s::regclass AND attnum > 1",
                [table],
            )
            (rest,) = cursor.fetchone()
            cursor.execute(planted[act].format(table=table).replace("AS line", f"AS line, {rest}"))
        storing.decide(job)

    monkeypatch.setattr(running, "decide", disturb)
    failed = run_import(job_id=job.pk, now=NOW)
    assert (failed.state, failed.error["code"], failed.counts) == (ImportState.FAILED, "counts_differ", {})
    assert failed.error_text.startswith("The rows stored and rejected are not the rows that were read")
    assert (Purchase.objects.count(), staging.is_staged(failed)) == (0, False)
