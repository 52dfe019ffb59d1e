"""Choices of the ledger of KOC."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Book(models.TextChoices):
    """Where an amount stands. What the brand owes a KOC is positive; `claw_back` is what she owes, so never positive.

    `cost` is the other side of all of it: what the programme has cost the brand, negative unless more was taken back than given.
    """

    PENDING = "pending", _("In the return window")
    PAYABLE = "payable", _("To be paid")
    CLAW_BACK = "claw_back", _("To be taken back")
    TRANSIT = "transit", _("In a pay-out")
    PAID = "paid", pgettext_lazy("ledger", "Paid")
    COST = "cost", _("Cost of the brand")


class Booking(models.TextChoices):
    """Why a transaction was booked."""

    ACCRUE = "accrue", _("Share of an order")
    REVERSE = "reverse", _("Share taken back before it was settled")
    CLAW_BACK = "claw_back", _("Refund after settlement")
    SETTLE = "settle", _("Return window over")
    REWARD = "reward", _("Reward of a task")
    PAY_OUT = "pay_out", _("Put into a pay-out")
    PAY = "pay", _("Paid out")
    BACK = "back", _("Back from a pay-out")
    CORRECT = "correct", _("Correction")
    MOVE = "move", _("Two accounts of one person joined")


class Way(models.TextChoices):
    """Why an order is a KOC's; her code on the order goes before an invitation."""

    CODE = "code", _("By her code")
    INVITER = "inviter", _("Invited by her")


class PayoutState(models.TextChoices):
    """Its amounts are fixed when it is made; a second person confirms that they were paid."""

    OPEN = "open", pgettext_lazy("payout", "Waits to be paid")
    PAID = "paid", pgettext_lazy("payout", "Paid")
    CANCELLED = "cancelled", pgettext_lazy("payout", "Cancelled")


class LineState(models.TextChoices):
    OPEN = "open", pgettext_lazy("payout", "To be paid")
    PAID = "paid", pgettext_lazy("payout", "Paid")
    BACK = "back", pgettext_lazy("payout", "Not paid, owed again")
    NONE = "none", pgettext_lazy("payout", "Nothing left to pay")
