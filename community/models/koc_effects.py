"""What KOC changed: difference in differences against matched members, each figure with its interval."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.enums.koc import Outcome, Treated
from community.models.koc import Koc


class EffectRun(models.Model):
    """One measurement: `days` before becoming a KOC against `days` after it."""

    as_of = models.DateTimeField(_("as of"))
    days = models.PositiveSmallIntegerField(_("days before and after"))
    observed = models.IntegerField(_("KOC with both times over"))
    not_due = models.IntegerField(_("KOC whose time after is not over"))
    seconds = models.FloatField(_("seconds"))
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))

    class Meta:
        verbose_name = _("measurement of the effect")
        verbose_name_plural = _("measurements of the effect")
        default_permissions = ("view",)
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.as_of:%Y-%m-%d %H:%M}"


class EffectFigure(models.Model):
    """One outcome of a measurement. `effect` is per member and window; empty: not observed, and `reason` says why."""

    run = models.ForeignKey(EffectRun, models.CASCADE, related_name="figures", verbose_name=_("measurement"))
    treated = models.CharField(_("whose change"), max_length=8, choices=Treated)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome)
    people = models.IntegerField(_("members measured"))
    matched = models.IntegerField(_("of them with matched members"))
    controls = models.IntegerField(_("matched members"))
    before = models.FloatField(_("before"), null=True)
    after = models.FloatField(_("after"), null=True)
    control_before = models.FloatField(_("matched, before"), null=True)
    control_after = models.FloatField(_("matched, after"), null=True)
    effect = models.FloatField(_("effect"), null=True)
    low = models.FloatField(_("from"), null=True)
    high = models.FloatField(_("to"), null=True)
    reason = models.CharField(_("why not observed"), max_length=20, blank=True)

    class Meta:
        verbose_name = _("effect")
        verbose_name_plural = _("effects")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("run", "treated", "outcome"), name="community_effect_once"),
            models.CheckConstraint(
                condition=Q(effect=None, reason__gt="")
                | Q(effect__isnull=False, low__isnull=False, high__isnull=False, reason=""),
                name="community_effect_or_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.run_id} {self.treated} {self.outcome}"


class KocEffect(models.Model):
    """One KOC beside the members matched to her: what she did before and after, and what they did in the same days."""

    run = models.ForeignKey(EffectRun, models.CASCADE, db_index=False, related_name="+")
    koc = models.ForeignKey(Koc, models.CASCADE, related_name="effects", verbose_name=_("KOC"))
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome)
    controls = models.PositiveSmallIntegerField(_("matched members"))
    before = models.FloatField(_("before"))
    after = models.FloatField(_("after"))
    control_before = models.FloatField(_("matched, before"))
    control_after = models.FloatField(_("matched, after"))

    class Meta:
        verbose_name = _("effect beside one KOC")
        verbose_name_plural = _("effects beside each KOC")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("run", "koc", "outcome"), name="community_koceffect_once"),)

    def __str__(self) -> str:
        return f"{self.run_id} {self.koc_id} {self.outcome}"
