"""What a member is known by in other systems and channels."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from audit.models import keep_history
from core.models import EncryptedTextField
from members.enums import IdentityType
from members.models.member import Member


@keep_history(fields=["member", "type", "source", "verified_at"])
class Identity(models.Model):
    """One value of one type belongs to one member.

    `lookup` is the value itself, or for a protected type (phone, e-mail) the hexadecimal blind index;
    the protected value stands only in `sealed`, under the member's own data key.
    """

    member = models.ForeignKey(Member, models.CASCADE, related_name="identities", verbose_name=_("member"))
    type = models.CharField(_("type"), max_length=20, choices=IdentityType)
    lookup = models.CharField(_("value"), max_length=128, db_collation="C")
    sealed = EncryptedTextField(
        _("encrypted value"), subject_kind="member", subject="member_id", null=True, editable=False
    )
    source = models.CharField(_("source"), max_length=40, blank=True)
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        permissions = (("reveal_identity", _("Can see identities in full")),)
        constraints = (
            models.UniqueConstraint(fields=("lookup", "type"), name="members_identity_once"),
            models.CheckConstraint(
                condition=models.Q(type__in=["phone", "email"], sealed__isnull=False)
                | (~models.Q(type__in=["phone", "email"]) & models.Q(sealed__isnull=True)),
                name="members_identity_protected",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_type_display()} #{self.pk}"
