"""Gateways: the systems outside that carry messages, each by one channel."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from compliance.enums.consent import REACHING_CHOICES, Channel
from core.models import EncryptedTextField


class Gateway(models.Model):
    """`adapter` is a code of `messaging.channels.registered`, `settings` are what it asks for; `secret` signs.

    `sender` and `refusal` stand in every marketing message (广告法 Art. 43: who it is from, and how to refuse it).
    `code` is in the addresses that the gateway calls.
    """

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    adapter = models.CharField(_("kind"), max_length=20)
    channel = models.CharField(_("channel"), max_length=20, choices=REACHING_CHOICES)
    sender = models.CharField(_("sender"), max_length=40)
    refusal = models.CharField(_("how to refuse"), max_length=120, blank=True)
    settings = models.JSONField(_("settings"), default=dict)
    secret = EncryptedTextField(_("secret"), subject_kind="gateway", subject="pk", null=True, editable=False)
    is_active = models.BooleanField(_("in use"), default=False)
    per_second = models.PositiveIntegerField(_("messages a second"), null=True, blank=True)
    daily_limit = models.PositiveIntegerField(_("messages a day"), null=True, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("made by"))
    created_at = models.DateTimeField(_("made"))
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("gateway")
        verbose_name_plural = _("gateways")
        default_permissions = ("view", "add", "change")
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(condition=~Q(channel=Channel.ANY), name="messaging_gateway_channel"),
            models.CheckConstraint(condition=~Q(sender=""), name="messaging_gateway_sender"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def audit_label(self) -> str:
        return self.name


class GatewayDay(models.Model):
    """How many messages a gateway was given on a day of the brand's time zone: what is left of its limit follows."""

    gateway = models.ForeignKey(Gateway, models.CASCADE, related_name="+", verbose_name=_("gateway"), db_index=False)
    day = models.DateField(_("day"))
    begun = models.PositiveIntegerField(_("messages"), default=0)

    class Meta:
        verbose_name = _("gateway's day")
        verbose_name_plural = _("gateways' days")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("gateway", "day"), name="messaging_gateway_day_once"),)

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}: {self.begun}"
