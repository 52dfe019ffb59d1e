"""What leaves the product as a file: who asked for it, why, who allowed it, and for how long it lies here."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.enums import ExportState
from accounts.models.user import User


class Export(models.Model):
    """One file, sealed on disk under a key derived from `salt`: without the salt it is noise, so expiry takes both."""

    kind = models.CharField(_("what"), max_length=40)
    layout = models.CharField(_("format"), max_length=4, choices=(("csv", "CSV"), ("xlsx", "XLSX")))
    parameters = models.JSONField(_("parameters"), default=dict)
    reason = models.CharField(_("reason"), max_length=200)
    state = models.CharField(_("state"), max_length=10, choices=ExportState, default=ExportState.WAITING)
    rows = models.PositiveBigIntegerField(_("rows"), default=0)
    size = models.PositiveBigIntegerField(_("size"), default=0)
    salt = models.BinaryField(_("salt"), max_length=32, null=True)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="exports", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked"))
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    downloads = models.PositiveIntegerField(_("downloads"), default=0)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        default_permissions = ()
        permissions = (("approve_export", _("Can allow exports of others")),)
        ordering = ("-id",)
        indexes = (models.Index(fields=("state", "id"), name="accounts_export_state"),)

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


class ExportSubject(models.Model):
    """Whose data one file held: the list that an incident is worked out from, long after the file is gone."""

    pk = models.CompositePrimaryKey("export_id", "subject_id")
    export = models.ForeignKey(Export, models.PROTECT, related_name="subjects")
    subject_id = models.BigIntegerField(_("number"))
    at = models.DateTimeField(_("written"))

    class Meta:
        verbose_name = _("person in an export")
        verbose_name_plural = _("persons in exports")
        default_permissions = ()
        indexes = (
            models.Index(fields=("subject_id",), name="accounts_exported_subject"),
            models.Index(fields=("at",), name="accounts_exported_at"),
        )

    def __str__(self) -> str:
        return f"#{self.subject_id}"
