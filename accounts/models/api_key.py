"""Keys with which programs call the API."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User
from audit.models import keep_history


@keep_history(fields=["user", "name", "scopes", "expires_at", "revoked_at"])
class ApiKey(models.Model):
    """A secret is shown once; what stays here is its SHA-256 (the secret has 256 random bits, so no salt is needed).

    `networks` are the addresses (CIDR) from which it opens something; none means anywhere.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="api_keys", verbose_name=_("API client"))
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(_("prefix"), max_length=12, unique=True)
    key_hash = models.CharField(_("hash"), max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=60), verbose_name=_("scopes"), default=list)
    networks = ArrayField(models.CharField(max_length=43), verbose_name=_("networks"), default=list, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by_label = models.CharField(_("created by"), max_length=120, blank=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def audit_label(self) -> str:
        return self.name
