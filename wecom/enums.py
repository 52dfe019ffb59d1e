"""Choices of the connection to WeCom."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AppKind(models.TextChoices):
    """Whose secret it is: since December 2023 a corp connects by an app of its own that is listed under "API"."""

    DIRECTORY = "directory", _("Directory sync")
    CONTACTS = "contacts", _("Customer contacts")
    APP = "app", _("Own app")
    KF = "kf", _("Customer service")


class Lane(models.IntegerChoices):
    """Which callbacks go first: a welcome code lives 20 seconds."""

    URGENT = 0, _("Urgent")
    NORMAL = 1, _("Normal")


class CallbackState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Done")
    IGNORED = "ignored", _("Nobody asked for it")
    DEAD = "dead", _("Given up")


class Refusal(models.TextChoices):
    """Why a call of our callback address was turned away; the words say to an operator what to look at."""

    UNKNOWN_APP = "unknown_app", _("The address names no app that takes callbacks. Copy it anew from the app's page.")
    TOO_LARGE = "too_large", _("It was larger than any callback of WeCom. Nothing needs to be done.")
    MALFORMED = (
        "malformed",
        _("It was no callback of WeCom: parts are missing or unreadable. Nothing needs to be done."),
    )
    BOMB = "bomb", _("It held XML entities, as attacks do and WeCom never does. Nothing needs to be done.")
    WRONG_TOKEN = (
        "wrong_token",
        _("Its signature does not fit. If it came from WeCom, the Token here is not the one there."),
    )  # the name of a reason
    STALE = (
        "stale",
        _("Its time is more than ten minutes off. If it came from WeCom, look at the clock of this server."),
    )
    WRONG_KEY = "wrong_key", _("It cannot be decrypted. The EncodingAESKey here is not the one there.")
    WRONG_RECEIVER = "wrong_receiver", _("It is meant for another corp. Look at the corp ID of this app.")
