"""Registers of what is done with personal data, who receives them, and whose rules are watched."""

from datetime import datetime, timedelta

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from compliance.enums.registers import EntryState, LegalBasis, RecipientKind

HOME = "CN"


class InTwoLanguages(models.Model):
    """Something with a name in Chinese and, if somebody wrote one, in English."""

    name_zh = models.CharField(_("name (Chinese)"), max_length=120)
    name_en = models.CharField(_("name (English)"), max_length=160, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        chinese = (get_language() or "").startswith("zh")
        return self.name_zh if chinese else self.name_en or self.name_zh

    @property
    def audit_label(self) -> str:
        return self.name_zh


class ProcessingActivity(InTwoLanguages):
    """One thing that is done with personal data (处理活动台账; PIPL Art. 5–9, 13, 51, 54)."""

    purpose = models.TextField(_("purpose"), max_length=1000)
    method = models.TextField(_("method of processing"), max_length=1000)
    categories = models.TextField(_("kinds of personal data"), max_length=1000)
    retention = models.CharField(_("kept for"), max_length=200)
    recipients = models.CharField(_("given to"), max_length=300, blank=True)
    legal_basis = models.CharField(_("legal basis"), max_length=12, choices=LegalBasis)
    basis_note = models.CharField(
        _("which contract, law or paragraph"), max_length=300, blank=True, help_text=_("Needed unless it is consent.")
    )
    state = models.CharField(_("state"), max_length=10, choices=EntryState, default=EntryState.DRAFT, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("processing activity")
        verbose_name_plural = _("processing activities")
        default_permissions = ("view", "add", "change")
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(legal_basis=LegalBasis.CONSENT) | ~Q(basis_note=""), name="compliance_activity_basis"
            ),
            models.CheckConstraint(
                condition=Q(state=EntryState.ENDED, ended_at__isnull=False)
                | ~Q(state=EntryState.ENDED) & Q(ended_at=None),
                name="compliance_activity_ended",
            ),
        )


class Recipient(models.Model):
    """Who else receives personal data (PIPL Art. 20–23, 38; 条例 Art. 12): kept three years after the end at least."""

    name = models.CharField(_("name"), max_length=160)
    contact = models.CharField(_("office or post to reach"), max_length=200)
    kind = models.CharField(_("role"), max_length=12, choices=RecipientKind)
    country = models.CharField(
        _("country"),
        max_length=2,
        default=HOME,
        validators=[RegexValidator("^[A-Z]{2}$", _("Two capital letters, as CN."))],
        help_text=_("Two letters (ISO 3166); anything but CN is an export of personal data."),
    )
    purpose = models.TextField(_("purpose"), max_length=1000)
    categories = models.TextField(_("kinds of personal data"), max_length=1000)
    method = models.TextField(_("method of processing"), max_length=1000)
    measures = models.TextField(_("protective measures"), max_length=1000)
    contract = models.CharField(_("contract"), max_length=200)
    starts_on = models.DateField(_("contract from"))
    ends_on = models.DateField(_("contract until"))
    state = models.CharField(_("state"), max_length=10, choices=EntryState, default=EntryState.DRAFT, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)
    deletion_proof = models.CharField(_("proof of return or deletion"), max_length=300, blank=True, editable=False)
    proved_at = models.DateTimeField(_("proved"), null=True, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("recipient of personal data")
        verbose_name_plural = _("recipients of personal data")
        default_permissions = ("view", "add", "change")
        ordering = ("name", "id")
        constraints = (
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="compliance_recipient_term"),
            models.CheckConstraint(
                condition=Q(state=EntryState.ENDED, ended_at__isnull=False)
                | ~Q(state=EntryState.ENDED) & Q(ended_at=None),
                name="compliance_recipient_ended",
            ),
            models.CheckConstraint(
                condition=Q(deletion_proof="", proved_at=None)
                | ~Q(deletion_proof="") & Q(proved_at__isnull=False, state=EntryState.ENDED),
                name="compliance_recipient_proved",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def audit_label(self) -> str:
        return self.name

    @property
    def is_abroad(self) -> bool:
        return self.country != HOME

    @property
    def owes_proof(self) -> bool:
        return self.state == EntryState.ENDED and not self.deletion_proof


class WatchedRule(InTwoLanguages):
    """A law or a platform's rule that may change, and who looks at it how often."""

    source = models.CharField(_("where it is published"), max_length=300)
    matters = models.TextField(_("why it matters here"), max_length=1000)
    every_days = models.PositiveIntegerField(
        _("checked every so many days"), default=90, validators=[MinValueValidator(1), MaxValueValidator(1100)]
    )
    owner = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who watches it")
    )
    checked_at = models.DateTimeField(_("last checked"), null=True, editable=False)
    checked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", editable=False)
    finding = models.CharField(_("finding"), max_length=500, blank=True, editable=False)
    is_watched = models.BooleanField(_("watched"), default=True)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("watched rule")
        verbose_name_plural = _("watched rules")
        default_permissions = ("view", "add", "change")
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(checked_at=None, checked_by=None, finding="")
                | Q(checked_at__isnull=False) & ~Q(finding=""),
                name="compliance_watchedrule_checked",
            ),
        )

    @property
    def due_at(self) -> datetime:
        return (self.checked_at or self.created_at) + timedelta(days=self.every_days)


class PersonCount(models.Model):
    """How many persons are held, day by day: duties begin at 1,000,000 (PIPL Art. 52) and 10,000,000 (条例 Art. 28)."""

    counted_at = models.DateTimeField(_("counted"), unique=True)
    persons = models.BigIntegerField(_("persons"))
    is_exact = models.BooleanField(_("exact"))

    class Meta:
        verbose_name = _("count of persons")
        verbose_name_plural = _("counts of persons")
        default_permissions = ("view",)
        ordering = ("-counted_at",)

    def __str__(self) -> str:
        return f"{self.counted_at:%Y-%m-%d} {self.persons}"


class DutyDone(models.Model):
    """That the brand did what a threshold asks for, and where that is on file."""

    threshold = models.BigIntegerField(_("threshold"), primary_key=True)
    note = models.CharField(_("what was done, and where it is on file"), max_length=500)
    done_at = models.DateTimeField(_("done"))
    done_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("duty done")
        verbose_name_plural = _("duties done")
        default_permissions = ("add",)
        ordering = ("threshold",)

    def __str__(self) -> str:
        return str(self.threshold)

    @property
    def audit_label(self) -> str:
        return str(self)
