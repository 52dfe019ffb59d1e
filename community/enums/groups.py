"""Choices of groups, of who is in them, and of what is said there."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class GroupState(models.TextChoices):
    ACTIVE = "active", pgettext_lazy("group", "Active")
    CLOSED = "closed", pgettext_lazy("group", "Closed")


class ParticipantRole(models.TextChoices):
    """What somebody is in the group itself, as the chat shows it."""

    OWNER = "owner", _("Group owner")
    KEEPER = "keeper", _("Group keeper")
    ORDINARY = "ordinary", _("Participant")


class JoinedHow(models.TextChoices):
    """`seen`: nobody told when she joined; her first message, or a list that names her, is the earliest sign of her."""

    INVITED = "invited", _("Invited by a participant")
    CODE = "code", _("Group code")
    LINK = "link", _("Link")
    ADDED = "added", _("Added by staff")
    SEEN = "seen", _("First seen in the chat")
    UNKNOWN = "unknown", _("Not known")


class LeftHow(models.TextChoices):
    LEFT = "left", _("Left")
    REMOVED = "removed", _("Removed")
    CLOSED = "closed", _("Group closed")
    UNKNOWN = "unknown", _("Not known")


class AcknowledgedHow(models.TextChoices):
    IN_CHAT = "in_chat", _("Replied in the group")
    ON_JOINING = "on_joining", _("When joining")
    STAFF = "staff", _("Noted by staff")
    IMPORT = "import", _("File")
    API = "api", _("API")
