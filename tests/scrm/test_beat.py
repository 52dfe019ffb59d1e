"""The schedule as rows: one beat or two, a planned run is sent once, and the ledger tells how it went."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from celery import Task, shared_task
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from audit.models import AuditEntry
from core.errors import Conflict
from core.registries import Registry, Schedule, schedules
from scrm import runs, selectors, services
from scrm.beat import Grid, RunEntry, RunScheduler
from scrm.celery import app
from scrm.models import ScheduledRun

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


@pytest.mark.parametrize(
    ("last", "now", "due", "wait"),
    [
        (NOON - minutes(1), NOON, True, 600),
        (NOON, NOON + minutes(9), False, 60),
        (NOON, NOON + minutes(10), True, 600),
        (NOON + minutes(1), NOON + minutes(10.5), True, 570),
        (NOON - minutes(500), NOON + minutes(3), True, 420),
    ],
)
def test_interval_falls_on_a_grid(last: datetime, now: datetime, due: bool, wait: float) -> None:
    state = Grid(minutes(10), nowfun=lambda: now, app=app).is_due(last)
    assert (state.is_due, state.next) == (due, wait)


def entry_of(schedule: Schedule) -> RunEntry:
    shipped: Registry[Schedule] = Registry("shipped")
    shipped.register(schedule)
    services.sync_schedules(shipped=shipped)
    return RunEntry(PeriodicTask.objects.get(name=schedule.code), app=app)


EVERY_TEN = Schedule(code="test.ten", task="scrm.tasks.forget_old_runs", description="…", every=minutes(10))
AT_FOUR = Schedule(code="test.four", task="scrm.tasks.forget_old_runs", description="…", crontab="0 4 * * *")


@pytest.mark.django_db
def test_two_beats_mean_the_same_run() -> None:
    interval, nightly = entry_of(EVERY_TEN), entry_of(AT_FOUR)
    seen = {interval.planned_at(NOON - minutes(ago), NOON + minutes(late)) for ago, late in ((3, 0.1), (9, 2), (1, 9))}
    assert seen == {NOON}
    four_in_shanghai = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
    night = {nightly.planned_at(NOON + minutes(late), four_in_shanghai + minutes(1)) for late in (0, 5, 479)}
    assert night == {four_in_shanghai}


@pytest.mark.django_db
def test_run_is_won_once() -> None:
    first = services.claim_run(schedule="test.ten", planned_at=NOON)
    assert first is not None
    assert services.claim_run(schedule="test.ten", planned_at=NOON) is None
    assert services.claim_run(schedule="test.ten", planned_at=NOON + minutes(10)) is not None
    services.give_back_run(run=first)
    assert services.claim_run(schedule="test.ten", planned_at=NOON) is not None


class Sent(RunScheduler):
    """A beat whose messages go into a list instead of the broker."""

    def __init__(self, sent: list[dict[str, Any]]) -> None:
        self.sent = sent
        super().__init__(app, lazy=True)

    def should_sync(self) -> bool:
        """Its sync lets go of old connections, which are the test's transaction."""
        return False

    def send_task(self, *args: Any, **options: Any) -> None:
        self.sent.append(options)


@pytest.mark.django_db
def test_two_beats_send_once() -> None:
    sent: list[dict[str, Any]] = []
    strange = Schedule(code="test.sent", task="elsewhere.task", description="…", every=minutes(10))
    entries = [entry_of(strange), entry_of(strange)]
    for beat, entry in zip((Sent(sent), Sent(sent)), entries, strict=True):
        beat._schedule, beat._initial_read, beat._last_timestamp = {entry.name: entry}, False, timezone.now()
        entry.planned = NOON
        beat.apply_async(entry, advance=False)
    run = ScheduledRun.objects.get(schedule="test.sent")
    assert [options["headers"][runs.HEADER] for options in sent] == [run.pk]
    assert (run.planned_at, run.outcome) == (NOON, "waiting")


