"""What a brand decides about its activities: rows, changed by verbs."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from campaigns.enums import Level, Measure


class Band(models.Model):
    """What is healthy at a level; without `high` more is never too much. Shares from 0 to 1; ROI in yuan per yuan spent."""

    level = models.CharField(_("level"), max_length=8, choices=Level)
    measure = models.CharField(_("measure"), max_length=13, choices=Measure)
    low = models.DecimalField(_("from"), max_digits=7, decimal_places=4)
    high = models.DecimalField(_("to"), max_digits=7, decimal_places=4, null=True)

    class Meta:
        verbose_name = _("band")
        verbose_name_plural = _("bands")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("level", "measure"), name="campaigns_band_once"),
            models.CheckConstraint(
                condition=Q(low__gte=0) & (Q(high=None) | Q(high__gte=F("low"))), name="campaigns_band_span"
            ),
        )

    def __str__(self) -> str:
        return f"{self.level} {self.measure}"


class ActivitySettings(models.Model):
    """One row."""

    budget_limit = models.DecimalField(_("budget that one person may approve, ¥"), max_digits=14, decimal_places=2)
    window_days = models.PositiveSmallIntegerField(_("days in which an order counts after taking part"), default=7)

    class Meta:
        verbose_name = _("settings of activities")
        verbose_name_plural = _("settings of activities")
        default_permissions = ("change",)
        permissions = (("set_budget_limit", _("Can set the limit on budgets")),)
        constraints = (
            models.CheckConstraint(condition=Q(pk=1), name="campaigns_settings_one"),
            models.CheckConstraint(
                condition=Q(window_days__gte=1, window_days__lte=90), name="campaigns_settings_window"
            ),
        )

    def __str__(self) -> str:
        return "campaigns"


class LinkHost(models.Model):
    """A host to which tracked links may lead, exactly as it is written here."""

    host = models.CharField(_("host"), max_length=120, primary_key=True)
    note = models.CharField(_("what it is"), max_length=80, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("host for links")
        verbose_name_plural = _("hosts for links")
        default_permissions = ("view", "change")
        ordering = ("host",)

    def __str__(self) -> str:
        return self.host

    @property
    def audit_label(self) -> str:
        return self.host
