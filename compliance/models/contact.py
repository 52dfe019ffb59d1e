"""Contacts as the caps count them, and the verdicts that a send keeps."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from compliance.enums.consent import Channel, Reason
from compliance.models.consent import PURPOSE_LENGTH, OfVisibleMembers
from members.models import Member


class ContactEvent(models.Model):
    """That a message was on its way to a member. Written by whoever sends, in the transaction that sets "sending".

    `counts`: individually addressed marketing, which the caps count; a group post or an article is not. The table's own
    key is (member, occurred_at, id), so that it can be cut into months when it grows.
    """

    id = models.BigAutoField(primary_key=True)
    member = models.ForeignKey(
        Member, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+", verbose_name=_("member")
    )
    occurred_at = models.DateTimeField(_("when"))
    purpose = models.CharField(_("purpose"), max_length=PURPOSE_LENGTH)
    channel = models.CharField(_("channel"), max_length=20, choices=Channel)
    counts = models.BooleanField(_("counts to the caps"), default=True)
    reference = models.CharField(_("message"), max_length=80, blank=True)

    objects = OfVisibleMembers.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        default_permissions = ("view",)
        indexes = (BrinIndex(fields=("occurred_at",), name="compliance_contact_age"),)

    def __str__(self) -> str:
        return f"{self.channel} {self.occurred_at:%Y-%m-%d}"


class GateRun(models.Model):
    """One judgement over an audience that a send stands on: what was asked, under which settings, what came of it.

    `counts` are the members by reason. An estimate leaves no row.
    """

    reference = models.CharField(_("send"), max_length=80, unique=True)
    purpose = models.CharField(_("purpose"), max_length=PURPOSE_LENGTH)
    channel = models.CharField(_("channel"), max_length=20, choices=Channel)
    at = models.DateTimeField(_("for the moment"))
    judged_at = models.DateTimeField(_("judged"), db_default=Now())
    settings = models.JSONField(_("settings"), default=dict)
    counts = models.JSONField(_("result"), default=dict)
    by = models.ForeignKey(
        User, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+", verbose_name=_("by")
    )

    class Meta:
        verbose_name = _("gate run")
        verbose_name_plural = _("gate runs")
        default_permissions = ("view",)
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.reference


class GateVerdict(models.Model):
    """The verdict over one recipient of a send, and the consent event that it rests on."""

    pk = models.CompositePrimaryKey("run_id", "member_id")
    run = models.ForeignKey(
        GateRun, models.PROTECT, db_index=False, related_name="verdicts", verbose_name=_("gate run")
    )
    member = models.ForeignKey(
        Member, models.DO_NOTHING, db_constraint=False, related_name="+", verbose_name=_("member")
    )
    reason = models.CharField(_("verdict"), max_length=16, choices=Reason)
    event_id = models.BigIntegerField(_("consent event"), null=True)

    objects = OfVisibleMembers.as_manager()

    class Meta:
        verbose_name = _("verdict")
        verbose_name_plural = _("verdicts")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.reason
