"""The ledger of the schedule: one row per planned run, which makes two beats as good as one."""

from datetime import timedelta

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _


class ScheduledRun(models.Model):
    """One planned run of a periodic task, won by the beat that inserted it first."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        SUCCEEDED = "succeeded", _("Succeeded")
        FAILED = "failed", _("Failed")

    schedule = models.CharField(_("periodic task"), max_length=200)
    planned_at = models.DateTimeField(_("planned for"))
    started_at = models.DateTimeField(_("started at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    duration = models.GeneratedField(
        verbose_name=_("duration"),
        expression=F("finished_at") - F("started_at"),
        output_field=models.DurationField(null=True),
        db_persist=True,
    )
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, default=Outcome.WAITING)
    error = models.CharField(_("error"), max_length=500, blank=True)

    KEPT_FOR = timedelta(days=30)

    class Meta:
        verbose_name = _("run of a periodic task")
        verbose_name_plural = _("runs of periodic tasks")
        ordering = ["-planned_at"]
        constraints = [
            models.UniqueConstraint(fields=["schedule", "planned_at"], name="scrm_run_is_won_once"),
            models.CheckConstraint(
                condition=models.Q(finished_at__isnull=True) | models.Q(started_at__isnull=False),
                name="scrm_run_ends_after_it_began",
            ),
        ]
        indexes = [models.Index(fields=["planned_at"], name="scrm_run_planned")]

    def __str__(self) -> str:
        return f"{self.schedule} {self.planned_at:%Y-%m-%d %H:%M:%S}"
