"""Choices of messaging."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class SendState(models.TextChoices):
    """Where a send stands; moved by the verbs of `messaging.services.sends` alone."""

    DRAFT = "draft", pgettext_lazy("send", "Draft")
    FROZEN = "frozen", pgettext_lazy("send", "Recipients fixed")
    RUNNING = "running", pgettext_lazy("send", "Under way")
    PAUSED = "paused", pgettext_lazy("send", "Paused")
    DONE = "done", pgettext_lazy("send", "Finished")
    CANCELLED = "cancelled", pgettext_lazy("send", "Cancelled")


ENDED = (SendState.DONE, SendState.CANCELLED)


class DeliveryState(models.TextChoices):
    """Where one message stands. `unknown`: it may have arrived or not, and nobody repeats it blindly."""

    PENDING = "pending", pgettext_lazy("message", "Waiting")
    CLAIMED = "claimed", pgettext_lazy("message", "Taken by a worker")
    SENDING = "sending", pgettext_lazy("message", "On its way")
    SENT = "sent", pgettext_lazy("message", "Sent")
    FAILED = "failed", pgettext_lazy("message", "Failed")
    UNKNOWN = "unknown", pgettext_lazy("message", "Not known")
    SKIPPED = "skipped", pgettext_lazy("message", "Not sent")


OPEN = (DeliveryState.PENDING, DeliveryState.CLAIMED, DeliveryState.SENDING)
LEASED = (DeliveryState.CLAIMED, DeliveryState.SENDING)


class Withheld(models.TextChoices):
    """Why a message did not go, besides the gate's own reasons."""

    NO_ADDRESS = "no_address", _("She has no address on this channel")
    MISSING_VARIABLE = "missing_variable", _("A value of the text is missing")
    EXPIRED = "expired", _("Its time was over before it could go")
    CANCELLED = "cancelled", _("The send was cancelled")
    DAILY_LIMIT = "daily_limit", _("The gateway's limit of the day is reached")
    GONE = "gone", _("There is no such member any more")


class Idempotency(models.TextChoices):
    """What a gateway promises about the same message offered twice."""

    KEY = "key", _("Sends the same key once")
    QUERYABLE = "query", _("Answers what became of a message")
    NONE = "none", _("Promises nothing")


class Outcome(models.TextChoices):
    """What one call to a gateway came to. `later`: certainly not taken, and worth another try."""

    SENT = "sent", _("Taken")
    REFUSED = "refused", _("Refused")
    LATER = "later", _("Not taken now")
    UNKNOWN = "unknown", _("Not known")


class Receipt(models.TextChoices):
    """What the gateway told later about a message that it took."""

    NONE = "", _("Not told")
    DELIVERED = "delivered", _("Arrived")
    FAILED = "failed", _("Did not arrive")
