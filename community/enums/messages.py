"""Choices of what is said in groups, and of the files that tell it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class MessageKind(models.TextChoices):
    TEXT = "text", _("Text")
    IMAGE = "image", _("Image")
    LINK = "link", _("Link")
    MINI_PROGRAM = "mini_program", _("Mini program")
    VIDEO = "video", _("Video")
    VOICE = "voice", _("Voice")
    FILE = "file", _("File")
    RED_PACKET = "red_packet", _("Red packet")
    OTHER = "other", _("Other")


class ChatKind(models.TextChoices):
    """What a file of a group holds."""

    MESSAGES = "messages", _("Messages")
    PARTICIPANTS = "participants", _("Participants")


class ChatState(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Reading")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


#: A job in one of these is taken up again by whoever finds it without a worker.
UNFINISHED = (ChatState.QUEUED, ChatState.RUNNING)


class ChatReason(models.TextChoices):
    """Why a row that could be read was rejected all the same; `core.files.Fault` has the reasons of reading."""

    NO_SPEAKER = "no_speaker", _("Nobody is named who said it")
    NO_MOMENT = "no_moment", _("No time is given")
    FUTURE_DATE = "future_date", _("In the future")
    TOO_OLD = "too_old", _("Before 2010")
    UNKNOWN_GROUP = "unknown_group", _("Group not known, or not one of yours")
    GROUP_CLOSED = "group_closed", _("The group was closed by then")
    NOT_AN_OBJECT = "not_an_object", _("Not a message, but something else")
    UNKNOWN_ROLE = "unknown_role", _("Not one of the known roles")
    UNKNOWN_MEMBER = "unknown_member", _("Member not known, or not one of yours")
    LEFT_BEFORE = "left_before", _("Left before she joined")
    TWICE = "twice", _("The same participant stands further up in this file")
    SECOND_OWNER = "second_owner", _("A chat has one owner, and another one is named further up or known already")
    MEMBER_TWICE = "member_twice", _("This member is in the group under another name already")
