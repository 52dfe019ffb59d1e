"""What metrics were, day by day."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from dashboards.enums import Lack, Sight
from dashboards.models.metrics import MetricDefinition

EVERYBODY = "all"


class Snapshot(models.Model):
    """One metric over the window that ends with `day` (a whole local day), for everybody or one slice of members.

    `facts` and `facts_before` hold the value of each fact of the formula in the window and, for a change, in the window
    before: the facts of several stores add up, their values do not. `sample` counts the members of whom there is any.
    `base` is the formula's value in the window before. Computed anew whenever its day is; a sum, no personal data.
    """

    metric = models.ForeignKey(MetricDefinition, models.CASCADE, db_index=False, related_name="snapshots")
    day = models.DateField(_("day"))
    slice = models.CharField(_("split by"), max_length=12, default=EVERYBODY)
    slice_id = models.CharField(_("of"), max_length=40, blank=True)
    value = models.DecimalField(_("value"), max_digits=24, decimal_places=6, null=True)
    base = models.DecimalField(_("value before"), max_digits=24, decimal_places=6, null=True)
    facts = models.JSONField(_("facts"), default=dict)
    facts_before = models.JSONField(_("facts before"), default=dict)
    sample = models.PositiveIntegerField(_("sample"), default=0)
    sight = models.CharField(_("observed"), max_length=8, choices=Sight)
    lack = models.CharField(_("what is lacking"), max_length=17, choices=Lack, blank=True)
    since = models.DateField(_("facts since"), null=True)
    counted_as = models.PositiveIntegerField(editable=False)
    computed_at = models.DateTimeField(_("computed"))
    computed_by = models.CharField(_("computed by"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("snapshot of a metric")
        verbose_name_plural = _("snapshots of metrics")
        default_permissions = ("view",)
        constraints = (
            models.UniqueConstraint(fields=("metric", "slice", "slice_id", "day"), name="dashboards_snapshot_once"),
            models.CheckConstraint(
                condition=models.Q(value=None, lack__gt="") | models.Q(value__isnull=False),
                name="dashboards_snapshot_value_or_lack",
            ),
        )
        indexes = (models.Index(fields=("day", "slice"), name="dashboards_snapshot_day"),)

    def __str__(self) -> str:
        return f"{self.metric_id} {self.day} {self.slice} {self.slice_id}".strip()
