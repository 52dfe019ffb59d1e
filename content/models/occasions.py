"""Days that matter, and plans that lay slots around them or repeat them."""

from datetime import date as day_of
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from content.enums import OccasionKind, Reckoning
from content.models.naming import Named
from content.models.types import ContentType
from content.rules.festivals import Day, day_in


class Festival(Named):
    """A day or a stretch of days that comes every year, or once; lunar ones are computed.

    `weekday` 0 is Monday, with `day` as its number in the month; `offset` moves the day, `length` is in days.
    """

    code = models.SlugField(_("code"), max_length=30, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=OccasionKind)
    reckoning = models.CharField(_("calendar"), max_length=8, choices=Reckoning)
    month = models.PositiveSmallIntegerField(_("month"), default=0)
    day = models.PositiveSmallIntegerField(_("day"), default=0)
    weekday = models.PositiveSmallIntegerField(_("weekday"), default=0)
    term = models.CharField(_("solar term"), max_length=4, blank=True)
    date = models.DateField(_("date"), null=True, blank=True)
    offset = models.SmallIntegerField(_("days later"), default=0)
    length = models.PositiveSmallIntegerField(_("days long"), default=1)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("festival")
        verbose_name_plural = _("festivals")
        ordering = ("id",)
        default_permissions = ()
        constraints = (
            models.CheckConstraint(
                condition=Q(reckoning="once", date__isnull=False) | ~Q(reckoning="once") & Q(date=None),
                name="content_festival_once",
            ),
            models.CheckConstraint(condition=Q(length__gte=1, length__lte=60), name="content_festival_length"),
        )

    @property
    def rule(self) -> Day:
        return Day(
            reckoning=self.reckoning,
            month=self.month,
            day=self.day,
            weekday=self.weekday,
            term=self.term,
            once=self.date,
            offset=self.offset,
            length=self.length,
        )

    def day_in(self, year: int) -> day_of | None:
        return day_in(self.rule, year)


class FestivalTemplate(Named):
    """A list of slots on days counted back from a festival."""

    festival = models.ForeignKey(
        Festival, models.SET_NULL, null=True, related_name="templates", verbose_name=_("festival")
    )
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("festival template")
        verbose_name_plural = _("festival templates")
        ordering = ("id",)
        default_permissions = ()


class TemplateItem(models.Model):
    """One slot of a template: so many days before (−) or after the festival, at a time of day."""

    template = models.ForeignKey(FestivalTemplate, models.CASCADE, related_name="items", verbose_name=_("template"))
    days = models.SmallIntegerField(_("days from the festival"))
    time = models.TimeField(_("time"))
    type = models.ForeignKey(ContentType, models.PROTECT, related_name="+", verbose_name=_("type"))
    title_zh = models.CharField(_("title (Chinese)"), max_length=80)
    title_en = models.CharField(_("title (English)"), max_length=120)

    class Meta:
        verbose_name = _("slot of a template")
        verbose_name_plural = _("slots of a template")
        ordering = ("template", "days", "time")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.days:+d} {self.title_zh}"


class Series(models.Model):
    """Slots that repeat: `times` of them, every so many days."""

    title = models.CharField(_("title"), max_length=100)
    every_days = models.PositiveSmallIntegerField(_("every (days)"))
    times = models.PositiveSmallIntegerField(_("times"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("series")
        verbose_name_plural = _("series")
        default_permissions = ()

    def __str__(self) -> str:
        return self.title

    @property
    def audit_label(self) -> Any:
        return self.title
