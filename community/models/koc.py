"""KOC: members who carry a group, what they agreed to, what happened to them, and what is proposed.

Who is invited, active or gone is one row per member, for as long as she is one; each step stands in `KocEvent`.
"""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.models import keep_history
from community.enums.koc import (
    STANDING,
    AgreementKind,
    AnswerSource,
    KocLevel,
    KocState,
    KocVerb,
    ProposalKind,
    ProposalState,
)
from members.models import Member

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

CODE_LENGTH = 8


class KocQuerySet(models.QuerySet["Koc"]):
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Seen by whoever sees the member; without one (erased) only by whoever sees all members."""
        seen = Member.objects.visible_to(user)
        if isinstance(user, User) and user.reach == "all":
            return self.filter(Q(member__in=seen) | Q(member=None))
        return self.filter(member__in=seen)

    def standing(self) -> Self:
        """Those who are KOC now, paused ones too."""
        return self.filter(state__in=STANDING)


@keep_history(fields=["state", "level", "since", "level_since"])
class Koc(models.Model):
    """A member who was invited to be a KOC. `since` is when she became one, `ended_at` when that ended.

    `referral_code` is hers from the day she accepts and never another's. An erased member leaves the row without her.
    Of two KOC of one person one stands for both: `merged_into`, which gets what the other's code brings.
    """

    member = models.OneToOneField(Member, models.SET_NULL, null=True, related_name="koc", verbose_name=_("member"))
    state = models.CharField(_("state"), max_length=10, choices=KocState)
    level = models.CharField(_("level"), max_length=16, choices=KocLevel, default=KocLevel.CO_CREATION)
    referral_code = models.CharField(_("referral code"), max_length=16, null=True, unique=True)  # noqa: DJ001  # unique where there is one
    invited_at = models.DateTimeField(_("invited"))
    invited_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("invited by"))
    invited_until = models.DateTimeField(_("answer expected until"))
    invited_score = models.DecimalField(_("score when invited"), max_digits=4, decimal_places=1, null=True)
    since = models.DateTimeField(_("KOC since"), null=True)
    level_since = models.DateTimeField(_("at this level since"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    reason = models.CharField(_("why it stands so"), max_length=300, blank=True)
    merged_into = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+", editable=False)

    objects = KocQuerySet.as_manager()

    class Meta:
        verbose_name = _("KOC")
        verbose_name_plural = _("KOC")
        ordering = ("-id",)
        permissions = (("measure_koc", _("Can have scores and effects of KOC computed")),)
        constraints = (
            models.CheckConstraint(
                condition=~Q(state__in=STANDING)
                | Q(member__isnull=False, referral_code__isnull=False, since__isnull=False, ended_at=None),
                name="community_koc_standing_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(KocState.LEFT, KocState.DEMOTED)) | Q(ended_at__isnull=False),
                name="community_koc_ended_when",
            ),
            models.CheckConstraint(
                condition=Q(referral_code=None) | Q(referral_code__regex=r"^[2-9A-HJKMNP-Z]{8}$"),
                name="community_koc_code",
            ),
        )
        indexes = (models.Index(fields=("state", "-id"), name="community_koc_by_state"),)

    def __str__(self) -> str:
        return self.referral_code or f"KOC {self.pk}"

    @property
    def audit_label(self) -> str:
        return str(self)


class KocAgreement(models.Model):
    """One version of a text that KOC agree to; a published one never changes."""

    kind = models.CharField(_("about"), max_length=16, choices=AgreementKind)
    version = models.PositiveIntegerField(_("version"))
    text = models.TextField(_("text"), max_length=10_000)
    hash = models.CharField(_("fingerprint"), max_length=64)
    published_at = models.DateTimeField(_("published"))
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("published by"))

    class Meta:
        verbose_name = _("text for KOC")
        verbose_name_plural = _("texts for KOC")
        default_permissions = ("view", "add")
        ordering = ("kind", "-version")
        constraints = (models.UniqueConstraint(fields=("kind", "version"), name="community_agreement_once"),)

    def __str__(self) -> str:
        return f"{self.kind} v{self.version}"

    @property
    def audit_label(self) -> str:
        return str(self)


class KocAcceptance(models.Model):
    """That a KOC agreed to one version of a text, when and by which door. Evidence: never changed, never deleted.

    `consent_event` is the event of `compliance` that was recorded with it (publishing); the revenue share is a
    contract and has none. It outlives her as a row without a name: it leads to a KOC, not to a member.
    """

    koc = models.ForeignKey(Koc, models.PROTECT, db_index=False, related_name="acceptances", verbose_name=_("KOC"))
    agreement = models.ForeignKey(
        KocAgreement, models.PROTECT, db_index=False, related_name="acceptances", verbose_name=_("text for KOC")
    )
    hash = models.CharField(_("fingerprint"), max_length=64)
    accepted_at = models.DateTimeField(_("agreed"))
    recorded_at = models.DateTimeField(_("recorded"))
    source = models.CharField(_("door"), max_length=8, choices=AnswerSource)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by"))
    consent_event = models.BigIntegerField(null=True, editable=False)

    class Meta:
        verbose_name = _("agreement of a KOC")
        verbose_name_plural = _("agreements of KOC")
        default_permissions = ("view",)
        indexes = (models.Index(fields=("koc", "-id"), name="community_acceptance_of"),)

    def __str__(self) -> str:
        return f"{self.koc_id} {self.agreement_id}"


class KocEvent(models.Model):
    """One step of a KOC: what, from where to where, why, by whom (nobody: the product itself)."""

    koc = models.ForeignKey(Koc, models.CASCADE, db_index=False, related_name="events", verbose_name=_("KOC"))
    what = models.CharField(_("what"), max_length=12, choices=KocVerb)
    from_state = models.CharField(max_length=10, blank=True)
    to_state = models.CharField(_("state"), max_length=10, choices=KocState)
    from_level = models.CharField(max_length=16, blank=True)
    to_level = models.CharField(_("level"), max_length=16, choices=KocLevel)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("step of a KOC")
        verbose_name_plural = _("steps of KOC")
        default_permissions = ()
        indexes = (models.Index(fields=("koc", "-at", "-id"), name="community_kocevent_of"),)

    def __str__(self) -> str:
        return f"{self.koc_id} {self.what}"


@keep_history(fields=["level", "enter_score", "enter_days", "keep_score", "keep_days"])
class LevelRule(models.Model):
    """When a level is proposed (score at or above, after so many days at the level below) and when it is questioned.

    `keep_score`: below it for `keep_days` in a row, the next lower level is proposed; from the lowest, the end.
    """

    level = models.CharField(_("level"), max_length=16, choices=KocLevel, unique=True)
    enter_score = models.DecimalField(_("proposed from score"), max_digits=4, decimal_places=1)
    enter_days = models.PositiveSmallIntegerField(_("after so many days at the level below"))
    keep_score = models.DecimalField(_("questioned below score"), max_digits=4, decimal_places=1)
    keep_days = models.PositiveSmallIntegerField(_("for so many days in a row"))

    class Meta:
        verbose_name = _("rule of a level")
        verbose_name_plural = _("rules of levels")
        default_permissions = ("view", "change")
        ordering = ("enter_score",)
        constraints = (
            models.CheckConstraint(
                condition=Q(enter_score__gte=0, enter_score__lte=100, keep_score__gte=0, keep_days__gte=1)
                & Q(keep_score__lte=models.F("enter_score")),
                name="community_levelrule_span",
            ),
        )

    def __str__(self) -> str:
        return self.get_level_display()

    @property
    def audit_label(self) -> str:
        return self.level


class KocSettings(models.Model):
    """One row: how long an invitation stands and rests, over which days an effect is measured, what is hoped for.

    `…_asked_at` is set while somebody waits for scores or for a measurement outside of their hour.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    invite_days = models.PositiveSmallIntegerField(_("days in which an invitation is answered"), default=14)
    rest_days = models.PositiveSmallIntegerField(_("days before somebody who was KOC is invited again"), default=90)
    effect_days = models.PositiveSmallIntegerField(_("days before and after that are compared"), default=30)
    lift_low = models.DecimalField(
        _("hoped for: conversion of members around them, from %"), max_digits=5, decimal_places=1, default=18
    )
    lift_high = models.DecimalField(_("to %"), max_digits=5, decimal_places=1, default=25)
    ugc_low = models.DecimalField(_("hoped for: UGC, from times"), max_digits=5, decimal_places=1, default=3)
    ugc_high = models.DecimalField(_("to times"), max_digits=5, decimal_places=1, default=5)
    score_asked_at = models.DateTimeField(null=True, editable=False)
    score_asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", editable=False)
    effect_asked_at = models.DateTimeField(null=True, editable=False)
    effect_asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", editable=False)

    class Meta:
        verbose_name = _("settings of KOC")
        verbose_name_plural = _("settings of KOC")
        default_permissions = ("view", "change")
        constraints = (
            models.CheckConstraint(
                condition=Q(id=1, invite_days__gte=1, invite_days__lte=90, effect_days__gte=14, effect_days__lte=180)
                & Q(lift_high__gte=models.F("lift_low"), ugc_high__gte=models.F("ugc_low")),
                name="community_kocsettings_one",
            ),
        )

    def __str__(self) -> str:
        return "KOC"


