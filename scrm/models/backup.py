"""What was done for the day when everything is lost: backups, restores and drills, each with its outcome."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class BackupRun(models.Model):
    """One backup, restore or drill. `report` holds numbers and sentences, no personal value."""

    class Act(models.TextChoices):
        BACKUP = "backup", _("Backup")
        RESTORE = "restore", _("Restore")
        DRILL = "drill", _("Restore drill")

    act = models.CharField(_("what"), max_length=8, choices=Act)
    started_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("finished at"))
    ok = models.BooleanField(_("went well"))
    size = models.BigIntegerField(_("size"), default=0)
    error = models.CharField(_("error"), max_length=500, blank=True)
    report = models.JSONField(_("report"), default=dict)

    class Meta:
        verbose_name = _("backup or drill")
        verbose_name_plural = _("backups and drills")
        default_permissions = ("view",)
        ordering = ("-id",)
        indexes = [models.Index(fields=["act", "-id"], name="scrm_backup_act")]

    def __str__(self) -> str:
        return f"{self.act} {self.started_at:%Y-%m-%d %H:%M}"
