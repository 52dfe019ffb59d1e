"""A run that somebody asked for: what a worker takes up, and what the page follows."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from segments.models.runs import TierRun


class RunRequest(models.Model):
    """One wish for a run. The database allows one unfinished at a time: who asks meanwhile shares it.

    `run` is what came of it, `error` the code of why nothing did; a request that a killed worker left begins anew,
    a few times.
    """

    asked_at = models.DateTimeField(_("asked"))
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("by"))
    started_at = models.DateTimeField(_("started"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    finished_at = models.DateTimeField(_("finished"), null=True)
    run = models.ForeignKey(
        TierRun, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+", verbose_name=_("run")
    )
    error = models.CharField(_("error"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("request for a run")
        verbose_name_plural = _("requests for runs")
        constraints = (
            models.UniqueConstraint(
                fields=("finished_at",),
                condition=Q(finished_at=None),
                nulls_distinct=False,
                name="segments_one_open_request",
            ),
        )

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d %H:%M}"
