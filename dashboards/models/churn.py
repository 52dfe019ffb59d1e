"""How long members stay silent, from when on the brand is warned, and whom it is warned of."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dashboards.enums import FlagEnd
from dashboards.rules.silence_sql import LONGEST
from members.models import Member
from segments.models import Audience


class SilenceCurve(models.Model):
    """The silences that began from `first_day` on, by their length, as far as they were seen on `last_day`.

    `returned[n - 1]` of them ended n days after the last sign of life, `unended[n - 1]` had lasted n days and gone on;
    whatever lasted longer than the lists are long stands at their end as unended. `members`: those with a sign of life.
    `scope` is `all`, `store:<id>` (`store:` without one), `tier:<code>` (at the beginning of the silence), or
    `audience:<id>` (in it at `counted_at`, by `version` of its rule).
    """

    scope = models.CharField(_("counted over"), max_length=40, primary_key=True)
    audience = models.ForeignKey(Audience, models.CASCADE, null=True, related_name="+", verbose_name=_("audience"))
    version = models.PositiveIntegerField(null=True)
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("as of"))
    members = models.BigIntegerField(_("members"))
    returned = ArrayField(models.BigIntegerField(), size=LONGEST, verbose_name=_("came back, by length"))
    unended = ArrayField(models.BigIntegerField(), size=LONGEST, verbose_name=_("still silent, by length"))
    counted_at = models.DateTimeField(_("counted"))

    class Meta:
        verbose_name = _("silences")
        verbose_name_plural = _("silences")
        default_permissions = ()

    def __str__(self) -> str:
        return self.scope


class ChurnRule(models.Model):
    """After how many silent days a member is flagged; the first that fits her: an audience's, her tier's, everybody's."""

    scope = models.CharField(_("for"), max_length=40, unique=True)
    audience = models.ForeignKey(Audience, models.CASCADE, null=True, related_name="+", verbose_name=_("audience"))
    days = models.PositiveSmallIntegerField(_("silent days"))

    class Meta:
        verbose_name = _("threshold of the churn warning")
        verbose_name_plural = _("thresholds of the churn warning")
        default_permissions = ()
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(condition=Q(days__gte=1, days__lte=90), name="dashboards_churn_days"),
            models.CheckConstraint(
                condition=Q(scope="all", audience=None)
                | Q(scope__startswith="tier:", audience=None)
                | Q(scope__startswith="audience:", audience__isnull=False),
                name="dashboards_churn_scope",
            ),
        )

    def __str__(self) -> str:
        return self.scope

    @property
    def audit_label(self) -> str:
        return self.scope


class ChurnFlag(models.Model):
    """That a member is silent beyond the threshold that held for her: from `since` on, to `until`.

    `seen` is the day of her last sign of life, `days` the threshold. She comes back, is lost (silent for the horizon
    after the threshold too), or is flagged no more because thresholds changed or she left.
    """

    id = models.BigAutoField(primary_key=True)
    member = models.ForeignKey(
        Member,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="churn_flags",
        verbose_name=_("member"),
    )
    seen = models.DateField(_("last sign of life"))
    days = models.PositiveSmallIntegerField(_("silent days"))
    scope = models.CharField(_("threshold of"), max_length=40)
    since = models.DateField(_("since"))
    until = models.DateField(_("until"), null=True)
    ended = models.CharField(_("how it ended"), max_length=10, choices=FlagEnd, blank=True)

    class Meta:
        verbose_name = _("churn warning")
        verbose_name_plural = _("churn warnings")
        default_permissions = ("view",)
        constraints = (
            models.UniqueConstraint(fields=("member",), condition=Q(until=None), name="dashboards_flag_open_once"),
            models.CheckConstraint(
                condition=Q(until=None, ended="") | (Q(until__gte=F("seen")) & ~Q(ended="")), name="dashboards_flag_end"
            ),
        )
        indexes = (
            models.Index(fields=("member", "-since"), name="dashboards_flag_member"),
            models.Index(fields=("since",), name="dashboards_flag_since"),
            models.Index(fields=("until",), condition=Q(until__isnull=False), name="dashboards_flag_until"),
        )

    def __str__(self) -> str:
        return f"{self.member_id} {self.since}"
