"""What goes against the rules of groups: what is looked for, what was found, what was decided, who appealed."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from community.enums.moderation import (
    AUTOMATIC,
    RULED,
    AppealOutcome,
    Outcome,
    Speakers,
    ViolationKind,
    ViolationState,
)
from community.models.groups import Group, GroupParticipant
from content.models.naming import Named
from core.models import EncryptedTextField

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

SUBJECT = "participant"
RULED_CHOICES = [(kind.value, kind.label) for kind in RULED]
AUTOMATIC_CHOICES = [(outcome.value, outcome.label) for outcome in AUTOMATIC]


class ViolationRule(Named):
    """One thing that is looked for; `parameters` as `rules.parameters` reads them.

    What a `sensitive` rule finds always waits for a person. Of the others, `automatic` is decided by itself, until a
    participant has had `automatic_most` within the days of a repeat offender.
    """

    kind = models.CharField(_("kind"), max_length=9, choices=RULED_CHOICES)
    parameters = models.JSONField(_("parameters"), default=dict)
    speakers = models.CharField(
        pgettext_lazy("moderation", "whose messages"), max_length=8, choices=Speakers, default=Speakers.ORDINARY
    )
    sensitive = models.BooleanField(pgettext_lazy("moderation", "sensitive"), default=False)
    automatic = models.CharField(_("decided by itself"), max_length=9, choices=AUTOMATIC_CHOICES, blank=True)
    automatic_most = models.PositiveSmallIntegerField(_("times by itself"), default=2)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)
    changed_at = models.DateTimeField(_("changed"), null=True)

    class Meta:
        verbose_name = _("rule of moderation")
        verbose_name_plural = _("rules of moderation")
        default_permissions = ("view", "change")
        ordering = ("position", "id")
        constraints = (
            models.CheckConstraint(condition=Q(sensitive=False) | Q(automatic=""), name="community_sensitive_by_hand"),
            models.CheckConstraint(
                condition=Q(automatic_most__gte=1, automatic_most__lte=100), name="community_rule_automatic_most"
            ),
        )


class ModerationSettings(models.Model):
    """One row."""

    scan_days = models.PositiveSmallIntegerField(_("days after which a message is not looked at"), default=7)
    excerpt_days = models.PositiveSmallIntegerField(_("days that an excerpt is kept"), default=30)
    appeal_days = models.PositiveSmallIntegerField(_("days in which a decision can be appealed"), default=7)
    mute_hours = models.PositiveSmallIntegerField(_("hours of a mute"), default=24)
    repeat_least = models.PositiveSmallIntegerField(_("violations that make a repeat offender"), default=3)
    repeat_days = models.PositiveSmallIntegerField(_("within days"), default=30)
    share_days = models.PositiveSmallIntegerField(_("days over which the share is measured"), default=28)
    share_low = models.DecimalField(_("share decided by the machine, from"), max_digits=4, decimal_places=3)
    share_high = models.DecimalField(_("share decided by the machine, to"), max_digits=4, decimal_places=3)

    class Meta:
        verbose_name = _("settings of moderation")
        verbose_name_plural = _("settings of moderation")
        default_permissions = ("change",)
        constraints = (
            models.CheckConstraint(condition=Q(pk=1), name="community_moderation_one"),
            models.CheckConstraint(
                condition=Q(scan_days__gte=1, scan_days__lte=365)
                & Q(excerpt_days__gte=1, excerpt_days__lte=180, appeal_days__gte=1, appeal_days__lte=90)
                & Q(mute_hours__gte=1, mute_hours__lte=720, repeat_least__gte=2, repeat_least__lte=50)
                & Q(repeat_days__gte=1, repeat_days__lte=365, share_days__gte=1, share_days__lte=365),
                name="community_moderation_limits",
            ),
            models.CheckConstraint(
                condition=Q(share_low__gte=0, share_high__lte=1, share_high__gte=F("share_low")),
                name="community_moderation_share",
            ),
        )

    def __str__(self) -> str:
        return "moderation"


class ViolationQuerySet(models.QuerySet["Violation"]):
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Violations in the groups that `user` may see."""
        return self.filter(group__in=Group.objects.visible_to(user))

    def open(self) -> Self:
        return self.filter(state=ViolationState.OPEN)

    def upheld(self) -> Self:
        """Decided, and not dismissed."""
        return self.filter(state=ViolationState.DECIDED).exclude(outcome=Outcome.DISMISSED)


