"""Choices of offers."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class CouponKind(models.TextChoices):
    AMOUNT = "amount", _("Amount off")
    PERCENT = "percent", _("Percent off")
    GIFT = "gift", _("Gift")


class CodeSource(models.TextChoices):
    """Where the codes of a coupon come from."""

    CLAIM = "claim", _("Made when a member claims it")
    GENERATED = "generated", _("Generated beforehand")
    IMPORTED = "imported", _("Imported")


class CouponState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("offer", "Draft")
    LIVE = "live", pgettext_lazy("offer", "Live")
    PAUSED = "paused", pgettext_lazy("offer", "Paused")
    ENDED = "ended", pgettext_lazy("offer", "Ended")


class Stacking(models.TextChoices):
    EXCLUSIVE = "exclusive", _("Alone in an order")
    GROUPS = "groups", _("With coupons of other groups")


class PrizeKind(models.TextChoices):
    VIRTUAL = "virtual", _("Virtual")
    PHYSICAL = "physical", _("Physical")


class DrawState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("offer", "Draft")
    PUBLISHED = "published", _("Rules published")
    STOPPED = "stopped", pgettext_lazy("draw", "Stopped")
    DRAWN = "drawn", _("Drawn")
    EMPTY = "empty", _("Ended without entries")
    VOIDED = "voided", pgettext_lazy("draw", "Void")


class CodeFault(models.TextChoices):
    """Why a code on an order could not be credited."""

    UNKNOWN = "unknown", _("Unknown code")
    USED = "used", _("Used by another order before")
