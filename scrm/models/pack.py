"""Audit packs: evidence for an audit of personal data protection, made by a worker, sealed on disk, gone after a week."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.enums import ExportState
from accounts.models import User

STATES = ("queued", "running", "done", "failed", "expired")


class AuditPack(models.Model):
    """One pack. Its file is sealed under a key derived from `salt`: expiry takes both."""

    state = models.CharField(
        _("state"),
        max_length=10,
        choices=[(state.value, state.label) for state in ExportState if state.value in STATES],
        default=ExportState.QUEUED.value,
    )
    reason = models.CharField(_("reason"), max_length=200)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked"))
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    expires_at = models.DateTimeField(_("expires"), null=True)
    done_items = models.PositiveSmallIntegerField(_("items done"), default=0)
    all_items = models.PositiveSmallIntegerField(_("items"), default=0)
    size = models.PositiveBigIntegerField(_("size"), default=0)
    digest = models.CharField(_("fingerprint of the manifest"), max_length=64, blank=True)
    salt = models.BinaryField(_("salt"), max_length=32, null=True)

    class Meta:
        verbose_name = _("audit pack")
        verbose_name_plural = _("audit packs")
        default_permissions = ("view", "add")
        ordering = ("-id",)
        indexes = [models.Index(fields=["state", "id"], name="scrm_pack_state")]

    def __str__(self) -> str:
        return f"#{self.pk}"
