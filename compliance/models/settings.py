"""What a brand may set of the gate; the defaults are those of `reference/privacy-law.md`."""

from datetime import time

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.models import keep_history
from compliance.enums.consent import Channel


@keep_history(
    fields=[
        "quiet_from",
        "quiet_to",
        "timezone",
        "cap_messages",
        "cap_days",
        "reask_days",
        "guardian_age",
        "marketing_age",
        "link_days",
    ]
)
class ContactSettings(models.Model):
    """One row. Each change is recorded with its reason."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    quiet_from = models.TimeField(_("quiet from"), default=time(22))
    quiet_to = models.TimeField(_("quiet until"), default=time(7))
    timezone = models.CharField(_("time zone"), max_length=60, default="Asia/Shanghai")
    cap_messages = models.PositiveIntegerField(
        _("messages per member"),
        default=4,
        validators=[MinValueValidator(0), MaxValueValidator(1000)],
        help_text=_("Individually addressed marketing messages, all channels together."),
    )
    cap_days = models.PositiveIntegerField(
        _("in so many days"), default=30, validators=[MinValueValidator(1), MaxValueValidator(366)]
    )
    reask_days = models.PositiveIntegerField(
        _("days before asking again"), default=90, validators=[MinValueValidator(0), MaxValueValidator(3660)]
    )
    guardian_age = models.PositiveIntegerField(
        _("guardian's consent under the age of"),
        default=14,
        validators=[MinValueValidator(14), MaxValueValidator(21)],
        help_text=_("PIPL Art. 31 asks for 14; it may be set higher, not lower."),
    )
    marketing_age = models.PositiveIntegerField(
        _("no marketing under the age of"), default=18, validators=[MinValueValidator(0), MaxValueValidator(21)]
    )
    link_days = models.PositiveIntegerField(
        _("days that a privacy link works"), default=30, validators=[MinValueValidator(1), MaxValueValidator(366)]
    )

    class Meta:
        verbose_name = _("contact settings")
        verbose_name_plural = _("contact settings")
        default_permissions = ("view", "change")
        constraints = (
            models.CheckConstraint(condition=Q(id=1), name="compliance_settings_one_row"),
            models.CheckConstraint(condition=Q(guardian_age__gte=14), name="compliance_settings_guardian"),
        )

    def __str__(self) -> str:
        return str(_("Contact settings"))

    @property
    def audit_label(self) -> str:
        return str(self)


@keep_history(fields=["is_used", "most", "days"])
class ChannelRule(models.Model):
    """Whether the brand uses a channel, and how many messages a member gets by it; an unused one lets nothing through."""

    channel = models.CharField(_("channel"), max_length=20, choices=Channel, primary_key=True)
    is_used = models.BooleanField(_("in use"), default=True)
    most = models.PositiveIntegerField(
        _("messages at most"), default=4, validators=[MinValueValidator(0), MaxValueValidator(1000)]
    )
    days = models.PositiveIntegerField(
        _("in so many days"), default=30, validators=[MinValueValidator(1), MaxValueValidator(366)]
    )

    class Meta:
        verbose_name = _("rule of a channel")
        verbose_name_plural = _("rules of channels")
        default_permissions = ("view", "change")
        constraints = (models.CheckConstraint(condition=~Q(channel=Channel.ANY), name="compliance_channel_is_one"),)

    def __str__(self) -> str:
        return self.get_channel_display()
