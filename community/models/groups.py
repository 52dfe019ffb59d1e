"""Groups, their rules, and who is in them over time.

A participant is an account in one group's chat. She need not be a member: who she is may be found out later, and only
`GroupParticipant.member` changes then, for nothing that was counted names the member.
"""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.enums import Reach
from accounts.models import Store, User
from audit.models import keep_history
from community.enums.groups import AcknowledgedHow, GroupState, JoinedHow, LeftHow, ParticipantRole
from content.models.naming import Named
from members.models import Member

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


@keep_history(fields=["messages_low", "messages_high", "is_active"])
class GroupType(Named):
    """How groups of a type live: what carries them, what they suit, and how many messages a day are healthy."""

    code = models.SlugField(_("code"), max_length=20, unique=True)
    run_by_zh = models.CharField(_("run by (Chinese)"), max_length=60, blank=True)
    run_by_en = models.CharField(_("run by (English)"), max_length=80, blank=True)
    suits_zh = models.CharField(_("suits (Chinese)"), max_length=60, blank=True)
    suits_en = models.CharField(_("suits (English)"), max_length=80, blank=True)
    messages_low = models.PositiveIntegerField(_("messages a day, from"))
    messages_high = models.PositiveIntegerField(_("messages a day, to"))
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("type of group")
        verbose_name_plural = _("types of groups")
        default_permissions = ("view", "change")
        ordering = ("position", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(messages_low__gte=1, messages_high__gt=F("messages_low")), name="community_type_band"
            ),
        )

    @property
    def run_by(self) -> str:
        return self.in_words("run_by")

    @property
    def suits(self) -> str:
        return self.in_words("suits")


class GroupQuerySet(models.QuerySet["Group"]):
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Groups that `user` may see: all, those of her stores and her own, her own, or none (fails closed)."""
        if not isinstance(user, User):
            return self.none()
        match user.reach:
            case Reach.ALL:
                return self.all()
            case Reach.STORES:
                return self.filter(Q(store__in=user.own_stores().values("pk")) | Q(owner=user))
            case Reach.OWN:
                return self.filter(owner=user)
            case _:
                return self.none()


@keep_history(fields=["name", "type", "store", "owner", "state", "capacity"])
class Group(models.Model):
    """One chat. `owner` is the member of staff who answers for it; `source` and `external_id` name it where it lives.

    What was said is known to `heard_until` where programs send it: to their last delivery, or as far as they say.
    """

    name = models.CharField(_("name"), max_length=80)
    type = models.ForeignKey(GroupType, models.PROTECT, related_name="groups", verbose_name=_("type"))
    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("store"))
    owner = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("responsible"))
    state = models.CharField(
        pgettext_lazy("group", "state"), max_length=6, choices=GroupState, default=GroupState.ACTIVE
    )
    opened_on = models.DateField(_("opened"))
    closed_on = models.DateField(pgettext_lazy("group", "closed"), null=True, blank=True)
    capacity = models.PositiveIntegerField(_("places"), default=200)
    source = models.CharField(_("source"), max_length=40, blank=True)
    external_id = models.CharField(_("number at the source"), max_length=128, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    heard_until = models.DateTimeField(null=True, editable=False)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("made by"))
    created_at = models.DateTimeField(_("made"))
    changed_at = models.DateTimeField(_("changed"))

    objects = GroupQuerySet.as_manager()

    class Meta:
        verbose_name = _("group")
        verbose_name_plural = _("groups")
        default_permissions = ("view", "add", "change")
        permissions = (("hand_over_group", _("Can hand a group over to somebody else")),)
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("source", "external_id"), condition=~Q(external_id=""), name="community_group_once"
            ),
            models.CheckConstraint(
                condition=Q(state=GroupState.ACTIVE, closed_on=None)
                | Q(state=GroupState.CLOSED, closed_on__gte=F("opened_on")),
                name="community_group_closed",
            ),
            models.CheckConstraint(condition=Q(capacity__gte=1), name="community_group_capacity"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def audit_label(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        return self.state == GroupState.ACTIVE


class GroupRules(models.Model):
    """One version of a group's rules, as published: never changed, the next version follows. `hash` is its SHA-256."""

    group = models.ForeignKey(Group, models.PROTECT, db_index=False, related_name="rules", verbose_name=_("group"))
    version = models.PositiveSmallIntegerField(_("version"))
    text = models.TextField(_("rules"), max_length=5000)
    hash = models.CharField(_("fingerprint"), max_length=64)
    published_at = models.DateTimeField(_("published"))
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("published by"))

    class Meta:
        verbose_name = _("group rules")
        verbose_name_plural = _("group rules")
        default_permissions = ("view", "add")
        ordering = ("group", "-version")
        constraints = (models.UniqueConstraint(fields=("group", "version"), name="community_rules_version"),)

    def __str__(self) -> str:
        return f"{self.group_id} v{self.version}"

    @property
    def audit_label(self) -> str:
        return f"{self.group} v{self.version}"


