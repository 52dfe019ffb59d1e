"""Tasks of offers: wake-ups; what is due stands in the tables."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.registries import Schedule, schedules
from loyalty import consumers
from loyalty.selectors import verifying
from loyalty.services.coupons import end_due_coupons
from loyalty.services.draws import run_due_draws

__all__ = ["consumers", "verifying"]


@shared_task(name="loyalty.end_coupons")
def end_coupons() -> int:
    return end_due_coupons(now=timezone.now())


@shared_task(name="loyalty.run_draws")
def run_draws() -> int:
    return run_due_draws(now=timezone.now())


schedules.register_all(
    (
        Schedule(
            code="loyalty.end_coupons",
            task="loyalty.end_coupons",
            description=_("Ends coupons whose time is over"),
            every=timedelta(minutes=5),
        ),
        Schedule(
            code="loyalty.run_draws",
            task="loyalty.run_draws",
            description=_("Runs draws whose hour has come"),
            every=timedelta(minutes=1),
        ),
    )
)