WEEKLY = Schedule(code="test.weekly", task="elsewhere.task", description="…", crontab="30 3 * * 0")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("timing", "seconds"),
    [
        ({"every": timedelta(seconds=20)}, 60),
        ({"every": minutes(10)}, 600),
        ({"crontab": "0 4 * * *"}, 86_400),
        ({"crontab": "30 3 * * 0"}, 7 * 86_400),
    ],
)
def test_message_lasts_until_the_next_one(timing: dict[str, Any], seconds: float) -> None:
    sent: list[dict[str, Any]] = []
    schedule = Schedule(code="test.lasting", task="elsewhere.task", description="…", **timing)
    entry, beat = entry_of(schedule), Sent(sent)
    entry.planned = entry.planned_at(NOON - timedelta(days=8), NOON)
    beat._schedule, beat._initial_read, beat._last_timestamp = {entry.name: entry}, False, timezone.now()
    beat.apply_async(entry, advance=False)
    assert [options["expires"] for options in sent] == [seconds]


@pytest.mark.django_db
def test_operators_own_expiry_stands() -> None:
    sent: list[dict[str, Any]] = []
    entry_of(WEEKLY)
    PeriodicTask.objects.filter(name=WEEKLY.code).update(expire_seconds=90)
    entry, beat = RunEntry(PeriodicTask.objects.get(name=WEEKLY.code), app=app), Sent(sent)
    entry.planned = NOON
    beat._schedule, beat._initial_read, beat._last_timestamp = {entry.name: entry}, False, timezone.now()
    beat.apply_async(entry, advance=False)
    assert [options["expires"] for options in sent] == [90]


@pytest.mark.django_db
def test_ledger_tells_how_a_run_went() -> None:
    run = services.claim_run(schedule="test.ten", planned_at=NOON)
    assert run is not None
    assert selectors.last_runs() == {}
    services.begin_run(run=run, now=NOON)
    assert selectors.last_runs()["test.ten"].outcome == "running"
    services.end_run(run=run, now=NOON + timedelta(seconds=2))
    row = selectors.last_runs()["test.ten"]
    assert (row.outcome, row.duration, row.error) == ("succeeded", timedelta(seconds=2), "")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "words"),
    [(ValueError("13800138000 is not a phone"), "ValueError"), (Conflict("Too early."), "Too early.")],
)
def test_ledger_quotes_only_errors_made_for_operators(error: Exception, words: str) -> None:
    run = services.claim_run(schedule="test.ten", planned_at=NOON)
    assert run is not None
    services.begin_run(run=run, now=NOON)
    services.end_run(run=run, now=NOON, error=error)
    row = ScheduledRun.objects.get(pk=run)
    assert (row.outcome, row.error) == ("failed", words)


@shared_task(name="tests.planted_task")
def planted_task(*, fail: bool) -> None:
    if fail:
        raise KeyError("13800138000")


@pytest.mark.django_db
@pytest.mark.parametrize(("fail", "outcome"), [(False, "succeeded"), (True, "failed")])
def test_worker_writes_begin_and_end(fail: bool, outcome: str) -> None:
    run = services.claim_run(schedule="test.planted", planned_at=NOON)
    task: Task[..., Any] = planted_task
    task.apply(kwargs={"fail": fail}, headers={runs.HEADER: run})
    row = ScheduledRun.objects.get(pk=run)
    assert (row.outcome, row.started_at is not None, row.finished_at is not None) == (outcome, True, True)


@pytest.mark.django_db
def test_old_runs_are_forgotten() -> None:
    services.claim_run(schedule="test.ten", planned_at=NOON - timedelta(days=31))
    services.claim_run(schedule="test.ten", planned_at=NOON - timedelta(days=29))
    assert services.forget_old_runs(now=NOON) == 1
    assert ScheduledRun.objects.get().planned_at == NOON - timedelta(days=29)


@pytest.mark.django_db
def test_schedules_are_added_once_and_an_operators_change_stands() -> None:
    shipped: Registry[Schedule] = Registry("shipped")
    shipped.register(EVERY_TEN)
    assert services.sync_schedules(shipped=shipped) == ["test.ten"]
    hourly = IntervalSchedule.objects.create(every=1, period=IntervalSchedule.HOURS)
    PeriodicTask.objects.filter(name="test.ten").update(enabled=False, interval=hourly, task="moved.away")
    assert services.sync_schedules(shipped=shipped) == []
    row = PeriodicTask.objects.get(name="test.ten")
    assert (row.enabled, row.interval, row.task) == (False, hourly, "scrm.tasks.forget_old_runs")
    assert AuditEntry.objects.filter(action="scrm.schedule_added").count() == 1


def test_every_shipped_schedule_names_a_real_task() -> None:
    app.loader.import_default_modules()
    missing = [schedule.task for schedule in schedules if schedule.task not in app.tasks]
    assert missing == []
