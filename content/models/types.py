"""Types of content: what each is for, and by what it is judged."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from content.enums import Metric, Stage
from content.models.naming import Named


class ContentType(Named):
    """One type of content. `mark` is the one character that stands for it in the calendar in Chinese."""

    code = models.SlugField(_("code"), max_length=20, unique=True)
    mark = models.CharField(_("mark"), max_length=2)
    stage = models.CharField(_("stage"), max_length=8, choices=Stage)
    aim_zh = models.CharField(_("core function (Chinese)"), max_length=100, blank=True)
    aim_en = models.CharField(_("core function (English)"), max_length=160, blank=True)
    practice_zh = models.CharField(_("best practice (Chinese)"), max_length=200, blank=True)
    practice_en = models.CharField(_("best practice (English)"), max_length=300, blank=True)
    minutes = models.PositiveSmallIntegerField(_("minutes it takes"), default=30)
    measure_days = models.PositiveSmallIntegerField(_("measured after (days)"), default=7)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("type of content")
        verbose_name_plural = _("types of content")
        ordering = ("position", "id")

    @property
    def sign(self) -> str:
        """What stands for it in the calendar in the reader's language: in English its initial."""
        return self.mark if (get_language() or "").startswith("zh") else self.name_en[:1].upper()

    @property
    def aim(self) -> str:
        return self.aim_zh if (get_language() or "").startswith("zh") else self.aim_en

    @property
    def practice(self) -> str:
        return self.practice_zh if (get_language() or "").startswith("zh") else self.practice_en


class Target(models.Model):
    """From where on a type of content is healthy in one metric: shares from 0 to 1, ¥, minutes."""

    type = models.ForeignKey(ContentType, models.CASCADE, related_name="targets", verbose_name=_("type"))
    metric = models.CharField(_("metric"), max_length=20, choices=Metric)
    least = models.DecimalField(_("at least"), max_digits=14, decimal_places=4)

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering = ("type", "id")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("type", "metric"), name="content_target_once"),
            models.CheckConstraint(condition=models.Q(least__gt=0), name="content_target_positive"),
        )

    def __str__(self) -> str:
        return f"{self.metric} ≥ {self.least}"
