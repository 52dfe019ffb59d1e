"""What KOC scores are made of, and the score of each member of a group as of the last run."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.enums.koc import Fact
from compliance.models.consent import OfVisibleMembers
from compliance.rules.gate import RESTRICTED_PERSONS
from members.models import Member


class OfPeopleInUse(OfVisibleMembers):
    """Scores, of persons whose data may be used."""

    def shown(self) -> Self:
        """Without those whose data may only be stored: until the next run, which leaves them out, they are still here."""
        only_stored = RawSQL(RESTRICTED_PERSONS, ())  # noqa: S611  # without a value
        return self.exclude(member__in=only_stored)


class ScoreWeights(models.Model):
    """One version of how scores are made: never changed, the highest version is in force.

    A weight is a share of the sum of the five. `share_low` to `share_high` percent of the members of groups are to be
    KOC. The scale of each fact stands in `ScoreScale`.
    """

    version = models.PositiveIntegerField(_("version"), unique=True)
    influence = models.PositiveSmallIntegerField(_("influence"))
    ugc = models.PositiveSmallIntegerField("UGC")
    purchases = models.PositiveSmallIntegerField(_("purchases"))
    referrals = models.PositiveSmallIntegerField(_("referrals"))
    consistency = models.PositiveSmallIntegerField(_("consistency"))
    window_days = models.PositiveSmallIntegerField(_("window in days"), default=90)
    share_low = models.DecimalField(_("least share of KOC, %"), max_digits=4, decimal_places=1, default=10)
    share_high = models.DecimalField(_("greatest share of KOC, %"), max_digits=4, decimal_places=1, default=15)
    reason = models.CharField(_("why"), max_length=300, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("set by"))
    at = models.DateTimeField(_("set"))

    class Meta:
        verbose_name = _("weights of scores")
        verbose_name_plural = _("weights of scores")
        default_permissions = ("view", "add")
        ordering = ("-version",)
        constraints = (
            models.CheckConstraint(
                condition=Q(influence__gt=0)
                | Q(ugc__gt=0)
                | Q(purchases__gt=0)
                | Q(referrals__gt=0)
                | Q(consistency__gt=0),
                name="community_weights_not_nothing",
            ),
            models.CheckConstraint(
                condition=Q(share_low__gt=0, share_high__lte=100, share_high__gte=F("share_low")),
                name="community_weights_share",
            ),
            models.CheckConstraint(
                condition=Q(window_days__gte=7, window_days__lte=365), name="community_weights_days"
            ),
        )

    def __str__(self) -> str:
        return f"v{self.version}"

    @property
    def audit_label(self) -> str:
        return str(self)


class ScoreScale(models.Model):
    """How much of a fact makes 50 of 100 points (`half`), and how much of its part it decides (`share`)."""

    weights = models.ForeignKey(ScoreWeights, models.CASCADE, related_name="scales", verbose_name=_("weights"))
    fact = models.CharField(_("fact"), max_length=10, choices=Fact)
    half = models.DecimalField(_("gives 50 points"), max_digits=10, decimal_places=2)
    share = models.PositiveSmallIntegerField(_("weight within its part"))

    class Meta:
        verbose_name = _("scale of a fact")
        verbose_name_plural = _("scales of facts")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("weights", "fact"), name="community_scale_once"),
            models.CheckConstraint(condition=Q(half__gt=0), name="community_scale_half"),
        )

    def __str__(self) -> str:
        return f"{self.weights_id} {self.fact}"


class ScoreRun(models.Model):
    """One finished run over the members of groups."""

    as_of = models.DateTimeField(_("as of"))
    weights = models.ForeignKey(ScoreWeights, models.PROTECT, related_name="+", verbose_name=_("weights"))
    members = models.IntegerField(_("members scored"))
    strangers = models.IntegerField(_("participants who are no member"))
    started_at = models.DateTimeField(_("started"))
    seconds = models.FloatField(_("seconds"))
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))

    class Meta:
        verbose_name = _("run of scores")
        verbose_name_plural = _("runs of scores")
        default_permissions = ()
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.as_of:%Y-%m-%d %H:%M}"


class KocScore(models.Model):
    """The score of one member of a group: facts in the order of `Fact` (money in fen), parts in the order of `Part`.

    `before_*` is how it stood in the last run of an earlier local day, so that a second run of a day hides no change.
    No database constraint on the member: a run writes only members that it has just read.
    """

    member = models.OneToOneField(
        Member,
        models.CASCADE,
        primary_key=True,
        db_constraint=False,
        related_name="koc_score",
        verbose_name=_("member"),
    )
    run = models.ForeignKey(ScoreRun, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    total = models.DecimalField(_("score"), max_digits=4, decimal_places=1)
    parts = ArrayField(models.DecimalField(max_digits=4, decimal_places=1), verbose_name=_("parts"))
    facts = ArrayField(models.BigIntegerField(), verbose_name=_("facts"))
    groups = models.PositiveSmallIntegerField(_("groups"))
    before_run = models.ForeignKey(
        ScoreRun, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    before_total = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    before_parts = ArrayField(models.DecimalField(max_digits=4, decimal_places=1), null=True)
    before_facts = ArrayField(models.BigIntegerField(), null=True)

    objects = OfPeopleInUse.as_manager()

    class Meta:
        verbose_name = _("KOC score")
        verbose_name_plural = _("KOC scores")
        default_permissions = ("view",)
        indexes = (models.Index(fields=("-total", "member"), name="community_score_best"),)

    def __str__(self) -> str:
        return f"{self.member_id}: {self.total}"


class KocScoreDay(models.Model):
    """The score of a KOC on one local day, for its course."""

    pk = models.CompositePrimaryKey("member_id", "day")
    member = models.ForeignKey(Member, models.CASCADE, db_index=False, related_name="+")
    day = models.DateField(_("day"))
    total = models.DecimalField(_("score"), max_digits=4, decimal_places=1)
    parts = ArrayField(models.DecimalField(max_digits=4, decimal_places=1), verbose_name=_("parts"))

    class Meta:
        verbose_name = _("KOC score of a day")
        verbose_name_plural = _("KOC scores of days")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.member_id} {self.day}"
