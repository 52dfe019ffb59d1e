"""Writes begin and end of every scheduled run into the ledger, from the worker."""

from typing import Any

from celery import Task, signals
from django.utils import timezone

from scrm import services

HEADER = "scheduled_run"


def connect() -> None:
    """Celery's own signals: they fire in the worker that runs the task."""
    signals.task_prerun.connect(begin, weak=False, dispatch_uid="scrm.runs.begin")
    signals.task_postrun.connect(end, weak=False, dispatch_uid="scrm.runs.end")


def begin(*, task: Task[..., Any], **_: Any) -> None:
    run = _run_of(task)
    if run:
        services.begin_run(run=run, now=timezone.now())


def end(*, task: Task[..., Any], retval: Any, state: str, **_: Any) -> None:
    run = _run_of(task)
    if run:
        error = retval if isinstance(retval, BaseException) else None
        if state != "SUCCESS" and error is None:
            error = RuntimeError(state)
        services.end_run(run=run, now=timezone.now(), error=error)


def _run_of(task: Task[..., Any]) -> int | None:
    """A worker lays the message's headers open, an eager call keeps them together."""
    kept: dict[str, Any] = getattr(task.request, "headers", None) or {}
    run: int | None = getattr(task.request, HEADER, None) or kept.get(HEADER)
    return run
