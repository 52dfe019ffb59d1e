"""Numbers and addresses that are left alone, whoever they belong to. They are known by blind index only."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from compliance.enums.consent import Channel, SuppressionKind, SuppressionReason


class Suppression(models.Model):
    """One phone number or e-mail address on the list; `channel` any: by no way at all.

    `lookup` is the hexadecimal blind index, equal to that of `members.Identity`: a person who was erased and comes back
    with the same number is found by it, and nobody can read the number from it.
    """

    kind = models.CharField(_("kind"), max_length=8, choices=SuppressionKind)
    lookup = models.CharField(max_length=32, db_collation="C", editable=False)
    channel = models.CharField(_("channel"), max_length=20, choices=Channel, default=Channel.ANY)
    reason = models.CharField(_("why"), max_length=16, choices=SuppressionReason)
    source = models.CharField(_("where from"), max_length=60, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("since"), db_default=Now())
    created_by = models.ForeignKey(
        User, models.DO_NOTHING, null=True, db_constraint=False, related_name="+", verbose_name=_("put by")
    )
    lifted_at = models.DateTimeField(_("lifted"), null=True)
    lifted_by = models.ForeignKey(
        User, models.DO_NOTHING, null=True, db_constraint=False, related_name="+", verbose_name=_("lifted by")
    )
    lifted_reason = models.CharField(_("why lifted"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("suppression")
        verbose_name_plural = _("suppression list")
        default_permissions = ("view", "add", "change")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("lookup", "kind", "channel"), condition=Q(lifted_at=None), name="compliance_suppressed_once"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_reason="") | Q(lifted_at__isnull=False) & ~Q(lifted_reason=""),
                name="compliance_suppression_lifted_why",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.fingerprint}"

    @property
    def fingerprint(self) -> str:
        """The first characters of the index: enough to tell rows apart, useless to find a number."""
        return self.lookup[:8]

    @property
    def audit_label(self) -> str:
        return str(self)
