"""Where each member stands as of the last run."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models import Member


class MemberStanding(models.Model):
    """One row per member: window sums, scores and tier as of the last `TierRun`.

    `sums` holds the value of each slot of that run (a measure over a window; money in fen) in the run's order.
    No database constraint on the member: a run writes only members that it has just read.
    """

    member = models.OneToOneField(
        Member,
        models.CASCADE,
        primary_key=True,
        db_constraint=False,
        related_name="standing",
        verbose_name=_("member"),
    )
    known_at = models.DateTimeField(_("known since"), null=True)
    first_fact_at = models.DateTimeField(_("first fact"), null=True)
    last_order_at = models.DateTimeField(_("last order"), null=True)
    last_interaction_at = models.DateTimeField(_("last interaction"), null=True)
    frequency = models.IntegerField(_("orders in the window"), default=0)
    monetary = models.DecimalField(_("spend in the window"), max_digits=14, decimal_places=2, default=0)
    sums = ArrayField(models.BigIntegerField(), default=list)
    r = models.PositiveSmallIntegerField("R", null=True)
    f = models.PositiveSmallIntegerField("F", null=True)
    m = models.PositiveSmallIntegerField("M", null=True)
    tier = models.CharField(_("tier"), max_length=20)
    tier_since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("standing")
        verbose_name_plural = _("standings")
        indexes = (
            models.Index(fields=("tier", "-member"), name="segments_by_tier"),
            models.Index(fields=("monetary",), name="segments_by_spend"),
            models.Index(fields=("last_order_at",), name="segments_by_last_order"),
        )

    def __str__(self) -> str:
        return f"{self.member_id}: {self.tier}"
