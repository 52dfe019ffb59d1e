"""Definitions that a marketer edits: scores and tiers."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from audit.models import keep_history
from segments.enums import Goal, Measure, Operator, ScoreMethod


@keep_history(fields=["window_days", "method", "recency_days", "frequency", "monetary"])
class RfmConfig(models.Model):
    """How recency, frequency and monetary value become scores 1–5; one row.

    Fixed thresholds are the four least values of the scores 2–5 (for recency: the four greatest numbers of days).
    """

    window_days = models.PositiveSmallIntegerField(_("window in days"), default=365)
    method = models.CharField(_("method"), max_length=10, choices=ScoreMethod, default=ScoreMethod.QUINTILE)
    recency_days = ArrayField(models.IntegerField(), verbose_name=_("recency, days"), default=list, blank=True)
    frequency = ArrayField(models.IntegerField(), verbose_name=_("frequency, orders"), default=list, blank=True)
    monetary = ArrayField(
        models.DecimalField(max_digits=14, decimal_places=2), verbose_name=_("monetary, ¥"), default=list, blank=True
    )

    class Meta:
        verbose_name = _("RFM setting")
        verbose_name_plural = _("RFM settings")
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="segments_one_rfm_config"),)

    def __str__(self) -> str:
        return f"RFM {self.window_days}"


@keep_history(
    fields=[
        *("code", "name_zh", "name_en", "position", "strategy_zh", "strategy_en"),
        *("goal", "goal_target", "is_active"),
    ]
)
class Tier(models.Model):
    """One tier. Tiers are tried in order of `position`; the first whose criteria hold wins.

    `regular` has no criteria and stands last: it takes whom no other takes.
    """

    code = models.SlugField(_("code"), max_length=20, unique=True)
    name_zh = models.CharField(_("name (Chinese)"), max_length=40)
    name_en = models.CharField(_("name (English)"), max_length=60)
    position = models.PositiveSmallIntegerField(_("order"))
    strategy_zh = models.CharField(_("strategy (Chinese)"), max_length=200, blank=True)
    strategy_en = models.CharField(_("strategy (English)"), max_length=200, blank=True)
    goal = models.CharField(_("goal"), max_length=20, choices=Goal, blank=True)
    goal_target = models.DecimalField(_("target (%)"), max_digits=6, decimal_places=2, null=True, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("tier")
        verbose_name_plural = _("tiers")
        ordering = ("position",)

    def __str__(self) -> str:
        return self.name_zh if (get_language() or "").startswith("zh") else self.name_en

    @property
    def audit_label(self) -> str:
        return self.name_zh


@keep_history(fields=["tier", "alternative", "measure", "window_days", "operator", "value"])
class TierCriterion(models.Model):
    """One condition. Within an alternative all must hold; one alternative is enough."""

    tier = models.ForeignKey(Tier, models.CASCADE, related_name="criteria", verbose_name=_("tier"))
    alternative = models.PositiveSmallIntegerField(_("alternative"), default=1)
    measure = models.CharField(_("measure"), max_length=20, choices=Measure)
    window_days = models.PositiveSmallIntegerField(
        _("window in days"), null=True, blank=True, help_text=_("Empty: since the beginning.")
    )
    operator = models.CharField(_("comparison"), max_length=2, choices=Operator)
    value = models.DecimalField(_("value"), max_digits=14, decimal_places=2)

    class Meta:
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        ordering = ("tier", "alternative", "id")

    def __str__(self) -> str:
        return f"{self.measure} {self.operator} {self.value}"
