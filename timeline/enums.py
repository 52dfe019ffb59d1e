"""Choices of the timeline."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PurchaseKind(models.TextChoices):
    ORDER = "order", _("Order")
    REFUND = "refund", _("Refund")


class InteractionKind(models.TextChoices):
    """What a member did; all kinds count as interactions, some are also measures of their own."""

    BROWSE = "browse", _("Browsed")
    CLICK = "click", _("Clicked")
    OPEN = "open", _("Opened")
    READ = "read", _("Read")
    WATCH = "watch", _("Watched")
    SAVE = "save", _("Saved")
    SHARE = "share", _("Shared")
    MESSAGE = "message", _("Sent a message")
    CHECK_IN = "check_in", _("Checked in")
    JOIN = "join", pgettext_lazy("interaction", "Joined")
    SCAN = "scan", _("Scanned a code")
    VISIT = "visit", _("Visited a store")
    COUPON_CLAIM = "coupon_claim", _("Claimed a coupon")
    REVIEW = "review", _("Wrote a review")
    OTHER = "other", _("Other")
