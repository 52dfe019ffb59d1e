"""What a brand decides about its insights: rows, changed with a reason."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dashboards.enums import KpiFigure


def _bounds(low: int, high: int) -> list[MinValueValidator | MaxValueValidator]:
    return [MinValueValidator(low), MaxValueValidator(high)]


class InsightSettings(models.Model):
    """One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    silence_days = models.PositiveSmallIntegerField(
        _("silences counted (days back)"), default=365, validators=_bounds(30, 730)
    )
    horizon_days = models.PositiveSmallIntegerField(
        _("lost if not back within (days)"), default=30, validators=_bounds(1, 90)
    )
    least_silences = models.PositiveIntegerField(
        _("fewest silences for a share"), default=100, validators=_bounds(1, 100_000)
    )
    preference_days = models.PositiveSmallIntegerField(
        _("preferences from purchases of (days)"), default=365, validators=_bounds(30, 730)
    )
    least_buyers = models.PositiveIntegerField(
        _("fewest buyers of a city tier"), default=30, validators=_bounds(1, 100_000)
    )
    least_hours = models.PositiveIntegerField(
        _("fewest interactions for active hours"), default=20, validators=_bounds(1, 100_000)
    )
    team_days = models.PositiveSmallIntegerField(_("team figures over (days)"), default=30, validators=_bounds(7, 92))
    least_members = models.PositiveIntegerField(
        _("fewest members behind a rate of a person or store"), default=20, validators=_bounds(1, 100_000)
    )

    class Meta:
        verbose_name = _("settings of insights")
        verbose_name_plural = _("settings of insights")
        default_permissions = ("change",)
        constraints = (models.CheckConstraint(condition=Q(id=1), name="dashboards_settings_one"),)

    def __str__(self) -> str:
        return "insights"


class KpiWeight(models.Model):
    """How much one figure counts in the score of a store or a guide."""

    figure = models.CharField(_("figure"), max_length=12, choices=KpiFigure, primary_key=True)
    weight = models.DecimalField(_("weight"), max_digits=5, decimal_places=1)

    class Meta:
        verbose_name = _("weight of a figure")
        verbose_name_plural = _("weights of figures")
        default_permissions = ()
        constraints = (models.CheckConstraint(condition=Q(weight__gte=0), name="dashboards_weight_positive"),)

    def __str__(self) -> str:
        return self.figure
