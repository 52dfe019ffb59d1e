"""Erasures: one per person, with a row for each thing to do, so that a killed one is taken up where it stopped."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from compliance.enums.rights import ErasureReason, ErasureState


class Erasure(models.Model):
    """The tombstone of a person: her numbers, when and why. Nothing here tells who she was.

    `subject_ids` are her row and those that were merged into it. Since `kept_at` the same stands in a file outside
    the database (`compliance.services.tombstones`), by which she is erased again after an older backup was restored.
    """

    member_id = models.BigIntegerField(_("member"), unique=True)
    subject_ids = ArrayField(models.BigIntegerField(), verbose_name=_("numbers of her records"))
    why = models.CharField(_("why"), max_length=16, choices=ErasureReason)
    state = models.CharField(_("state"), max_length=8, choices=ErasureState, default=ErasureState.RUNNING)
    waits_for = models.CharField(_("waits for"), max_length=60, blank=True)
    by = models.ForeignKey(User, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+")
    started_at = models.DateTimeField(_("started"))
    kept_at = models.DateTimeField(_("kept outside the database"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    vacuumed_at = models.DateTimeField(_("storage cleaned"), null=True)

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        default_permissions = ("view", "add")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(state="running", finished_at=None) | Q(state="done", finished_at__isnull=False),
                name="compliance_erasure_finished",
            ),
        )
        indexes = (
            models.Index(fields=("id",), condition=Q(state="running"), name="compliance_erasure_running"),
            GinIndex(fields=("subject_ids",), name="compliance_erasure_records"),
            models.Index(
                fields=("finished_at",), condition=Q(vacuumed_at=None, state="done"), name="compliance_erasure_unclean"
            ),
        )

    def __str__(self) -> str:
        return f"#{self.member_id}"

    @property
    def audit_label(self) -> str:
        return str(self)


class ErasureStep(models.Model):
    """One app's part for one of her records; `rows` is what it changed."""

    erasure = models.ForeignKey(Erasure, models.CASCADE, related_name="steps", verbose_name=_("erasure"))
    position = models.PositiveSmallIntegerField(_("order"))
    code = models.CharField(_("part"), max_length=40)
    subject_id = models.BigIntegerField(_("number"))
    rows = models.IntegerField(_("rows"), null=True)
    done_at = models.DateTimeField(_("done"), null=True)

    class Meta:
        verbose_name = _("part of an erasure")
        verbose_name_plural = _("parts of an erasure")
        default_permissions = ()
        ordering = ("position",)
        constraints = (models.UniqueConstraint(fields=("erasure", "position"), name="compliance_erasure_step"),)

    def __str__(self) -> str:
        return f"{self.code} {self.subject_id}"
