"""Choices of the rights of data subjects: requests, erasure, retention."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RequestKind(models.TextChoices):
    """PIPL Art. 15, 24, 44–48; what a person may ask for."""

    ACCESS = "access", _("See and copy")
    CORRECT = "correct", _("Correct")
    DELETE = "delete", _("Delete")
    RESTRICT = "restrict", _("Restrict")
    WITHDRAW = "withdraw", _("Withdraw consent")
    EXPLAIN = "explain", _("Explain a decision")
    CLOSE = "close", _("Close the account")


ERASING = (RequestKind.DELETE, RequestKind.CLOSE)


class Requester(models.TextChoices):
    """Who asks; Art. 31 and 49 let others ask for her."""

    SELF = "self", _("The member herself")
    GUARDIAN = "guardian", _("Parent or guardian")
    RELATIVE = "relative", _("Near relative of a deceased member")
    AGENT = "agent", _("Someone she authorised")


class RequestSource(models.TextChoices):
    CENTRE = "centre", _("Privacy centre")
    PHONE = "phone", _("Telephone")
    EMAIL = "email", _("E-mail")
    STORE = "store", _("In a store")
    LETTER = "letter", _("Letter")


class RequestState(models.TextChoices):
    RECEIVED = "received", _("Received")
    VERIFIED = "verified", _("Identity checked")
    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused")
    CANCELLED = "cancelled", _("Taken back")


OPEN_STATES = (RequestState.RECEIVED, RequestState.VERIFIED)


class IdentityCheck(models.TextChoices):
    """How somebody was recognised as the person she says she is."""

    LINK = "link", _("Signed link sent to her")
    CODE = "code", _("Code sent to her phone or e-mail")
    CALL_BACK = "call_back", _("Called back on the stored number")
    PAPERS = "papers", _("Identity card seen in a store")
    PROOF = "proof", _("Written authority or proof of kinship seen")


class RefusalReason(models.TextChoices):
    """Art. 50: a refusal says why."""

    NOT_IDENTIFIED = "not_identified", _("Who asks could not be identified")
    NOT_ENTITLED = "not_entitled", _("Who asks has no authority to ask for her")
    LEGAL_DUTY = "legal_duty", _("A law demands that the data are kept")
    NO_DATA = "no_data", _("There are no such data")
    EXCESSIVE = "excessive", _("Repeated clearly more often than needed")
    OTHERS = "others", _("It would disclose somebody else's data")


class ErasureReason(models.TextChoices):
    """PIPL Art. 47 ¶1."""

    REQUEST = "request", _("She asked for it")
    ACCOUNT_CLOSED = "closed", _("The account was closed")
    WITHDRAWN = "withdrawn", _("The consent was withdrawn")
    PURPOSE_OVER = "purpose_over", _("The purpose is reached or out of reach")
    RETENTION = "retention", _("The retention period is over")
    UNLAWFUL = "unlawful", _("Collected against law or agreement")


class ErasureState(models.TextChoices):
    RUNNING = "running", _("In progress")
    DONE = "done", _("Done")
