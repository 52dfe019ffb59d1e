"""Texts that members will see, on their way through legal review; for an object of any app."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from compliance.enums.content import ReviewState
from core.models import EncryptedTextField
from members.models import Member


class Review(models.Model):
    """Where one object stands. `parts` is the text as it was last read: [{"name": …, "text": …}, …].

    `kind` is a code of `compliance.services.reviewables`, `object_id` the object's number there.
    """

    kind = models.CharField(_("kind"), max_length=40)
    object_id = models.BigIntegerField()
    title = models.CharField(_("title"), max_length=120)
    author = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("author"))
    state = models.CharField(_("state"), max_length=10, choices=ReviewState, default=ReviewState.DRAFT)
    parts = models.JSONField(_("text"), default=list)
    digest = models.CharField(_("fingerprint of the text"), max_length=64, blank=True)
    lexicon = models.PositiveIntegerField(_("version of the lexicon"), null=True)
    blocks = models.PositiveIntegerField(_("forbidden"), default=0)
    warnings = models.PositiveIntegerField(_("warnings"), default=0)
    created_at = models.DateTimeField(_("made"))
    changed_at = models.DateTimeField(_("changed"))
    submitted_at = models.DateTimeField(_("submitted"), null=True)
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("submitted by"))
    decided_at = models.DateTimeField(_("decided"), null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by"))
    decision = models.CharField(_("reason given"), max_length=500, blank=True)
    valid_until = models.DateTimeField(_("valid until"), null=True)

    #: What the lexicon of this moment says to it, where somebody asked: `compliance.selectors.reviews.with_standings`.
    standing: Any = None

    class Meta:
        verbose_name = _("legal review")
        verbose_name_plural = _("legal reviews")
        default_permissions = ("view", "add")
        permissions = (("decide_review", _("Can approve and return texts")),)
        constraints = (
            models.UniqueConstraint(fields=("kind", "object_id"), name="compliance_review_once"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | (~Q(decided_by=F("author")) & ~Q(decided_by=F("submitted_by"))),
                name="compliance_review_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None, decided_at=None) | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="compliance_review_decided",
            ),
            models.CheckConstraint(
                condition=~Q(state=ReviewState.APPROVED)
                | Q(
                    decided_by__isnull=False,
                    submitted_by__isnull=False,
                    valid_until__isnull=False,
                    lexicon__isnull=False,
                    blocks=0,
                ),
                name="compliance_review_approved",
            ),
        )
        indexes = (
            models.Index(fields=("submitted_at",), condition=Q(state="in_review"), name="compliance_review_queue"),
            models.Index(fields=("valid_until",), condition=Q(state="approved"), name="compliance_review_expiry"),
            models.Index(fields=("-changed_at",), name="compliance_review_changed"),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def audit_label(self) -> str:
        return self.title


class Proof(models.Model):
    """Why a warned phrase is true here: a text or a file, from one person, accepted by another when approving.

    A new one is put beside the one before, which stays as it was: an approval may rest on it.

    The file lies as base64 under a key of its own, so that it can be forgotten alone; its fingerprint stays.
    """

    review = models.ForeignKey(Review, models.CASCADE, related_name="proofs", verbose_name=_("review"))
    key = models.CharField(max_length=120)
    phrase = models.CharField(_("phrase"), max_length=40)
    text = models.CharField(_("proof"), max_length=2000, blank=True)
    file = EncryptedTextField(_("file"), subject_kind="proof", subject="pk", null=True)
    file_name = models.CharField(_("file name"), max_length=120, blank=True)
    file_digest = models.CharField(_("fingerprint of the file"), max_length=64, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("when"))
    accepted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("accepted by"))
    replaced_at = models.DateTimeField(_("replaced"), null=True)

    class Meta:
        verbose_name = _("proof")
        verbose_name_plural = _("proofs")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("review", "key"), condition=Q(replaced_at=None), name="compliance_proof_once"
            ),
            models.CheckConstraint(condition=~Q(text="") | ~Q(file_digest=""), name="compliance_proof_filled"),
            models.CheckConstraint(
                condition=Q(accepted_by=None) | ~Q(accepted_by=F("by")), name="compliance_proof_four_eyes"
            ),
        )

    def __str__(self) -> str:
        return self.phrase


class ProofPerson(models.Model):
    """A member whom the file of a proof shows or names: it is in her copy, and it goes with her."""

    proof = models.ForeignKey(Proof, models.CASCADE, related_name="persons", verbose_name=_("proof"))
    member = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name=_("member"))

    class Meta:
        verbose_name = _("person in a proof")
        verbose_name_plural = _("persons in proofs")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("proof", "member"), name="compliance_proof_person_once"),)

    def __str__(self) -> str:
        return f"#{self.member_id}"


class Approval(models.Model):
    """Evidence of one approval: the exact text, the lexicon that it was held against, both people. Never changed.

    `proofs` are the numbers and fingerprints of what the warned phrases were proved with.
    """

    review = models.ForeignKey(Review, models.PROTECT, related_name="approvals", verbose_name=_("review"))
    parts = models.JSONField(_("text"))
    digest = models.CharField(_("fingerprint of the text"), max_length=64)
    lexicon = models.PositiveIntegerField(_("version of the lexicon"))
    hits = models.JSONField(_("warned phrases"), default=list)
    proofs = models.JSONField(_("proofs"), default=list)
    author_label = models.CharField(_("author"), max_length=150)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("approved by"))
    at = models.DateTimeField(_("when"))
    valid_until = models.DateTimeField(_("valid until"))

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        default_permissions = ()

    def __str__(self) -> str:
        return self.digest[:12]


class Wording(models.Model):
    """A text on its own, checked before it is used anywhere: a poster, a group rule, a script for guides."""

    text = models.TextField(_("text"))

    class Meta:
        verbose_name = _("wording")
        verbose_name_plural = _("wordings")
        default_permissions = ()

    def __str__(self) -> str:
        return self.text[:40]
