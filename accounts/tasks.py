"""Entry points of the workers: exports that wait, and those whose day is over."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.selectors import exports_to_make
from accounts.services.exports import expire_exports, run_export
from core.registries import Schedule, schedules


@shared_task(name="accounts.make_export")
def make_export(export_id: int) -> None:
    """Make one file, unless another worker has it."""
    run_export(export_id=export_id, now=timezone.now())


@shared_task(name="accounts.take_up_exports")
def take_up_exports() -> None:
    """Send every export that may be made to a worker."""
    now = timezone.now()
    for export_id in exports_to_make(now=now):
        make_export.apply_async((export_id,), queue="bulk")


@shared_task(name="accounts.expire_exports")
def expire() -> None:
    expire_exports(now=timezone.now())


schedules.register_all(
    [
        Schedule(
            code="accounts.take_up_exports",
            task="accounts.take_up_exports",
            description=_("Makes the exports that were asked for and allowed"),
            every=timedelta(seconds=10),
        ),
        Schedule(
            code="accounts.expire_exports",
            task="accounts.expire_exports",
            description=_("Deletes exports after their day"),
            every=timedelta(minutes=10),
        ),
    ]
)
