"""Choices of what KOC do: tasks, deliveries, benefits."""

from django.db import models
from django.utils.translation import pgettext_lazy


class TaskState(models.TextChoices):
    """A draft may change in everything; an open one in favour of those who took it."""

    DRAFT = "draft", pgettext_lazy("task", "Draft")
    OPEN = "open", pgettext_lazy("task", "Open")
    CLOSED = "closed", pgettext_lazy("task", "Closed")
    CANCELLED = "cancelled", pgettext_lazy("task", "Cancelled")


class DeliveryState(models.TextChoices):
    """Accepted → delivered → approved, or returned and delivered anew. A dropped one gives its seat back."""

    ACCEPTED = "accepted", pgettext_lazy("delivery", "Accepted")
    DELIVERED = "delivered", pgettext_lazy("delivery", "Delivered")
    RETURNED = "returned", pgettext_lazy("delivery", "Returned")
    APPROVED = "approved", pgettext_lazy("delivery", "Approved")
    DROPPED = "dropped", pgettext_lazy("delivery", "Seat given back")


#: She still has something to hand in.
OWING = (DeliveryState.ACCEPTED, DeliveryState.RETURNED)


class BenefitPeriod(models.TextChoices):
    """How often a benefit is given to the same KOC."""

    ONCE = "once", pgettext_lazy("benefit", "Once")
    MONTHLY = "monthly", pgettext_lazy("benefit", "Once a month")
