"""Metrics as a brand defines them."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from dashboards.enums import Comparison, GoodSide, MetricLevel, MetricUnit


class MetricDefinition(models.Model):
    """A row is a metric: a formula over facts, a window, a healthy range, and who answers for it.

    `low` and `high` are values as computed (a share is 0.65, a change of +20 % is 0.2). Outside the range by no more
    than `tolerance` of its bound is something to watch, beyond it something to act on. `version` counts changes,
    `counted_as` those that change what is computed: snapshots of an earlier one are made anew.
    """

    code = models.SlugField(_("code"), max_length=40, unique=True)
    level = models.CharField(_("level"), max_length=10, choices=MetricLevel)
    position = models.PositiveSmallIntegerField(_("order"), default=100)
    name_zh = models.CharField(_("name (Chinese)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=80)
    words_zh = models.CharField(_("definition (Chinese)"), max_length=400, blank=True)
    words_en = models.CharField(_("definition (English)"), max_length=400, blank=True)
    formula = models.CharField(_("formula"), max_length=300)
    window_days = models.PositiveSmallIntegerField(_("window in days"), default=30)
    comparison = models.CharField(_("tells"), max_length=9, choices=Comparison, default=Comparison.NONE)
    unit = models.CharField(_("unit"), max_length=6, choices=MetricUnit, default=MetricUnit.NUMBER)
    good_side = models.CharField(_("good side"), max_length=6, choices=GoodSide, default=GoodSide.HIGHER)
    low = models.DecimalField(_("from"), max_digits=16, decimal_places=4, null=True, blank=True)
    high = models.DecimalField(_("to"), max_digits=16, decimal_places=4, null=True, blank=True)
    tolerance = models.DecimalField(
        _("still to be watched, as a share of the bound"), max_digits=5, decimal_places=4, default=Decimal("0.1")
    )
    owner = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("who answers for it")
    )
    advice_zh = models.CharField(_("advice when outside (Chinese)"), max_length=300, blank=True)
    advice_en = models.CharField(_("advice when outside (English)"), max_length=300, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    counted_as = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("metric")
        verbose_name_plural = _("metrics")
        default_permissions = ("view", "change")
        ordering = ("position", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(low=None) | Q(high=None) | Q(high__gte=F("low")), name="dashboards_metric_span"
            ),
            models.CheckConstraint(
                condition=Q(window_days__gte=1, window_days__lte=366), name="dashboards_metric_window"
            ),
            models.CheckConstraint(condition=Q(tolerance__gte=0, tolerance__lte=1), name="dashboards_metric_tolerance"),
        )

    def __str__(self) -> str:
        return self.said(self.name_zh, self.name_en)

    @property
    def audit_label(self) -> str:
        return self.name_zh

    @property
    def words(self) -> str:
        return self.said(self.words_zh, self.words_en)

    @property
    def advice(self) -> str:
        return self.said(self.advice_zh, self.advice_en)

    @staticmethod
    def said(chinese: str, english: str) -> str:
        """In the reader's language; where that is missing, in the other."""
        both = (chinese, english) if (get_language() or "").startswith("zh") else (english, chinese)
        return both[0] or both[1]


class MetricVersion(models.Model):
    """What a metric was from a moment on, who made it so and why. Written once per change."""

    metric = models.ForeignKey(MetricDefinition, models.CASCADE, related_name="versions", verbose_name=_("metric"))
    version = models.PositiveIntegerField(_("version"))
    definition = models.JSONField(_("definition"))
    at = models.DateTimeField(_("when"))
    by_label = models.CharField(_("by"), max_length=120, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("version of a metric")
        verbose_name_plural = _("versions of metrics")
        default_permissions = ()
        ordering = ("-version",)
        constraints = (models.UniqueConstraint(fields=("metric", "version"), name="dashboards_metric_version"),)

    def __str__(self) -> str:
        return f"{self.metric_id} v{self.version}"
