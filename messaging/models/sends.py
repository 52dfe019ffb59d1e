"""Sends: one text to many members by one gateway, on behalf of an app above that is known by opaque strings."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from compliance.enums.consent import REACHING_CHOICES, Purpose
from compliance.models.consent import PURPOSE_LENGTH
from messaging.enums import SendState
from messaging.models.gateways import Gateway
from messaging.models.templates import MessageTemplate


class Send(models.Model):
    """`source_kind`, `source_id` and `step` are the sender's own names, such as "activity", "12" and "start".

    With the channel they are one send, so that a member gets the same step once, however often it is asked for.

    `subject`, `text` and `given` are the template's at the moment of freezing: a later edit changes no send.
    `is_open_ended`: recipients come while it runs, as in a journey; it ends when somebody closes it.
    `wake_at`: nothing is due before; empty means look now.
    """

    source_kind = models.CharField(_("for"), max_length=30)
    source_id = models.CharField(max_length=60)
    step = models.CharField(max_length=60, blank=True)
    title = models.CharField(_("title"), max_length=120)
    channel = models.CharField(_("channel"), max_length=20, choices=REACHING_CHOICES)
    gateway = models.ForeignKey(Gateway, models.PROTECT, related_name="sends", verbose_name=_("gateway"))
    purpose = models.CharField(_("purpose"), max_length=PURPOSE_LENGTH, default=Purpose.MARKETING)
    template = models.ForeignKey(
        MessageTemplate, models.PROTECT, null=True, related_name="sends", verbose_name=_("template")
    )
    subject = models.CharField(_("subject"), max_length=120, blank=True)
    text = models.TextField(_("text"), blank=True)
    given = ArrayField(models.CharField(max_length=30), verbose_name=_("values that the sender brings"), default=list)
    not_before = models.DateTimeField(_("not before"))
    not_after = models.DateTimeField(_("not after"))
    state = models.CharField(_("state"), max_length=10, choices=SendState, default=SendState.DRAFT)
    is_open_ended = models.BooleanField(_("recipients come while it runs"), default=False)
    recipients = models.PositiveIntegerField(_("recipients"), default=0)
    wake_at = models.DateTimeField(_("next look"), null=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("made by"))
    created_at = models.DateTimeField(_("made"))
    frozen_at = models.DateTimeField(_("recipients fixed"), null=True)
    started_at = models.DateTimeField(_("started"), null=True)
    ended_at = models.DateTimeField(_("over"), null=True)

    class Meta:
        verbose_name = _("send")
        verbose_name_plural = _("sends")
        default_permissions = ("view", "add", "change")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("source_kind", "source_id", "step", "channel"), name="messaging_send_once"),
            models.CheckConstraint(condition=Q(not_after__gt=F("not_before")), name="messaging_send_span"),
            models.CheckConstraint(
                condition=Q(state=SendState.DRAFT)
                | Q(frozen_at__isnull=False) & ~Q(text="")
                | Q(state=SendState.CANCELLED),
                name="messaging_send_frozen",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(SendState.RUNNING, SendState.PAUSED, SendState.DONE))
                | Q(started_at__isnull=False),
                name="messaging_send_started",
            ),
            models.CheckConstraint(
                condition=Q(state__in=(SendState.DONE, SendState.CANCELLED), ended_at__isnull=False)
                | ~Q(state__in=(SendState.DONE, SendState.CANCELLED)) & Q(ended_at=None),
                name="messaging_send_ended",
            ),
        )
        indexes = (models.Index(fields=("wake_at",), condition=Q(state="running"), name="messaging_send_due"),)

    def __str__(self) -> str:
        return self.title

    @property
    def audit_label(self) -> str:
        return self.title
