"""The record of acts: append-only, without foreign keys, so that it outlives whom and what it names."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.enums import ActorType
from core.models import Xid8Field


class AuditEntry(models.Model):
    """Who did what to what, when, from where and why. The database refuses to change or delete a row.

    `changes` maps a field to [old, new], masked: no personal value stands here in clear. `xid` is the writing
    transaction, by which a sealer finds rows that are surely committed.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(_("when"))
    actor_type = models.CharField(_("kind of actor"), max_length=16, choices=ActorType)
    actor_id = models.BigIntegerField(_("actor number"), null=True)
    actor_label = models.CharField(_("actor"), max_length=200, blank=True)
    action = models.CharField(_("action"), max_length=80)
    object_type = models.CharField(_("kind of object"), max_length=80, blank=True)
    object_id = models.CharField(_("object number"), max_length=64, blank=True)
    object_label = models.CharField(_("object"), max_length=200, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    address = models.GenericIPAddressField(_("address"), null=True)
    user_agent = models.CharField(_("browser"), max_length=200, blank=True)
    request_id = models.CharField(_("request"), max_length=64, blank=True)
    changes = models.JSONField(_("changes"), default=dict)
    xid = Xid8Field(_("transaction"))

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ("-id",)
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["object_type", "object_id", "-id"], name="audit_object"),
            models.Index(fields=["actor_id", "-id"], name="audit_actor"),
            models.Index(fields=["action", "-id"], name="audit_action"),
            models.Index(fields=["-at"], name="audit_at"),
            models.Index(fields=["xid", "id"], name="audit_xid"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_label}".strip()
