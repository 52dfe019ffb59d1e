"""Runs of the tiering, and the history that they leave."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models import Member
from segments.enums import RunKind


class TierRun(models.Model):
    """One finished run: written in the transaction that moved the members, so a run is whole or absent.

    `definitions` is what was in force (config, tiers, criteria, slots); `horizon` the transaction number below which
    facts were counted; `cutoffs` the four limits of each score.
    """

    as_of = models.DateTimeField(_("as of"), db_index=True)
    kind = models.CharField(_("kind"), max_length=12, choices=RunKind)
    horizon = models.BigIntegerField(editable=False)
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
    """A member came into a tier (`from_tier` empty: the first time), with the sums that decided it."""

    member = models.ForeignKey(
        Member, models.CASCADE, db_index=False, related_name="tier_changes", verbose_name=_("member")
    )
    at = models.DateTimeField(_("as of"))
    from_tier = models.CharField(_("from"), max_length=20, blank=True)
    to_tier = models.CharField(_("to"), max_length=20)
    run = models.ForeignKey(TierRun, models.PROTECT, related_name="changes", verbose_name=_("run"))
    sums = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        verbose_name = _("tier change")
        verbose_name_plural = _("tier history")
        indexes = (models.Index(fields=("member", "-at"), name="segments_change_member"),)

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
