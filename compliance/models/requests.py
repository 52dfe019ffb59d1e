"""What data subjects ask for, and the clock that runs from then on."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.models import keep_history
from compliance.enums.rights import (
    OPEN_STATES,
    IdentityCheck,
    RefusalReason,
    Requester,
    RequestKind,
    RequestSource,
    RequestState,
)
from compliance.models.consent import OfVisibleMembers
from core.models import EncryptedTextField
from members.models import Member


class SubjectRequest(models.Model):
    """One request. Her words and our answer are sealed under her key; the rest is proof that her right was served."""

    member = models.ForeignKey(
        Member, models.DO_NOTHING, db_constraint=False, related_name="+", verbose_name=_("member")
    )
    kind = models.CharField(_("what"), max_length=12, choices=RequestKind)
    requester = models.CharField(_("who asks"), max_length=12, choices=Requester, default=Requester.SELF)
    source = models.CharField(_("came by"), max_length=12, choices=RequestSource)
    state = models.CharField(_("state"), max_length=12, choices=RequestState, default=RequestState.RECEIVED)
    link_by = models.ForeignKey(
        User,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("link handed out by"),
    )
    language = models.CharField(
        _("language of the answer"), max_length=12, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    wish = EncryptedTextField(_("in her words"), subject_kind="member", subject="member_id", null=True, editable=False)
    received_at = models.DateTimeField(_("received"))
    due_at = models.DateTimeField(_("due"))
    identity_check = models.CharField(_("identity"), max_length=12, choices=IdentityCheck, blank=True)
    verified_at = models.DateTimeField(_("identity checked"), null=True)
    verified_by = models.ForeignKey(
        User, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    copied_at = models.DateTimeField(_("copy made"), null=True)
    refusal = models.CharField(_("refused because"), max_length=16, choices=RefusalReason, blank=True)
    answer = EncryptedTextField(_("answer"), subject_kind="member", subject="member_id", null=True, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_by = models.ForeignKey(
        User, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )

    objects = OfVisibleMembers.as_manager()

    class Meta:
        verbose_name = _("request of a data subject")
        verbose_name_plural = _("requests of data subjects")
        default_permissions = ("view", "add", "change")
        ordering = ("due_at", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(state="refused") & ~Q(refusal="") | ~Q(state="refused") & Q(refusal=""),
                name="compliance_request_refused_why",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["received", "verified"], closed_at=None)
                | Q(state__in=["done", "refused", "cancelled"], closed_at__isnull=False),
                name="compliance_request_closed",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["verified", "done"]) | Q(verified_at__isnull=False),
                name="compliance_request_identified",
            ),
            models.CheckConstraint(
                condition=~Q(kind="access", state="done") | Q(copied_at__isnull=False),
                name="compliance_request_copied",
            ),
        )
        indexes = (
            models.Index(fields=("due_at",), condition=Q(closed_at=None), name="compliance_request_open"),
            models.Index(fields=("member", "-received_at"), name="compliance_request_of"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"

    @property
    def audit_label(self) -> str:
        return str(self)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def lacks_copy(self) -> bool:
        """A copy was asked for and none was made: it cannot be done yet."""
        return self.kind == RequestKind.ACCESS and self.copied_at is None


@keep_history(fields=["answer_days", "warn_days"])
class RightsSettings(models.Model):
    """One row. Each change is recorded with its reason."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    answer_days = models.PositiveIntegerField(
        _("working days to answer"), default=15, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    warn_days = models.PositiveIntegerField(
        _("days before the end to remind"), default=3, validators=[MinValueValidator(0), MaxValueValidator(30)]
    )

    class Meta:
        verbose_name = _("settings of requests")
        verbose_name_plural = _("settings of requests")
        default_permissions = ("view", "change")
        constraints = (models.CheckConstraint(condition=Q(id=1), name="compliance_rights_one_row"),)

    def __str__(self) -> str:
        return str(_("Settings of requests"))

    @property
    def audit_label(self) -> str:
        return str(self)
