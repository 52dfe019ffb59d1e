"""Runs of the tiering, and the history that they leave."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models import Member
from segments.enums import Goal, RunKind, Unobserved


class TierRun(models.Model):
    """One finished run: written in the transaction that moved the members, so a run is whole or absent.

    `definitions` is what was in force (score rule, tiers, criteria, slots); `cutoffs` the four limits of each score.
    Facts were counted whose transaction this run could see: those below `ceiling` except `pending`, the ones still
    running; none of these is below `horizon`. Numbers are those of `timeline_xid()`.
    """

    as_of = models.DateTimeField(_("as of"), db_index=True)
    kind = models.CharField(_("kind"), max_length=12, choices=RunKind)
    horizon = models.BigIntegerField(editable=False)
    ceiling = models.BigIntegerField(editable=False)
    pending = ArrayField(models.BigIntegerField(), default=list, editable=False)
    definitions = models.JSONField(_("definitions"))
    cutoffs = models.JSONField(_("cut-offs"))
    members = models.IntegerField(_("members"))
    moved = models.IntegerField(_("moved"))
    by_tier = models.JSONField(_("members by tier"))
    started_at = models.DateTimeField(_("started"))
    seconds = models.FloatField(_("seconds"))
    by_label = models.CharField(_("by"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("tier run")
        verbose_name_plural = _("tier runs")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.as_of:%Y-%m-%d %H:%M}"


class TierChange(models.Model):
    """A member came into a tier (`from_tier` empty: the first time), with the evidence that decided it.

    `to_tier` is empty when she is no longer in a run. References carry no database constraint: a first run writes a
    row for everybody, and a check per row would take longer than the run.
    """

    member = models.ForeignKey(
        Member,
        models.CASCADE,
        db_constraint=False,
        db_index=False,
        related_name="tier_changes",
        verbose_name=_("member"),
    )
    at = models.DateTimeField(_("as of"))
    from_tier = models.CharField(_("from"), max_length=20, blank=True)
    to_tier = models.CharField(_("to"), max_length=20, blank=True)
    run = models.ForeignKey(
        TierRun, models.PROTECT, db_constraint=False, db_index=False, related_name="changes", verbose_name=_("run")
    )
    sums = ArrayField(models.BigIntegerField(), default=list)
    known_at = models.DateTimeField(_("known since"), null=True)
    r = models.PositiveSmallIntegerField("R", null=True)
    f = models.PositiveSmallIntegerField("F", null=True)
    m = models.PositiveSmallIntegerField("M", null=True)

    class Meta:
        verbose_name = _("tier change")
        verbose_name_plural = _("tier history")
        indexes = (
            models.Index(fields=("member", "-at"), name="segments_change_member"),
            BrinIndex(fields=("at",), name="segments_change_at", pages_per_range=16),
        )

    def __str__(self) -> str:
        return f"{self.from_tier} → {self.to_tier}"


class TierSnapshot(models.Model):
    """Counts and money of one tier on one local day, as of that day's last run."""

    day = models.DateField(_("day"))
    tier = models.CharField(_("tier"), max_length=20)
    as_of = models.DateTimeField(_("as of"))
    members = models.IntegerField(_("members"))
    joined = models.IntegerField(_("came in"), help_text=_("Since the snapshot before."))
    left = models.IntegerField(_("went out"))
    orders_30d = models.IntegerField(_("orders in 30 days"))
    buyers_30d = models.IntegerField(_("buyers in 30 days"))
    revenue_30d = models.DecimalField(_("net revenue in 30 days"), max_digits=16, decimal_places=2)
    lifetime_value = models.DecimalField(_("net revenue since the beginning"), max_digits=18, decimal_places=2)

    class Meta:
        verbose_name = _("tier snapshot")
        verbose_name_plural = _("tier snapshots")
        constraints = (models.UniqueConstraint(fields=("day", "tier"), name="segments_snapshot_once"),)

    def __str__(self) -> str:
        return f"{self.day} {self.tier}"


class GoalProgress(models.Model):
    """How far one tier's goal was on one local day. `value` empty: not observed, and `reason` says why.

    `value` and `target` are percent. For a change against the time before, `now` and `before` are what was compared.
    """

    day = models.DateField(_("day"))
    tier = models.CharField(_("tier"), max_length=20)
    goal = models.CharField(_("goal"), max_length=20, choices=Goal)
    as_of = models.DateTimeField(_("as of"))
    target = models.DecimalField(_("target (%)"), max_digits=6, decimal_places=2, null=True)
    value = models.DecimalField(_("value (%)"), max_digits=12, decimal_places=2, null=True)
    now = models.DecimalField(_("now"), max_digits=14, decimal_places=2, null=True)
    before = models.DecimalField(_("before"), max_digits=14, decimal_places=2, null=True)
    sample = models.IntegerField(_("sample"), default=0)
    reason = models.CharField(_("why not observed"), max_length=20, blank=True, choices=Unobserved)

    class Meta:
        verbose_name = _("goal progress")
        verbose_name_plural = _("goal progress")
        constraints = (
            models.UniqueConstraint(fields=("day", "tier"), name="segments_goal_once"),
            models.CheckConstraint(
                condition=models.Q(value__isnull=True, reason__gt="") | models.Q(value__isnull=False, reason=""),
                name="segments_goal_value_or_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.day} {self.tier}"