class LevelProposal(models.Model):
    """A rule finds that a KOC belongs elsewhere; a person confirms or dismisses it. One open at a time for each KOC.

    `facts` are the figures of the rule: score, its threshold, days, days needed.
    """

    koc = models.ForeignKey(Koc, models.CASCADE, db_index=False, related_name="proposals", verbose_name=_("KOC"))
    kind = models.CharField(_("what"), max_length=10, choices=ProposalKind)
    from_level = models.CharField(_("from level"), max_length=16, choices=KocLevel)
    to_level = models.CharField(_("to level"), max_length=16, choices=KocLevel, blank=True)
    facts = models.JSONField(_("figures"))
    made_at = models.DateTimeField(_("proposed"))
    state = models.CharField(_("state"), max_length=10, choices=ProposalState, default=ProposalState.OPEN)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by"))
    decided_at = models.DateTimeField(_("decided"), null=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("proposal for a KOC")
        verbose_name_plural = _("proposals for KOC")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("koc",), condition=Q(state=ProposalState.OPEN), name="community_proposal_one_open"
            ),
            models.CheckConstraint(
                condition=Q(state=ProposalState.OPEN, decided_at=None)
                | (~Q(state=ProposalState.OPEN) & Q(decided_at__isnull=False)),
                name="community_proposal_decided",
            ),
        )
        indexes = (
            models.Index(fields=("koc", "-id"), name="community_proposal_of"),
            models.Index(fields=("-made_at",), condition=Q(state="open"), name="community_proposal_open"),
        )

    def __str__(self) -> str:
        return f"{self.koc_id} {self.kind}"
