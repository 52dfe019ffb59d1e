"""What the API remembers of requests: answers given under an idempotency key, and how fast a caller asks."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class IdempotencyRecord(models.Model):
    """The answer to a POST, kept until it expires. Written in the transaction of the work it answers for."""

    actor = models.CharField(_("who asked"), max_length=64)
    key = models.CharField(_("key"), max_length=200)
    fingerprint = models.BinaryField(_("fingerprint of the request"), max_length=32)
    status = models.SmallIntegerField(_("status"))
    answer = models.BinaryField(_("sealed answer"))
    created_at = models.DateTimeField(_("created at"))
    expires_at = models.DateTimeField(_("expires at"))

    class Meta:
        verbose_name = _("stored answer")
        verbose_name_plural = _("stored answers")
        constraints = [models.UniqueConstraint(fields=["actor", "key"], name="core_idempotency_key")]
        indexes = [models.Index(fields=["expires_at"], name="core_idempotency_expiry")]

    def __str__(self) -> str:
        return f"{self.actor} {self.key}"


class RateBucket(models.Model):
    """A token bucket. The table is unlogged: after a crash everybody starts with a full one."""

    key = models.CharField(_("key"), max_length=100, primary_key=True)
    tokens = models.FloatField(_("tokens"))
    updated_at = models.DateTimeField(_("updated at"))

    class Meta:
        verbose_name = _("rate limit")
        verbose_name_plural = _("rate limits")

    def __str__(self) -> str:
        return self.key
