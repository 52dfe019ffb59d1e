"""What happened in an activity: who took part, what it cost, which orders are its."""

from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from campaigns.enums import CostKind, CreditRule, ParticipationKind
from campaigns.models.activities import Activity
from members.models import Member


class Participation(models.Model):
    """A member took part at a moment, in one way; `in_audience` whether the activity was meant for her.

    Every moment is kept, for an order belongs to the latest before it; the same moment told twice is one.
    """

    activity = models.ForeignKey(Activity, models.PROTECT, db_index=False, related_name="participations")
    member = models.ForeignKey(Member, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    kind = models.CharField(_("how"), max_length=8, choices=ParticipationKind)
    day = models.DateField(_("day"))
    occurred_at = models.DateTimeField(_("when"))
    in_audience = models.BooleanField(_("in the audience"))
    source = models.CharField(_("recorded by"), max_length=40)
    xid = models.BigIntegerField(db_default=Func(function="timeline_xid"), editable=False)

    class Meta:
        verbose_name = _("participation")
        verbose_name_plural = _("participations")
        default_permissions = ("view", "add")
        constraints = (
            models.UniqueConstraint(
                fields=("activity", "member", "kind", "occurred_at"), name="campaigns_participation_once"
            ),
        )
        indexes = (
            models.Index(fields=("member", "-occurred_at"), name="campaigns_participation_of"),
            models.Index(fields=("xid", "id"), name="campaigns_participation_xid"),
        )

    def __str__(self) -> str:
        return f"{self.activity_id}/{self.member_id} {self.kind}"


class Cost(models.Model):
    """Money spent on an activity. Never changed; a mistake is taken back with a reason."""

    activity = models.ForeignKey(Activity, models.PROTECT, related_name="costs", verbose_name=_("activity"))
    kind = models.CharField(_("what for"), max_length=8, choices=CostKind)
    amount = models.DecimalField(_("amount, ¥"), max_digits=14, decimal_places=2)
    day = models.DateField(_("day"))
    note = models.CharField(_("note"), max_length=200, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by"))
    at = models.DateTimeField(_("recorded"))
    taken_back_at = models.DateTimeField(_("taken back"), null=True)

    class Meta:
        verbose_name = _("cost")
        verbose_name_plural = _("costs")
        default_permissions = ("view", "add")
        ordering = ("-id",)
        constraints = (models.CheckConstraint(condition=Q(amount__gt=0), name="campaigns_cost_amount"),)

    def __str__(self) -> str:
        return f"{self.activity_id} {self.amount}"

    @property
    def audit_label(self) -> str:
        return f"{self.activity} ¥{self.amount}"


class Attribution(models.Model):
    """One order of the timeline, credited to one activity: the key makes a second activity impossible.

    `amount` is the order's, `refunded` (not positive) what was given back of it, `net` their sum.
    """

    purchase_id = models.BigIntegerField(primary_key=True)
    activity = models.ForeignKey(Activity, models.PROTECT, db_index=False, related_name="attributions")
    member = models.ForeignKey(Member, models.DO_NOTHING, db_constraint=False, related_name="+")
    order_no = models.CharField(_("order number"), max_length=64)
    rule = models.CharField(_("rule"), max_length=6, choices=CreditRule)
    occurred_at = models.DateTimeField(_("when"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    refunded = models.DecimalField(_("refunded"), max_digits=14, decimal_places=2)
    net = models.GeneratedField(
        expression=F("amount") + F("refunded"),
        output_field=models.DecimalField(max_digits=14, decimal_places=2),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("credited order")
        verbose_name_plural = _("credited orders")
        default_permissions = ("view",)
        constraints = (models.CheckConstraint(condition=Q(refunded__lte=0), name="campaigns_attribution_refunded"),)
        indexes = (models.Index(fields=("activity", "-occurred_at"), name="campaigns_attribution_of"),)

    def __str__(self) -> str:
        return self.order_no
