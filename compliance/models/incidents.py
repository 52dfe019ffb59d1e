"""Incidents with personal data: the clock, whom they touch, who was told and why not (PIPL Art. 57)."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from compliance.enums.registers import Audience, Decision, Exposure, IncidentGrade
from members.models import Member

#: 国家网络安全事件报告管理办法, for operators outside of critical infrastructure.
CLOCK = timedelta(hours=4)


class Incident(models.Model):
    """One leak, alteration or loss, real or possible. Closed, its record stays as it is."""

    title = models.CharField(_("what happened, in short"), max_length=160)
    categories = models.TextField(_("kinds of personal data"), max_length=1000)
    cause = models.TextField(_("cause"), max_length=2000)
    harm = models.TextField(_("possible harm"), max_length=2000)
    measures = models.TextField(_("what we have done"), max_length=2000, blank=True)
    advice = models.TextField(_("what members can do"), max_length=2000, blank=True)
    contact = models.CharField(_("whom to ask"), max_length=300, blank=True)
    happened_from = models.DateTimeField(_("happened from"))
    happened_to = models.DateTimeField(_("happened until"))
    found_at = models.DateTimeField(_("found at"))
    grade = models.CharField(_("grade"), max_length=10, choices=IncidentGrade, default=IncidentGrade.UNKNOWN)
    is_drill = models.BooleanField(_("drill"), default=False)
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+", editable=False)
    listed_at = models.DateTimeField(_("list drawn"), null=True, editable=False)
    lessons = models.TextField(_("what follows from it"), max_length=2000, blank=True, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", editable=False)

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        default_permissions = ("view", "add", "change")
        ordering = (F("closed_at").desc(nulls_first=True), "-found_at")
        constraints = (
            models.CheckConstraint(condition=Q(happened_to__gte=F("happened_from")), name="compliance_incident_window"),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None, lessons="")
                | Q(closed_at__isnull=False, closed_by__isnull=False) & ~Q(lessons=""),
                name="compliance_incident_closed",
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def audit_label(self) -> str:
        return f"#{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def due_at(self) -> datetime:
        """When the authority must know, should it be graded that high."""
        return self.found_at + CLOCK


class IncidentDecision(models.Model):
    """Whether the authority, or the members, were told; `words` are the draft sent, `reason` why they were not."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="decisions")
    audience = models.CharField(_("whom"), max_length=10, choices=Audience)
    decision = models.CharField(_("decision"), max_length=12, choices=Decision)
    words = models.TextField(_("words of the notice"), blank=True)
    reason = models.TextField(_("reason"), max_length=2000, blank=True)
    decided_at = models.DateTimeField(_("decided"))
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("decision about telling")
        verbose_name_plural = _("decisions about telling")
        default_permissions = ()
        ordering = ("-decided_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=Q(decision=Decision.NOTIFIED) & ~Q(words="")
                | Q(decision=Decision.NOT_NOTIFIED) & ~Q(reason=""),
                name="compliance_incident_decided",
            ),
        )

    def __str__(self) -> str:
        return f"{self.audience}: {self.decision}"


class IncidentMember(models.Model):
    """A member on the list of an incident, and by which record she came there."""

    pk = models.CompositePrimaryKey("incident_id", "member_id", "exposure")
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="members")
    member = models.ForeignKey(
        Member, models.DO_NOTHING, db_constraint=False, related_name="+", verbose_name=_("member")
    )
    exposure = models.CharField(_("by"), max_length=10, choices=Exposure)

    class Meta:
        verbose_name = _("member affected by an incident")
        verbose_name_plural = _("members affected by incidents")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"#{self.member_id}"
