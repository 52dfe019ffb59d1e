"""What is said in groups: how much, by whom, to whom; the text itself for few, and for a while.

`GroupMessage` is partitioned by month of `sent_at` and made by hand in the migration. Nothing here names a member: that
stands at the participant, so that finding out who she is moves one row. `MessageText` is the exception, for it is
sealed under her key.
"""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from community.enums.messages import UNFINISHED, ChatKind, ChatReason, ChatState, MessageKind
from community.errors.chats import error_text
from community.models.groups import Group, GroupParticipant
from core.files import Fault
from core.models import EncryptedTextField
from members.models import Member

HOURS = 24


class ChatImport(models.Model):
    """One file of a chat, how far its reading came, and what came of it.

    A file of messages may name its groups itself; with `group` all of it is that group's. `last_line` moves in the
    transaction of the rows up to it, so that a killed import goes on where its last chunk ended.
    `counts`: read = stored + already + skipped + rejected.
    """

    kind = models.CharField(_("what"), max_length=12, choices=ChatKind)
    layout = models.CharField(_("layout"), max_length=4, choices=(("csv", "CSV"), ("json", "JSON")))
    group = models.ForeignKey(
        Group, models.PROTECT, null=True, blank=True, related_name="imports", verbose_name=_("group")
    )
    state = models.CharField(_("state"), max_length=9, choices=ChatState, default=ChatState.QUEUED)
    path = models.CharField(max_length=1000, editable=False)
    file_name = models.CharField(_("file"), max_length=255)
    file_size = models.BigIntegerField(_("size"))
    file_hash = models.CharField(max_length=64, editable=False)
    source = models.CharField(_("source"), max_length=40)
    timezone = models.CharField(_("time zone"), max_length=60)
    facts = models.JSONField(default=dict, editable=False)
    mapping = models.JSONField(_("mapping"), default=dict, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    progress = models.FloatField(_("progress"), default=0.0)
    last_line = models.BigIntegerField(default=0, editable=False)
    counts = models.JSONField(_("result"), default=dict)
    error = models.JSONField(_("error"), default=dict, blank=True)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("started by"))
    created_at = models.DateTimeField(_("created"))
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("import of a chat")
        verbose_name_plural = _("imports of chats")
        default_permissions = ("view", "add")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=UNFINISHED, finished_at=None)
                | (~Q(state__in=UNFINISHED) & Q(finished_at__isnull=False)),
                name="community_import_finished",
            ),
        )
        indexes = (models.Index(fields=("state",), condition=Q(state__in=UNFINISHED), name="community_import_open"),)

    def __str__(self) -> str:
        return self.file_name

    @property
    def audit_label(self) -> str:
        return self.file_name

    @property
    def error_text(self) -> str:
        """Why the import failed, in the reader's language."""
        return error_text(self.error)


