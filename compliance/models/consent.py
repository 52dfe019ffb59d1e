"""Consent: the events as evidence, and what they amount to now."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.models import keep_history
from compliance.enums.consent import Channel, ConsentAction, ConsentSource
from compliance.models.notices import Notice
from core.models import EncryptedTextField, Xid8Field
from members.models import Member

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

PURPOSE_LENGTH = 56


class OfVisibleMembers(models.QuerySet):  # type: ignore[type-arg]
    """Rows about members: seen by whoever sees the member."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        return self.filter(member__in=Member.objects.visible_to(user))


class ConsentEvent(models.Model):
    """That a member gave, refused or withdrew a consent: when, under which words, by which door. Never changed.

    `occurred_at` is hers, `received_at` ours. `key` makes an event that is offered twice the same one. The address
    that a page was used from and what somebody noted are sealed under her key: they go with her, the event stays.
    `link_by` gave her the link by which she came to the page; nobody where the product sent it to her itself.
    """

    member = models.ForeignKey(
        Member, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+", verbose_name=_("member")
    )
    purpose = models.CharField(_("purpose"), max_length=PURPOSE_LENGTH)
    channel = models.CharField(_("channel"), max_length=20, choices=Channel)
    action = models.CharField(_("what"), max_length=16, choices=ConsentAction)
    occurred_at = models.DateTimeField(_("when"))
    received_at = models.DateTimeField(_("recorded"), db_default=Now(), editable=False)
    notice = models.ForeignKey(
        Notice, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name=_("notice")
    )
    notice_hash = models.CharField(_("fingerprint of the notice"), max_length=64, blank=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    source = models.CharField(_("door"), max_length=12, choices=ConsentSource)
    page = models.CharField(_("page or file"), max_length=200, blank=True)
    wording = models.CharField(_("words beside the choice"), max_length=500, blank=True)
    preset = models.BooleanField(_("ticked beforehand"), default=False)
    note = EncryptedTextField(_("note"), subject_kind="member", subject="member_id", null=True, editable=False)
    address = EncryptedTextField(_("address"), subject_kind="member", subject="member_id", null=True, editable=False)
    by = models.ForeignKey(
        User,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("recorded by"),
    )
    link_by = models.ForeignKey(
        User,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("link handed out by"),
    )
    key = models.UUIDField(editable=False)
    xid = Xid8Field(_("transaction"))

    objects = OfVisibleMembers.as_manager()

    class Meta:
        verbose_name = _("consent event")
        verbose_name_plural = _("consent events")
        default_permissions = ("view", "add")
        constraints = (
            models.UniqueConstraint(fields=("member", "key"), name="compliance_consent_once"),
            models.CheckConstraint(
                condition=Q(preset=False) | ~Q(action__in=["grant", "guardian_grant"]),
                name="compliance_consent_not_preset",
            ),
            models.CheckConstraint(
                condition=Q(occurred_at__lte=models.F("received_at")), name="compliance_consent_not_ahead"
            ),
        )
        indexes = (
            models.Index(fields=("member", "-occurred_at", "-id"), name="compliance_consent_of"),
            models.Index(fields=("xid", "id"), name="compliance_consent_xid"),
        )

    def __str__(self) -> str:
        return f"{self.action} {self.purpose} {self.channel}"


class ConsentState(models.Model):
    """What holds now for a member, purpose and channel: the latest event. The database keeps it with each event.

    At the same moment a withdrawal wins over a refusal, and that over a grant (`weight`); then the later row.
    """

    pk = models.CompositePrimaryKey("member_id", "purpose", "channel")
    member = models.ForeignKey(
        Member, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+", verbose_name=_("member")
    )
    purpose = models.CharField(_("purpose"), max_length=PURPOSE_LENGTH)
    channel = models.CharField(_("channel"), max_length=20, choices=Channel)
    action = models.CharField(_("what"), max_length=16, choices=ConsentAction)
    occurred_at = models.DateTimeField(_("since"))
    weight = models.SmallIntegerField()
    notice = models.ForeignKey(
        Notice, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    event_id = models.BigIntegerField()

    objects = OfVisibleMembers.as_manager()

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        default_permissions = ("view",)
        indexes = (
            models.Index(
                fields=("purpose", "channel", "member"),
                include=("action", "occurred_at", "weight", "notice", "event_id"),
                name="compliance_state_gate",
            ),
        )

    def __str__(self) -> str:
        return f"{self.purpose} {self.channel}: {self.action}"


@keep_history(fields=["restricted_at", "erased_at"])
class ContactStatus(models.Model):
    """What stands before every consent: her data are restricted to storing (PIPL Art. 44, 47 ¶2), or erased."""

    member = models.OneToOneField(
        Member, models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="+", verbose_name=_("member")
    )
    restricted_at = models.DateTimeField(_("restricted"), null=True)
    erased_at = models.DateTimeField(_("erased"), null=True)

    class Meta:
        verbose_name = _("contact status")
        verbose_name_plural = _("contact status")
        default_permissions = ("view", "change")

    def __str__(self) -> str:
        return f"#{self.member_id}"


class PrivacyLink(models.Model):
    """The one link by which a member reaches her privacy centre; a new one makes the one before void.

    `issued_by` saw it and handed it out; a link that the product sends to her own address has nobody there.
    """

    member = models.OneToOneField(
        Member, models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="+", verbose_name=_("member")
    )
    generation = models.PositiveIntegerField(default=1)
    issued_by = models.ForeignKey(
        User,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("handed out by"),
    )
    issued_at = models.DateTimeField(_("issued"))
    expires_at = models.DateTimeField(_("expires"))

    class Meta:
        verbose_name = _("privacy link")
        verbose_name_plural = _("privacy links")
        default_permissions = ("add",)

    def __str__(self) -> str:
        return f"#{self.member_id}"
