"""What the platform told us, as it came, and what was turned away."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import BlindIndexField, EncryptedTextField
from wecom.enums import CallbackState, Lane, Refusal
from wecom.models.corps import SUBJECT, CorpApp

ABOUT = "wecom_about"


class CallbackEvent(models.Model):
    """One callback: stored before it is answered, worked on afterwards, kept until its time is over.

    `digest` is the SHA-256 of the decrypted body: the same delivery twice is one row (`repeats` counts the others), two
    customers in the same second are two. `about` is the blind index of whom or what it is about (a customer, a group,
    a tag, a member of staff); what is about the same goes in the order it came. `body` is NULL when it was forgotten.
    """

    app = models.ForeignKey(CorpApp, models.PROTECT, related_name="callbacks", verbose_name=_("app"))
    digest = models.BinaryField(_("digest"), max_length=32)
    body = EncryptedTextField(_("content"), subject_kind=SUBJECT, subject="app_id", null=True)
    event = models.CharField(_("event"), max_length=64, blank=True)
    change = models.CharField(_("variant"), max_length=64, blank=True)
    about = BlindIndexField(_("about"), purpose=ABOUT, null=True)
    lane = models.PositiveSmallIntegerField(_("lane"), choices=Lane.choices)
    state = models.CharField(_("state"), max_length=8, choices=CallbackState.choices, default=CallbackState.WAITING)
    happened_at = models.DateTimeField(_("happened"), null=True)
    received_at = models.DateTimeField(_("received"))
    repeats = models.PositiveIntegerField(_("delivered again"), default=0)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due"))
    handled = ArrayField(models.CharField(max_length=60), verbose_name=_("handled by"), default=list)
    finished_at = models.DateTimeField(_("finished"), null=True)
    error = models.CharField(_("problem"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("callback")
        verbose_name_plural = _("callbacks")
        ordering = ("-id",)
        default_permissions = ("change", "view")
        constraints = (
            models.UniqueConstraint(fields=("app", "digest"), name="wecom_callback_once"),
            models.CheckConstraint(
                condition=Q(state=CallbackState.WAITING, finished_at=None)
                | (~Q(state=CallbackState.WAITING) & Q(finished_at__isnull=False)),
                name="wecom_callback_finished",
            ),
        )
        indexes = (
            models.Index(fields=("lane", "due_at"), name="wecom_callback_due", condition=Q(state="waiting")),
            models.Index(fields=("about", "id"), name="wecom_callback_queue", condition=Q(state="waiting")),
            models.Index(fields=("about",), name="wecom_callback_about"),
            models.Index(fields=("state", "-id"), name="wecom_callback_state"),
            models.Index(fields=("received_at",), name="wecom_callback_received"),
        )

    def __str__(self) -> str:
        return f"{self.event}/{self.change}" if self.change else self.event

    @property
    def audit_label(self) -> str:
        return str(self)


class CallbackRefusal(models.Model):
    """How often our address was called in vain on a day, by the reason. Nothing of the caller's content is kept."""

    app = models.ForeignKey(
        CorpApp, models.CASCADE, related_name="refusals", verbose_name=_("app"), null=True, blank=True
    )
    reason = models.CharField(_("reason"), max_length=20, choices=Refusal.choices)
    day = models.DateField(_("day"))
    count = models.PositiveBigIntegerField(_("times"), default=1)
    last_at = models.DateTimeField(_("last"))

    class Meta:
        verbose_name = _("refused callback")
        verbose_name_plural = _("refused callbacks")
        ordering = ("-day", "-count", "id")
        default_permissions = ("view",)
        constraints = (
            models.UniqueConstraint(fields=("app", "reason", "day"), name="wecom_refusal_once", nulls_distinct=False),
        )

    def __str__(self) -> str:
        return str(self.get_reason_display())
