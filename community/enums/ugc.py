"""Choices of the UGC library."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class UgcKind(models.TextChoices):
    TEXT = "text", pgettext_lazy("ugc", "Text")
    PICTURE = "picture", pgettext_lazy("ugc", "Picture")
    VIDEO = "video", pgettext_lazy("ugc", "Video")
    LINK = "link", pgettext_lazy("ugc", "Post elsewhere")


class UgcState(models.TextChoices):
    """Offered → in review → approved; what may not be used any more says why."""

    OFFERED = "offered", pgettext_lazy("ugc", "Offered")
    IN_REVIEW = "in_review", pgettext_lazy("ugc", "In review")
    APPROVED = "approved", pgettext_lazy("ugc", "May be used")
    RETURNED = "returned", pgettext_lazy("ugc", "Returned")
    WITHDRAWN = "withdrawn", pgettext_lazy("ugc", "Consent withdrawn")
    ENDED = "ended", pgettext_lazy("ugc", "Rights over")
    ARCHIVED = "archived", pgettext_lazy("ugc", "Put away")


#: Out of use for good, unless she agrees anew.
OUT_OF_USE = (UgcState.WITHDRAWN, UgcState.ENDED, UgcState.ARCHIVED)


class Scope(models.TextChoices):
    """Where the brand may show it."""

    PRIVATE = "private", _("Own channels: groups, WeCom, mini program")
    PUBLIC = "public", _("Also on public platforms")
    ADS = "ads", _("Also in advertising")


class UgcSource(models.TextChoices):
    """How it came."""

    TASK = "task", _("Delivered for a task")
    STAFF = "staff", _("Added by staff")
    API = "api", pgettext_lazy("ugc", "Offered by the API")
