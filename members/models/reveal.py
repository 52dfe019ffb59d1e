"""Who asked to see the data of a minor, and who let her (未成年人网络保护条例 Art. 36)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members.models.member import Member


class MinorAccess(models.Model):
    """One question and its answer; a granted one holds for a while, for the one who asked alone. Kept as evidence."""

    member = models.ForeignKey(
        Member, models.DO_NOTHING, db_constraint=False, related_name="+", verbose_name=_("member")
    )
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    reason = models.CharField(_("why"), max_length=300)
    asked_at = models.DateTimeField(_("asked"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True)
    granted = models.BooleanField(_("granted"), null=True)
    until = models.DateTimeField(_("until"), null=True)

    class Meta:
        verbose_name = _("access to a minor's data")
        verbose_name_plural = _("access to minors' data")
        default_permissions = ("view", "change")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(decided_at=None, granted=None, decided_by=None)
                | Q(decided_at__isnull=False, granted__isnull=False, decided_by__isnull=False),
                name="members_minor_decided",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=models.F("asked_by")), name="members_minor_four_eyes"
            ),
            models.UniqueConstraint(
                fields=("member", "asked_by"), condition=Q(decided_at=None), name="members_minor_asked_once"
            ),
        )
        indexes = (models.Index(fields=("asked_at",), condition=Q(decided_at=None), name="members_minor_open"),)

    def __str__(self) -> str:
        return f"#{self.member_id}"

    @property
    def audit_label(self) -> str:
        return str(self)
