"""Telling a worker that rows wait for it. The work is the rows: a message that is lost or said twice does no harm."""

from celery import current_app
from django.db import transaction


def wake(task: str, *ids: int, queue: str | None = None, expires: float | None = None) -> None:
    """Wake a worker now. Who says it again every few seconds gives the message an end (`expires`, seconds)."""
    current_app.send_task(task, ids, queue=queue, expires=expires)


def wake_after_commit(task: str, *ids: int, queue: str | None = None) -> None:
    """Wake a worker when the rows that it is to find can be seen; a broker that is away does not undo them."""
    transaction.on_commit(lambda: wake(task, *ids, queue=queue), robust=True)
