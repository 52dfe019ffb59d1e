"""The schedule looks after itself."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.registries import Schedule, schedules
from scrm import runs, services
from scrm.selectors import packs_to_make
from scrm.services.audit_packs import expire_packs, run_pack
from scrm.services.drilling import drill

runs.connect()


@shared_task
def forget_old_runs() -> int:
    return services.forget_old_runs(now=timezone.now())


@shared_task(name="scrm.restore_drill")
def restore_drill() -> bool:
    """What it found stands in its run and on the page "Today"."""
    return drill(by=None, now=timezone.now(), clock=timezone.now).ok


@shared_task(name="scrm.make_audit_pack")
def make_audit_pack(pack_id: int) -> None:
    """Make one pack, unless another worker has it."""
    run_pack(pack_id=pack_id, now=timezone.now())


@shared_task(name="scrm.take_up_audit_packs")
def take_up_audit_packs() -> None:
    """Send every pack that was asked for to a worker, and take those away whose week is over."""
    now = timezone.now()
    expire_packs(now=now)
    for pack_id in packs_to_make(now=now):
        make_audit_pack.apply_async((pack_id,), queue="bulk")


schedules.register_all(
    [
        Schedule(
            code="scrm.forget_old_runs",
            task="scrm.tasks.forget_old_runs",
            description=_("Forgets runs of periodic tasks after 30 days"),
            crontab="40 3 * * *",
        ),
        Schedule(
            code="scrm.restore_drill",
            task="scrm.restore_drill",
            description=_("Restores a backup into a database of its own, and verifies everything"),
            crontab="30 4 * * 0",
            queue="bulk",
        ),
        Schedule(
            code="scrm.take_up_audit_packs",
            task="scrm.take_up_audit_packs",
            description=_("Makes the audit packs that were asked for, and deletes them after a week"),
            every=timedelta(seconds=30),
        ),
    ]
)
