"""Days of the past of which facts changed after they were measured."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ChangedDay(models.Model):
    """A local day to which facts came, or from which they went, when it was over. Goes when what it touches is measured.

    `source`: of which source of facts, empty for whichever. `at` is when that was noticed last.
    """

    id = models.BigAutoField(primary_key=True)
    source = models.CharField(max_length=40, blank=True)
    day = models.DateField(_("day"))
    at = models.DateTimeField(_("when"))

    class Meta:
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("source", "day"), name="dashboards_changed_once"),)

    def __str__(self) -> str:
        return f"{self.day}"


class SourceDay(models.Model):
    """What a watched source told of a local day when it was looked at last, as a digest of its rows."""

    id = models.BigAutoField(primary_key=True)
    source = models.CharField(max_length=40)
    day = models.DateField(_("day"))
    digest = models.CharField(max_length=60)

    class Meta:
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("source", "day"), name="dashboards_source_day_once"),)

    def __str__(self) -> str:
        return f"{self.source} {self.day}"