class Violation(models.Model):
    """One message, or something reported, that goes against a rule; a message is one case, whatever rules it breaks.

    `first_…` is the first decision and stays; `outcome`, `decided_…` are what holds now, after an appeal or a person's
    correction. Decided without a person = by the machine. `occurred_at` is when it was said. The excerpt is sealed under
    the participant's key and goes at `expires_at`.
    """

    group = models.ForeignKey(Group, models.PROTECT, db_index=False, related_name="violations", verbose_name=_("group"))
    participant = models.ForeignKey(
        GroupParticipant, models.PROTECT, db_index=False, related_name="violations", verbose_name=_("participant")
    )
    message_id = models.BigIntegerField(_("message"), null=True)
    rule = models.ForeignKey(
        ViolationRule, models.PROTECT, null=True, related_name="violations", verbose_name=_("rule")
    )
    kind = models.CharField(_("kind"), max_length=9, choices=ViolationKind)
    also = models.JSONField(pgettext_lazy("moderation", "also"), default=list)
    sensitive = models.BooleanField(pgettext_lazy("moderation", "sensitive"), default=False)
    counted = models.PositiveIntegerField(pgettext_lazy("moderation", "times"), null=True)
    excerpt = EncryptedTextField(_("excerpt"), subject_kind=SUBJECT, subject="participant_id", null=True)
    expires_at = models.DateTimeField(_("excerpt kept until"), null=True)
    occurred_at = models.DateTimeField(_("said"))
    detected_at = models.DateTimeField(_("found"))
    reported_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("reported by"))
    state = models.CharField(
        pgettext_lazy("moderation", "state"), max_length=7, choices=ViolationState, default=ViolationState.OPEN
    )
    first_outcome = models.CharField(_("first decision"), max_length=9, choices=Outcome, blank=True)
    first_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("first decided by"))
    first_at = models.DateTimeField(_("first decided"), null=True)
    outcome = models.CharField(_("decision"), max_length=9, choices=Outcome, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by"))
    decided_at = models.DateTimeField(_("decided"), null=True)
    muted_until = models.DateTimeField(_("muted until"), null=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects = ViolationQuerySet.as_manager()

    class Meta:
        verbose_name = _("violation")
        verbose_name_plural = _("violations")
        default_permissions = ("view", "add")
        permissions = (("decide_violation", _("Can decide violations")),)
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("message_id",), condition=Q(message_id__isnull=False), name="community_violation_once"
            ),
            models.CheckConstraint(
                condition=Q(state="open", first_outcome="", first_by=None, first_at=None)
                & Q(outcome="", decided_by=None, decided_at=None)
                | Q(state="decided", first_at__isnull=False, decided_at__isnull=False)
                & ~Q(first_outcome="")
                & ~Q(outcome=""),
                name="community_violation_decided",
            ),
            models.CheckConstraint(
                condition=Q(sensitive=False) | ~Q(state="decided") | Q(first_by__isnull=False),
                name="community_sensitive_by_person",
            ),
            models.CheckConstraint(
                condition=Q(outcome="muted", muted_until__isnull=False) | ~Q(outcome="muted") & Q(muted_until=None),
                name="community_violation_muted",
            ),
            models.CheckConstraint(
                condition=Q(excerpt=None) | Q(expires_at__isnull=False), name="community_excerpt_expires"
            ),
        )
        indexes = (
            models.Index(
                fields=("-sensitive", "detected_at", "id"), condition=Q(state="open"), name="community_violation_queue"
            ),
            models.Index(fields=("-decided_at", "-id"), condition=Q(state="decided"), name="community_violation_past"),
            models.Index(fields=("first_at",), condition=Q(state="decided"), name="community_violation_first"),
            models.Index(fields=("participant", "occurred_at"), name="community_violation_of"),
            models.Index(fields=("group", "-occurred_at"), name="community_violation_in"),
            models.Index(fields=("expires_at",), condition=Q(excerpt__isnull=False), name="community_excerpt_old"),
        )

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def audit_label(self) -> str:
        return f"#{self.pk} {self.kind}"

    @property
    def by_machine(self) -> bool:
        """Whether the first decision was the machine's."""
        return self.state == ViolationState.DECIDED and self.first_by_id is None


class Appeal(models.Model):
    """What a participant says against a decision; whoever made that decision does not decide this. One for each."""

    violation = models.OneToOneField(Violation, models.PROTECT, related_name="appeal", verbose_name=_("violation"))
    participant = models.ForeignKey(GroupParticipant, models.PROTECT, related_name="+", verbose_name=_("participant"))
    text = EncryptedTextField(_("what she says"), subject_kind=SUBJECT, subject="participant_id", null=True)
    expires_at = models.DateTimeField(_("text kept until"), null=True)
    made_at = models.DateTimeField(_("made"))
    filed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("filed by"))
    appealed_outcome = models.CharField(_("decision appealed"), max_length=9, choices=Outcome)
    appealed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by"))
    outcome = models.CharField(_("answer"), max_length=7, choices=AppealOutcome, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("answered by"))
    decided_at = models.DateTimeField(_("answered"), null=True)
    note = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        default_permissions = ("view", "add")
        permissions = (("decide_appeal", _("Can decide appeals")),)
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(outcome="", decided_by=None, decided_at=None)
                | ~Q(outcome="") & Q(decided_by__isnull=False, decided_at__isnull=False),
                name="community_appeal_decided",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(appealed_by=None) | ~Q(decided_by=F("appealed_by")),
                name="community_appeal_other_person",
            ),
            models.CheckConstraint(
                condition=Q(text=None) | Q(expires_at__isnull=False), name="community_appeal_expires"
            ),
        )
        indexes = (
            models.Index(fields=("made_at",), condition=Q(outcome=""), name="community_appeal_open"),
            models.Index(fields=("expires_at",), condition=Q(text__isnull=False), name="community_appeal_old"),
        )

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def audit_label(self) -> str:
        return f"#{self.violation_id}"

    @property
    def is_open(self) -> bool:
        return self.outcome == ""