class ParticipantQuerySet(models.QuerySet["GroupParticipant"]):
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Participants of the groups that `user` may see."""
        return self.filter(group__in=Group.objects.visible_to(user))


class GroupParticipant(models.Model):
    """Somebody in a group, now or once. `speaker_key` is what the source calls her: found by it when she speaks.

    `member` once she is known, `staff` where she is one of us. One participant is the chat's owner at most.
    """

    group = models.ForeignKey(
        Group, models.PROTECT, db_index=False, related_name="participants", verbose_name=_("group")
    )
    speaker_key = models.CharField(_("key at the source"), max_length=128, null=True)  # noqa: DJ001  # none: not known
    nickname = models.CharField(_("nickname"), max_length=100, blank=True)
    member = models.ForeignKey(
        Member,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("member"),
    )
    linked_at = models.DateTimeField(_("linked"), null=True)
    staff = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("staff member"))
    role = models.CharField(
        pgettext_lazy("group", "role"), max_length=8, choices=ParticipantRole, default=ParticipantRole.ORDINARY
    )
    created_at = models.DateTimeField(_("made"))

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        default_permissions = ("view", "add", "change")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("group", "speaker_key"), name="community_speaker_once"),
            models.UniqueConstraint(
                fields=("group",), condition=Q(role=ParticipantRole.OWNER), name="community_one_chat_owner"
            ),
            models.UniqueConstraint(
                fields=("group", "member"), condition=Q(member__isnull=False), name="community_member_once"
            ),
            models.CheckConstraint(
                condition=Q(member=None, linked_at=None) | Q(member__isnull=False, linked_at__isnull=False),
                name="community_participant_linked",
            ),
        )
        indexes = (
            models.Index(fields=("group", "-id"), name="community_participant_of"),
            models.Index(fields=("member",), condition=Q(member__isnull=False), name="community_participant_member"),
        )

    def __str__(self) -> str:
        return self.nickname or f"#{self.pk}"

    @property
    def audit_label(self) -> str:
        return f"#{self.pk}"


class RulesAcknowledgement(models.Model):
    """That a participant has seen a version of the rules, and how it is known."""

    participant = models.ForeignKey(
        GroupParticipant, models.CASCADE, db_index=False, related_name="acknowledgements", verbose_name=_("participant")
    )
    rules = models.ForeignKey(GroupRules, models.PROTECT, related_name="acknowledgements", verbose_name=_("rules"))
    at = models.DateTimeField(_("when"))
    how = models.CharField(_("how"), max_length=10, choices=AcknowledgedHow)

    class Meta:
        verbose_name = _("acknowledgement of rules")
        verbose_name_plural = _("acknowledgements of rules")
        default_permissions = ("view", "add")
        constraints = (models.UniqueConstraint(fields=("participant", "rules"), name="community_acknowledged_once"),)

    def __str__(self) -> str:
        return f"{self.participant_id} {self.rules_id}"


class Stay(models.Model):
    """From when to when a participant was in the group; who leaves and comes back has two. One is open at most."""

    participant = models.ForeignKey(
        GroupParticipant, models.CASCADE, related_name="stays", verbose_name=_("participant")
    )
    group = models.ForeignKey(Group, models.PROTECT, db_index=False, related_name="+", verbose_name=_("group"))
    joined_at = models.DateTimeField(_("joined"))
    joined_how = models.CharField(_("how"), max_length=8, choices=JoinedHow, default=JoinedHow.UNKNOWN)
    inviter = models.ForeignKey(
        GroupParticipant,
        models.SET_NULL,
        null=True,
        db_column="invited_by_id",  # everywhere else a column of the other name leads to a member
        related_name="invited",
        verbose_name=_("invited by"),
    )
    left_at = models.DateTimeField(_("left"), null=True)
    left_how = models.CharField(_("how she left"), max_length=8, choices=LeftHow, blank=True)

    class Meta:
        verbose_name = _("stay")
        verbose_name_plural = _("stays")
        default_permissions = ("view", "add")
        ordering = ("-joined_at", "-id")
        constraints = (
            models.UniqueConstraint(fields=("participant",), condition=Q(left_at=None), name="community_one_open_stay"),
            models.CheckConstraint(
                condition=Q(left_at=None, left_how="") | (Q(left_at__gte=F("joined_at")) & ~Q(left_how="")),
                name="community_stay_span",
            ),
        )
        indexes = (models.Index(fields=("group", "joined_at", "left_at"), name="community_stay_of"),)

    def __str__(self) -> str:
        return f"{self.participant_id} {self.joined_at}"


class GroupSettings(models.Model):
    """One row. What counts as asleep, and over how many days a group is held against the band of its type."""

    sleeper_days = models.PositiveSmallIntegerField(_("days without a message until somebody sleeps"), default=30)
    band_days = models.PositiveSmallIntegerField(_("days over which messages a day are averaged"), default=7)

    class Meta:
        verbose_name = _("settings of groups")
        verbose_name_plural = _("settings of groups")
        default_permissions = ("change",)
        constraints = (
            models.CheckConstraint(condition=Q(pk=1), name="community_settings_one"),
            models.CheckConstraint(
                condition=Q(sleeper_days__gte=1, sleeper_days__lte=365, band_days__gte=1, band_days__lte=90),
                name="community_settings_days",
            ),
        )

    def __str__(self) -> str:
        return "community"
