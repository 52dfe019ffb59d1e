"""Impact assessments (个人信息保护影响评估, PIPL Art. 55 and 56)."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from compliance.enums.registers import AssessmentState


class Assessment(models.Model):
    """One assessment of one registered feature, with the three parts of Art. 56 ¶1.

    Approved, its words stand: the database refuses to change them, and to delete it within three years (¶2). A new one
    that is approved ends the one before.
    """

    feature = models.CharField(_("feature"), max_length=40)
    number = models.PositiveIntegerField(_("version"))
    lawfulness = models.TextField(
        _("1 · Purpose and method"),
        max_length=5000,
        blank=True,
        help_text=_("Whether purpose and method of the processing are lawful, legitimate and necessary."),
    )
    impact = models.TextField(
        _("2 · Effect and risks"),
        max_length=5000,
        blank=True,
        help_text=_("The effect on the rights and interests of persons, and the security risks."),
    )
    measures = models.TextField(
        _("3 · Protective measures"),
        max_length=5000,
        blank=True,
        help_text=_("Whether the measures are lawful, effective and in proportion to the risk."),
    )
    state = models.CharField(
        _("state"), max_length=10, choices=AssessmentState, default=AssessmentState.DRAFT, editable=False
    )
    written_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", editable=False, verbose_name=_("written by")
    )
    changed_at = models.DateTimeField(_("changed"), db_default=Now(), editable=False)
    approved_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", editable=False, verbose_name=_("approved by")
    )
    approved_at = models.DateTimeField(_("approved"), null=True, editable=False)
    valid_until = models.DateTimeField(_("valid until"), null=True, editable=False)
    expired_at = models.DateTimeField(_("expired"), null=True, editable=False)

    class Meta:
        verbose_name = _("impact assessment")
        verbose_name_plural = _("impact assessments")
        default_permissions = ("view", "add", "change")
        permissions = (("approve_assessment", _("Can approve impact assessments")),)
        ordering = ("feature", "-number")
        constraints = (
            models.UniqueConstraint(fields=("feature", "number"), name="compliance_assessment_once"),
            models.UniqueConstraint(
                fields=("feature",), condition=Q(state=AssessmentState.DRAFT), name="compliance_assessment_one_draft"
            ),
            models.UniqueConstraint(
                fields=("feature",), condition=Q(state=AssessmentState.APPROVED), name="compliance_assessment_in_force"
            ),
            models.CheckConstraint(
                condition=Q(
                    state=AssessmentState.DRAFT, approved_by=None, approved_at=None, valid_until=None, expired_at=None
                )
                | ~Q(state=AssessmentState.DRAFT)
                & ~Q(lawfulness="")
                & ~Q(impact="")
                & ~Q(measures="")
                & Q(approved_at__isnull=False, valid_until__gt=F("approved_at"))
                & Q(written_by__isnull=False, approved_by__isnull=False)
                & ~Q(approved_by=F("written_by")),
                name="compliance_assessment_second_person",
            ),
            models.CheckConstraint(
                condition=Q(state=AssessmentState.EXPIRED, expired_at__isnull=False)
                | ~Q(state=AssessmentState.EXPIRED) & Q(expired_at=None),
                name="compliance_assessment_expired",
            ),
        )

    def __str__(self) -> str:
        return f"{self.feature} v{self.number}"

    @property
    def audit_label(self) -> str:
        return str(self)

    @property
    def is_draft(self) -> bool:
        return self.state == AssessmentState.DRAFT
