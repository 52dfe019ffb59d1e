"""Choices of content."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Stage(models.TextChoices):
    ATTRACT = "attract", _("Attract")
    NURTURE = "nurture", _("Nurture")
    CONVERT = "convert", _("Convert")


class Metric(models.TextChoices):
    """How an item is judged; what each is measured from stands in `content.rules.results`."""

    READ_THROUGH = "read_through", _("Read-through")
    SAVE_RATE = "save_rate", _("Save rate")
    COMPLETION = "completion", _("Completion")
    SHARE_RATE = "share_rate", _("Share rate")
    GMV = "gmv", _("GMV per session")
    STAY = "stay", _("Average stay")
    FOLLOWER_GROWTH = "follower_growth", _("Follower growth per month")
    OPEN_RATE = "open_rate", _("Open rate of direct messages")


class Unit(models.TextChoices):
    SHARE = "share", _("share")
    MONEY = "money", _("¥")
    MINUTES = "minutes", _("minutes")


UNITS: dict[str, Unit] = {str(metric): Unit.SHARE for metric in Metric} | {
    Metric.GMV: Unit.MONEY,
    Metric.STAY: Unit.MINUTES,
}


class Known(models.TextChoices):
    """Whether a value is known, and if not, why."""

    OBSERVED = "observed", _("Observed")
    NOT_DUE = "not_due", _("Not due yet")
    MISSING = "missing", _("Instrumentation missing")
    PARTIAL = "partial", _("Partial")


class MaterialKind(models.TextChoices):
    TEXT = "text", pgettext_lazy("material", "Text")
    PICTURE = "picture", _("Picture")
    VIDEO = "video", _("Video")
    LINK = "link", pgettext_lazy("material", "Link")
    MINI_PROGRAM = "mini_program", _("Mini program")
    FILE = "file", pgettext_lazy("material", "File")


class SlotState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("slot", "Draft")
    IN_REVIEW = "in_review", pgettext_lazy("slot", "In legal review")
    APPROVED = "approved", pgettext_lazy("slot", "Approved")
    SCHEDULED = "scheduled", pgettext_lazy("slot", "Scheduled")
    PUBLISHED = "published", pgettext_lazy("slot", "Published")
    MEASURED = "measured", pgettext_lazy("slot", "Measured")
    MISSED = "missed", pgettext_lazy("slot", "Missed")
    CANCELLED = "cancelled", pgettext_lazy("slot", "Cancelled")


class ShownOn(models.TextChoices):
    """Where members see what a slot publishes: whoever made the material may have agreed to some of these alone."""

    OWN = "own", _("Own channels: groups, WeCom, mini program, official account")
    PUBLIC = "public", _("Public platforms")
    ADS = "ads", _("Advertising")


class Period(models.TextChoices):
    WEEK = "week", pgettext_lazy("period", "Week")
    MONTH = "month", pgettext_lazy("period", "Month")
    QUARTER = "quarter", pgettext_lazy("period", "Quarter")


class Reckoning(models.TextChoices):
    """By which calendar a day returns."""

    SOLAR = "solar", _("Solar date")
    LUNAR = "lunar", _("Lunar date")
    TERM = "term", _("Solar term")
    WEEKDAY = "weekday", _("Nth weekday of a month")
    ONCE = "once", _("Once")


class OccasionKind(models.TextChoices):
    FESTIVAL = "festival", _("Festival")
    SHOPPING = "shopping", _("Shopping day")
    BRAND = "brand", _("Brand date")


class ReportKind(models.TextChoices):
    LIVE = "live", _("Live sessions")
    PLATFORM = "platform", _("Platform accounts")
