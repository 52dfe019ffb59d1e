"""The second factor of a member of staff: an authenticator app on a phone, and codes on paper for when it is lost."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device

from accounts.models.user import User
from core.models import BlindIndexField, EncryptedTextField


class Authenticators(models.Manager["Authenticator"]):
    """With what django-otp asks of the devices of its own models."""

    def devices_for_user(self, user: User, confirmed: bool | None = None) -> "models.QuerySet[Authenticator]":  # noqa: FBT001
        found = self.filter(user=user)
        return found if confirmed is None else found.filter(confirmed=confirmed)


class Authenticator(Device):
    """An app that shows a new code every thirty seconds. Its secret is sealed under the key of its owner.

    `last_step` is the time step of the last code that was accepted: no code is accepted twice. There is a row from the
    first such code on; before, the secret lies in the session that sets the app up. Each person has one app at most.
    """

    secret = EncryptedTextField(_("secret"), subject_kind="staff", subject="user_id")
    last_step = models.BigIntegerField(_("last step"), default=-1)
    created_at = models.DateTimeField(_("created"))

    objects = Authenticators()

    class Meta:
        verbose_name = _("authenticator")
        verbose_name_plural = _("authenticators")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("user", "confirmed"), name="accounts_one_authenticator"),)

    def __str__(self) -> str:
        return str(self.name)


class RecoveryCode(models.Model):
    """Opens the door once. What stays here is a keyed index of it, which tells nothing without the master key."""

    user = models.ForeignKey(User, models.CASCADE, related_name="recovery_codes", verbose_name=_("staff member"))
    code_index = BlindIndexField(_("code"), purpose="recovery_code")
    created_at = models.DateTimeField(_("created"))
    used_at = models.DateTimeField(_("used"), null=True, blank=True)

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("user", "code_index"), name="accounts_recovery_once"),)

    def __str__(self) -> str:
        return str(self.pk)
