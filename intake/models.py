"""An import, from the file to its report."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from core.files import Fault, UnreadableFile
from intake.enums import ImportKind, ImportState, Layout, Reason

_OPEN_TO_CHANGE = (ImportState.UPLOADED, ImportState.FAILED, ImportState.CANCELLED)


class ImportJob(models.Model):
    """One file, how to read it, how far it came, and what came of it.

    `facts` is what sniffing found (`core.files.FileFacts`), `mapping` what the marketer chose. `read_rows` is what the
    reader took out of the file; it, `staged_rows`, `rejected_rows` and `last_line` move together with the rows
    themselves, so that a killed import continues where its last chunk ended. `counts` is the answer: rows_read =
    lines_stored + already_stored + all of `rejected`, or the import fails.
    """

    kind = models.CharField(_("what"), max_length=16, choices=ImportKind)
    layout = models.CharField(_("layout"), max_length=16, choices=Layout)
    state = models.CharField(_("state"), max_length=12, choices=ImportState, default=ImportState.UPLOADED)
    dry_run = models.BooleanField(_("dry run"), default=False)
    path = models.CharField(max_length=1000, editable=False)
    stored = models.BooleanField(
        default=False, editable=False, help_text=_("The file is a copy of ours and is removed after the import.")
    )
    file_name = models.CharField(_("file"), max_length=255)
    file_size = models.BigIntegerField(_("size"))
    file_mark = models.CharField(
        max_length=60, editable=False, help_text=_("Tells whether the file is still the same.")
    )
    facts = models.JSONField(default=dict, editable=False)
    mapping = models.JSONField(_("mapping"), default=dict, blank=True)
    timezone = models.CharField(_("time zone"), max_length=60)
    source = models.CharField(_("source"), max_length=40)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    progress = models.FloatField(_("progress"), default=0.0)
    staged_rows = models.BigIntegerField(default=0)
    rejected_rows = models.BigIntegerField(default=0)
    last_line = models.BigIntegerField(default=0)
    read_rows = models.BigIntegerField(default=0)
    counts = models.JSONField(_("result"), default=dict)
    error = models.JSONField(_("error"), default=dict, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("started by")
    )
    created_at = models.DateTimeField(_("created"))
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=["done", "failed", "cancelled"], finished_at__isnull=False)
                | (~models.Q(state__in=["done", "failed", "cancelled"]) & models.Q(finished_at__isnull=True)),
                name="intake_job_finished",
            ),
        )
        indexes = (
            models.Index(
                fields=("state",),
                name="intake_job_open",
                condition=models.Q(state__in=["queued", "staging", "applying"]),
            ),
        )

    def __str__(self) -> str:
        return self.file_name

    @property
    def audit_label(self) -> str:
        return self.file_name

    @property
    def may_be_configured(self) -> bool:
        """Whether it waits for its columns, or ended with nothing stored."""
        return self.state in _OPEN_TO_CHANGE or (self.state == ImportState.DONE and self.dry_run)

    @property
    def error_text(self) -> str:
        """Why the import failed, in the reader's language."""
        error: dict[str, Any] = self.error
        if not error:
            return ""
        if "reason" in error:
            return str(UnreadableFile(error["reason"], line=error["line"], column=error["column"], **error["facts"]))
        return _now(error["message"])


class ImportReject(models.Model):
    """One fault of a row that was not taken: where it stands and why. A row counts once: its other faults are `further`.

    `value` is masked, and empty where it could be personal; of a duplicate it is the line that named the member first.
    """

    job = models.ForeignKey(ImportJob, models.CASCADE, related_name="rejects", db_index=False)
    line = models.BigIntegerField(_("line"))
    column = models.SmallIntegerField(_("column"), null=True)
    reason = models.CharField(_("reason"), max_length=24)
    value = models.CharField(_("value"), max_length=80, blank=True)
    further = models.BooleanField(default=False, db_default=False, editable=False)

    class Meta:
        verbose_name = _("rejected row")
        verbose_name_plural = _("rejected rows")
        ordering = ("line",)
        indexes = (
            models.Index(fields=("job", "line"), name="intake_reject_report"),
            models.Index(fields=("value",), condition=~models.Q(value=""), name="intake_reject_value"),
        )

    def __str__(self) -> str:
        return f"{self.line}: {self.reason}"

    @property
    def reason_label(self) -> str:
        return reason_label(self.reason, self.value)


def reason_label(code: str, value: str = "") -> str:
    """The words for a reason, whether reading or importing gave it; a duplicate names the line it repeats."""
    if code == Reason.DUPLICATE_MEMBER and value:
        return str(_("The same member stands in line %(line)s") % {"line": value})
    choices = Reason if code in Reason else Fault
    return str(choices(code).label)