class ChatReject(models.Model):
    """One row that was not taken: where it stands and why. What it said is not kept."""

    job = models.ForeignKey(ChatImport, models.CASCADE, db_index=False, related_name="rejects")
    line = models.BigIntegerField(_("line"))
    reason = models.CharField(_("reason"), max_length=24)
    column = models.CharField(_("column"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("rejected row of a chat")
        verbose_name_plural = _("rejected rows of chats")
        default_permissions = ()
        ordering = ("line", "id")
        indexes = (models.Index(fields=("job", "line"), name="community_reject_report"),)

    def __str__(self) -> str:
        return f"{self.line}: {self.reason}"

    @property
    def reason_label(self) -> str:
        choices = ChatReason if self.reason in ChatReason else Fault
        return str(choices(self.reason).label)


class GroupMessage(models.Model):
    """One message, without its text. `id` comes from one sequence; the table's own key is (group, sent_at, key).

    `key` is a hash of the number that the source gave, or of who said what: the same message, offered twice, is stored
    once. `mentions` are participants; `reply_to` is the participant who was answered. Both are as the chat says,
    nothing is guessed from what stands close together.
    """

    id = models.BigAutoField(primary_key=True)
    group = models.ForeignKey(Group, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    participant = models.ForeignKey(
        GroupParticipant, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    sent_at = models.DateTimeField(_("sent"))
    key = models.BigIntegerField(editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=MessageKind)
    length = models.IntegerField(_("characters"))
    links = models.SmallIntegerField(_("links"))
    mentions: Any = ArrayField(models.BigIntegerField(), null=True)
    reply_to = models.ForeignKey(
        GroupParticipant, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    job_id = models.BigIntegerField(null=True, editable=False)

    class Meta:
        db_table = "community_groupmessage"
        verbose_name = _("message in a group")
        verbose_name_plural = _("messages in groups")
        default_permissions = ("view", "add")

    def __str__(self) -> str:
        return f"{self.group_id}/{self.pk}"


class MessageDigest(models.Model):
    """The keyed fingerprint of a text, to know it again when it is posted anew. Kept for days only."""

    message_id = models.BigIntegerField(primary_key=True)
    group = models.ForeignKey(Group, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    participant = models.ForeignKey(GroupParticipant, models.DO_NOTHING, db_constraint=False, related_name="+")
    digest = models.UUIDField()
    sent_at = models.DateTimeField(_("sent"))

    class Meta:
        db_table = "community_messagedigest"
        default_permissions = ()
        indexes = (
            models.Index(fields=("digest", "sent_at"), name="community_digest_again"),
            models.Index(fields=("sent_at",), name="community_digest_old"),
        )

    def __str__(self) -> str:
        return str(self.message_id)


class MessageText(models.Model):
    """What a member said who agreed to it being kept, sealed under her key, until it is `sent_at` plus the retention."""

    message_id = models.BigIntegerField(primary_key=True)
    member = models.ForeignKey(Member, models.DO_NOTHING, db_constraint=False, related_name="+")
    group = models.ForeignKey(Group, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    sent_at = models.DateTimeField(_("sent"))
    text = EncryptedTextField(_("text"), subject_kind="member", subject="member_id")

    class Meta:
        verbose_name = _("text of a message")
        verbose_name_plural = _("texts of messages")
        default_permissions = ("view",)
        indexes = (
            models.Index(fields=("group", "-sent_at"), name="community_text_of"),
            models.Index(fields=("sent_at",), name="community_text_old"),
        )

    def __str__(self) -> str:
        return str(self.message_id)


class GroupDay(models.Model):
    """One group on one local day; `hours` are its messages by hour, 24 numbers."""

    pk = models.CompositePrimaryKey("group_id", "day")
    group = models.ForeignKey(Group, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="days")
    day = models.DateField(_("day"))
    messages = models.IntegerField(_("messages"), default=0)
    speakers = models.IntegerField(_("speakers"), default=0)
    hours: Any = ArrayField(models.IntegerField(), size=HOURS)
    joined = models.IntegerField(pgettext_lazy("day of a group", "joined"), default=0)
    left = models.IntegerField(pgettext_lazy("day of a group", "left"), default=0)

    class Meta:
        default_permissions = ()
        indexes = (models.Index(fields=("day",), name="community_groupday_day"),)

    def __str__(self) -> str:
        return f"{self.group_id} {self.day}"


class ParticipantDay(models.Model):
    """What one participant said on one local day, and how often she was answered or called by name."""

    pk = models.CompositePrimaryKey("participant_id", "day")
    participant = models.ForeignKey(
        GroupParticipant, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="days"
    )
    group = models.ForeignKey(Group, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    day = models.DateField(_("day"))
    messages = models.IntegerField(_("messages"), default=0)
    mentioned = models.IntegerField(_("answered or mentioned"), default=0)

    class Meta:
        default_permissions = ()
        indexes = (models.Index(fields=("group", "day"), name="community_partday_of"),)

    def __str__(self) -> str:
        return f"{self.participant_id} {self.day}"


class TalkEdge(models.Model):
    """Who turned to whom on one local day, by answering or by name, and how often."""

    pk = models.CompositePrimaryKey("group_id", "day", "from_participant_id", "to_participant_id")
    group = models.ForeignKey(Group, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    day = models.DateField(_("day"))
    from_participant = models.ForeignKey(GroupParticipant, models.DO_NOTHING, db_constraint=False, related_name="+")
    to_participant = models.ForeignKey(GroupParticipant, models.DO_NOTHING, db_constraint=False, related_name="+")
    count = models.IntegerField(_("times"))

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.from_participant_id} → {self.to_participant_id} {self.day}"
