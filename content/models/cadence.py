"""The cadence: how much of what in which period; when the audience is awake; how the calendar behaves."""

from datetime import time, timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from content.enums import Period
from content.models.naming import Named
from content.models.types import ContentType
from content.rules.cadence import Rule
from segments.models import Audience

HOURS = 24


class CadenceRule(Named):
    """So many of a type in every period, by the week's start and the time zone of the rule."""

    type = models.ForeignKey(ContentType, models.PROTECT, related_name="cadences", verbose_name=_("type"))
    count = models.PositiveSmallIntegerField(_("number"))
    period = models.CharField(_("period"), max_length=8, choices=Period)
    warn_days = models.PositiveSmallIntegerField(_("warn of a gap (days before the period ends)"), default=2)
    week_starts = models.PositiveSmallIntegerField(_("week begins on"), default=0)
    time_zone = models.CharField(_("time zone"), max_length=60, default="Asia/Shanghai")
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("cadence rule")
        verbose_name_plural = _("cadence rules")
        ordering = ("position", "id")
        default_permissions = ("view", "change")
        constraints = (
            models.CheckConstraint(condition=models.Q(count__gte=1, count__lte=99), name="content_cadence_count"),
            models.CheckConstraint(condition=models.Q(week_starts__lte=6), name="content_cadence_week"),
            models.CheckConstraint(condition=models.Q(warn_days__lte=60), name="content_cadence_warn"),
            models.UniqueConstraint(
                fields=("type", "period"), condition=models.Q(is_active=True), name="content_cadence_once"
            ),
        )

    @property
    def rule(self) -> Rule:
        return Rule(
            id=self.pk,
            type_id=self.type_id,
            count=self.count,
            period=self.period,
            week_starts=self.week_starts,
            time_zone=self.time_zone,
        )


class ActiveHours(models.Model):
    """How many interactions of everybody fell into each hour of the day, as counted once a day."""

    day = models.DateField(_("day"), primary_key=True)
    days = models.PositiveSmallIntegerField(_("days counted"))
    hours = ArrayField(models.BigIntegerField(), size=HOURS, verbose_name=_("interactions by hour"))
    counted_at = models.DateTimeField(_("counted"))

    class Meta:
        verbose_name = _("active hours")
        verbose_name_plural = _("active hours")
        default_permissions = ()

    def __str__(self) -> str:
        return self.day.isoformat()


class AudienceHours(models.Model):
    """The same for the members of one audience; `version` is that of the rule by which they were found."""

    audience = models.OneToOneField(
        Audience, models.CASCADE, primary_key=True, related_name="+", verbose_name=_("audience")
    )
    version = models.PositiveIntegerField()
    days = models.PositiveSmallIntegerField(_("days counted"))
    hours = ArrayField(models.BigIntegerField(), size=HOURS, verbose_name=_("interactions by hour"))
    counted_at = models.DateTimeField(_("counted"))

    class Meta:
        verbose_name = _("active hours of an audience")
        verbose_name_plural = _("active hours of audiences")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.audience_id)


def windows() -> list[list[str]]:
    """The two windows in which the brand tries its sends first."""
    return [["07:00", "09:00"], ["20:00", "22:00"]]


class CalendarSettings(models.Model):
    """How the calendar behaves; one row."""

    send_windows = models.JSONField(_("send windows"), default=windows)
    missed_hours = models.PositiveSmallIntegerField(_("counts as missed after (hours)"), default=24)
    changed_at = models.DateTimeField(_("changed"), null=True)

    class Meta:
        verbose_name = _("calendar settings")
        verbose_name_plural = _("calendar settings")
        default_permissions = ()
        constraints = (
            models.CheckConstraint(condition=models.Q(id=1), name="content_one_settings"),
            models.CheckConstraint(
                condition=models.Q(missed_hours__gte=1, missed_hours__lte=240),
                name="content_settings_bounds",
            ),
        )

    def __str__(self) -> str:
        return "1"

    @property
    def windows(self) -> list[tuple[time, time]]:
        return [(time.fromisoformat(first), time.fromisoformat(last)) for first, last in self.send_windows]

    @property
    def patience(self) -> timedelta:
        return timedelta(hours=self.missed_hours)
