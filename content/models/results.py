"""What came of what was published: people per act, reports of others, and the values against their targets."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from content.enums import Known, Metric
from content.models.slots import Slot
from members.models import Member


class SlotReach(models.Model):
    """That a member did something with a slot's content, once for each kind of act; kept by a follower of the timeline.

    `act` is a kind of interaction, or `finished` for a reading or watching that came to its end.
    """

    pk = models.CompositePrimaryKey("slot_id", "act", "member_id")
    slot = models.ForeignKey(Slot, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    act = models.CharField(_("act"), max_length=20)
    member = models.ForeignKey(Member, models.DO_NOTHING, db_constraint=False, related_name="+")
    first_at = models.DateTimeField(_("first"))

    class Meta:
        verbose_name = _("reach of a slot")
        verbose_name_plural = _("reach of slots")
        indexes = (models.Index(fields=("act",), name="content_reach_act"),)
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.slot_id} {self.act}"


class SlotResult(models.Model):
    """One metric of one published slot, as of a moment. Without a value there is a reason, never a 0."""

    slot = models.ForeignKey(Slot, models.CASCADE, related_name="results", verbose_name=_("slot"))
    metric = models.CharField(_("metric"), max_length=20, choices=Metric)
    known = models.CharField(_("known"), max_length=8, choices=Known)
    value = models.DecimalField(_("value"), max_digits=16, decimal_places=6, null=True)
    part = models.BigIntegerField(_("of these"), null=True)
    base = models.BigIntegerField(_("out of"), null=True)
    target = models.DecimalField(_("target"), max_digits=14, decimal_places=4, null=True)
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    as_of = models.DateTimeField(_("as of"))

    class Meta:
        verbose_name = _("result")
        verbose_name_plural = _("results")
        ordering = ("slot", "id")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("slot", "metric"), name="content_result_once"),
            models.CheckConstraint(
                condition=Q(known__in=["observed", "partial"], value__isnull=False)
                | Q(known__in=["not_due", "missing"], value=None) & ~Q(reason=""),
                name="content_result_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.metric} {self.known}"


class LiveReport(models.Model):
    """One live session as a platform reports it; the same session again replaces its figures."""

    session = models.CharField(_("number of the session"), max_length=80, unique=True)
    slot = models.ForeignKey(Slot, models.SET_NULL, null=True, related_name="live_reports", verbose_name=_("slot"))
    title = models.CharField(_("title"), max_length=200, blank=True)
    began_at = models.DateTimeField(_("began"))
    gmv = models.DecimalField(_("GMV (¥)"), max_digits=14, decimal_places=2, null=True)
    stay_minutes = models.DecimalField(_("average stay (minutes)"), max_digits=8, decimal_places=2, null=True)
    viewers = models.BigIntegerField(_("viewers"), null=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("imported"))

    class Meta:
        verbose_name = _("live-session report")
        verbose_name_plural = _("live-session reports")
        ordering = ("-began_at",)
        default_permissions = ("view", "add")

    def __str__(self) -> str:
        return self.session


class PlatformReport(models.Model):
    """An account on a platform on one day."""

    account = models.CharField(_("account"), max_length=60)
    day = models.DateField(_("day"))
    followers = models.BigIntegerField(_("followers"), null=True)
    delivered = models.BigIntegerField(_("direct messages delivered"), null=True)
    opened = models.BigIntegerField(_("direct messages opened"), null=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("imported"))

    class Meta:
        verbose_name = _("platform report")
        verbose_name_plural = _("platform reports")
        ordering = ("account", "-day")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("account", "day"), name="content_platform_once"),)

    def __str__(self) -> str:
        return f"{self.account} {self.day}"
