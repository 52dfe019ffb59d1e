"""Texts with places for values, which pass legal review before anybody gets them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from compliance.enums.consent import REACHING_CHOICES


class MessageTemplate(models.Model):
    """`given` are the names of values that whoever sends brings for each member; the others are known of every member.

    A place is `{name}`, or `{name|朋友}` with what stands there for those of whom it is not known.
    """

    name = models.CharField(_("name"), max_length=80)
    channel = models.CharField(_("channel"), max_length=20, choices=REACHING_CHOICES)
    subject = models.CharField(_("subject"), max_length=120, blank=True)
    text = models.TextField(_("text"), max_length=5000)
    given = ArrayField(models.CharField(max_length=30), verbose_name=_("values that the sender brings"), default=list)
    text_approved = models.BooleanField(_("text approved"), default=False)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("made by"))
    created_at = models.DateTimeField(_("made"))
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("message template")
        verbose_name_plural = _("message templates")
        default_permissions = ("view", "add", "change")
        ordering = ("-id",)
        constraints = (models.CheckConstraint(condition=~Q(text=""), name="messaging_template_text"),)

    def __str__(self) -> str:
        return self.name

    @property
    def audit_label(self) -> str:
        return self.name
