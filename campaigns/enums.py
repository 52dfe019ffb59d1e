"""Choices of activities and tracked links."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Level(models.TextChoices):
    """What kind of activity it is; each level has its own bands of what is healthy."""

    DAILY = "daily", _("Everyday promotion")
    FESTIVAL = "festival", _("Festival theme")
    MEMBER = "member", _("Members only")


class Form(models.TextChoices):
    DISCOUNT = "discount", _("Time-limited discount")
    BUNDLE = "bundle", _("Spend and save")
    GIFT = "gift", _("Festival gift")
    BLIND_BOX = "blind_box", _("Blind box")
    POINTS = "points", _("Double points")
    CUSTOM = "custom", _("Exclusive custom goods")
    OTHER = "other", pgettext_lazy("activity", "Another form")


class ActivityState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("activity", "Draft")
    IN_REVIEW = "in_review", pgettext_lazy("activity", "In approval")
    APPROVED = "approved", pgettext_lazy("activity", "Approved")
    SCHEDULED = "scheduled", pgettext_lazy("activity", "Scheduled")
    RUNNING = "running", pgettext_lazy("activity", "Running")
    ENDED = "ended", pgettext_lazy("activity", "Ended")
    ARCHIVED = "archived", pgettext_lazy("activity", "Archived")
    CANCELLED = "cancelled", pgettext_lazy("activity", "Cancelled")


#: The audience is frozen, and what was promised binds.
STARTED = frozenset({ActivityState.RUNNING, ActivityState.ENDED, ActivityState.ARCHIVED})
#: Orders are credited to these.
CREDITED = STARTED


class Measure(models.TextChoices):
    """What a level's band is about."""

    PARTICIPATION = "participation", _("Participation")
    CONVERSION = "conversion", _("Conversion")
    ROI = "roi", _("ROI")


class ParticipationKind(models.TextChoices):
    SIGN_UP = "sign_up", _("Signed up")
    CHECK_IN = "check_in", pgettext_lazy("participation", "Checked in")
    COUPON = "coupon", pgettext_lazy("participation", "Claimed a coupon")
    DRAW = "draw", _("Entered a draw")
    PLAY = "play", _("Played")
    OTHER = "other", pgettext_lazy("participation", "Took part otherwise")


class CostKind(models.TextChoices):
    GOODS = "goods", _("Gifts and prizes")
    DISCOUNT = "discount", _("Discounts given")
    MEDIA = "media", _("Media and placement")
    MAKING = "making", _("Design and production")
    STAFF = "staff", pgettext_lazy("cost", "Staff")
    OTHER = "other", pgettext_lazy("cost", "Other")


class CreditRule(models.TextChoices):
    """Why an order is an activity's; the first that holds, in this order."""

    COUPON = "coupon", _("By coupon")
    CODE = "code", _("By code")
    WINDOW = "window", _("Within the window after taking part")


class BotReason(models.TextChoices):
    """Why a click is not counted as a person's."""

    HEAD = "head", _("Asked for the head only")
    PREFETCH = "prefetch", _("Fetched ahead or previewed")
    NO_AGENT = "no_agent", _("Did not say what it is")
    AGENT = "agent", _("A program by its own name")
