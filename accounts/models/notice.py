"""What the product tells a member of staff inside the product."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.enums import NoticeLevel
from accounts.models.user import User


class InAppNotice(models.Model):
    """One notice for one person; `key` makes the same news arrive once."""

    recipient = models.ForeignKey(User, models.CASCADE, related_name="notices", verbose_name=_("recipient"))
    level = models.CharField(_("level"), max_length=8, choices=NoticeLevel, default=NoticeLevel.INFO)
    title = models.CharField(_("title"), max_length=200)
    body = models.TextField(_("text"), blank=True)
    url = models.CharField(_("address"), max_length=300, blank=True)
    key = models.CharField(_("key"), max_length=120)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ("-created_at",)
        constraints = (models.UniqueConstraint(fields=("recipient", "key"), name="accounts_notice_once"),)
        indexes = (models.Index(fields=("recipient", "-created_at"), name="accounts_notice_inbox"),)

    def __str__(self) -> str:
        return self.title
