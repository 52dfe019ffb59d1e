"""Choices of the results."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class MetricLevel(models.TextChoices):
    """The three levels of the board."""

    OPERATIONS = "operations", _("Operations")
    CONVERSION = "conversion", pgettext_lazy("metrics", "Conversion")
    USER_VALUE = "user_value", _("User value")


class GoodSide(models.TextChoices):
    HIGHER = "higher", _("Higher is better")
    LOWER = "lower", _("Lower is better")
    INSIDE = "inside", _("Inside the range")


class Comparison(models.TextChoices):
    """What a metric tells: the value of its window, or how much it changed against the window before."""

    NONE = "none", _("The value itself")
    PRECEDING = "preceding", _("Change against the window before")


class MetricUnit(models.TextChoices):
    NUMBER = "number", pgettext_lazy("metrics", "A number")
    SHARE = "share", _("A share, in percent")
    YUAN = "yuan", _("Yuan")


class Sight(models.TextChoices):
    """Whether a figure was observed, and if not, what kind of lack it is."""

    OBSERVED = "observed", _("Observed")
    PARTIAL = "partial", _("Partial")
    NOT_DUE = "not_due", _("Not due yet")
    MISSING = "missing", _("Instrumentation missing")
    EMPTY = "empty", _("Nothing to measure")


class Lack(models.TextChoices):
    """Why a figure is partial or absent."""

    NONE = "", ""
    NO_SOURCE = "no_source", _("Nothing reports this yet.")
    NO_FACTS = "no_facts", _("No such fact has been recorded yet.")
    BEFORE_FACTS = "before_facts", _("The day lies before the first such fact.")
    TOO_YOUNG = "too_young", _("It takes longer than the brand's facts reach back so far.")
    SHORT_WINDOW = "short_window", _("The facts do not reach back over the whole window.")
    UNKNOWN_PEOPLE = "unknown_people", _("What people did who are not known is left out.")
    NOT_COMPUTED = "not_computed", _("The figures of this day have not been computed yet.")
    NOTHING_TO_DIVIDE = "nothing_to_divide", _("There is nothing in the window to divide by.")
    UNKNOWN_FACT = "unknown_fact", _("The formula names a fact that there is no more.")


class Health(models.TextChoices):
    """How a value stands beside its range: the words of colours."""

    GOOD = "good", _("Healthy")
    WATCH = "watch", _("Just outside")
    ACT = "act", _("Outside")
    NONE = "none", _("Not known yet")


class CohortKind(models.TextChoices):
    """By what people belong together: the month of the first order, the month or the day of registration."""

    ORDER = "order", _("Month of the first order")
    MONTH = "month", _("Month of registration")
    DAY = "day", _("Day of registration")


class NightlyCount(models.TextChoices):
    """What is counted every night, each by itself."""

    PREFERENCES = "preferences", _("Preferences")
    TEAMS = "teams", _("Figures of stores and guides")
    SILENCES = "silences", _("Silences")
    BY_ORDER = "by_order", _("Cohorts by the first order")
    BY_REGISTRATION = "by_registration", _("Cohorts by registration")


class FlagEnd(models.TextChoices):
    """How a churn warning ended."""

    RETURNED = "returned", _("Came back")
    LOST = "lost", _("Lost")
    WITHDRAWN = "withdrawn", _("No longer judged so")


class FollowUpKind(models.TextChoices):
    """Why somebody sees to one of her members."""

    BIRTHDAY = "birthday", _("Birthday")
    SILENT = "silent", _("Has gone silent")
    TIER_LOSS = "tier_loss", _("Fell to a lower tier")
    COUPON = "coupon", _("A coupon ends")


class KpiFigure(models.TextChoices):
    """What a store or a guide is measured by; the order is that of the page."""

    RETENTION = "retention", _("30-day retention")
    REPURCHASE = "repurchase", _("Repurchase")
    GMV = "gmv", pgettext_lazy("team", "GMV")
    INTERACTIONS = "interactions", _("Interactions")
    NEW = "new", _("New members")
    FOLLOW_UPS = "follow_ups", _("Follow-ups")
