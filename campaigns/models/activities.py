"""Activities, and whom they are for."""

from django.db import models
from django.db.models import CharField, F, Func, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from campaigns.enums import ActivityState, Form, Level
from campaigns.rules.codes import FOLDED
from compliance.enums.consent import Channel
from loyalty.models import Coupon, Draw
from members.models import Member
from segments.models import Audience

#: The column `code` as `campaigns.rules.codes.folded` writes it.
FOLDED_CODE = Func("code", template=FOLDED.format("%(expressions)s"), output_field=CharField())
OPEN_STATES = ("draft", "in_review", "approved", "cancelled")


class Activity(models.Model):
    """`title` and `rules_text` are what members see: they pass legal review. Dates and audience may be open in a draft.

    `audience_size` and `blocked` (members by the gate's reason) are those of the moment of freezing. What was approved
    is kept beside it: `audience_rule` is the fingerprint of the audience's rule as it was submitted, `budget_limit` the
    limit at the first submit. `credit_asked_at`: codes or links came late, and a worker is to credit their orders. `launch_asked_at`: one is to
    freeze a large audience and start.
    """

    name = models.CharField(_("name"), max_length=80)
    level = models.CharField(_("level"), max_length=8, choices=Level)
    form = models.CharField(_("form"), max_length=9, choices=Form)
    title = models.CharField(_("title that members see"), max_length=60, blank=True)
    rules_text = models.TextField(_("rules that members see"), max_length=3000, blank=True)
    owner = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("owner"))
    audience = models.ForeignKey(
        Audience, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("audience")
    )
    budget = models.DecimalField(_("budget, ¥"), max_digits=14, decimal_places=2, null=True, blank=True)
    channel = models.CharField(_("channel"), max_length=20, choices=Channel, default=Channel.WECOM)
    window_days = models.PositiveSmallIntegerField(_("days in which an order counts after taking part"), default=7)
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=ActivityState, default=ActivityState.DRAFT)
    text_approved = models.BooleanField(_("text approved"), default=False)
    budget_approved_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("budget approved by")
    )
    budget_approved_at = models.DateTimeField(_("budget approved"), null=True)
    budget_limit = models.DecimalField(max_digits=14, decimal_places=2, null=True, editable=False)
    audience_rule = models.CharField(max_length=64, blank=True, editable=False)
    started_at = models.DateTimeField(_("started"), null=True)
    ended_at = models.DateTimeField(pgettext_lazy("activity", "ended"), null=True)
    frozen_at = models.DateTimeField(_("audience frozen"), null=True)
    audience_size = models.PositiveIntegerField(_("members in the audience"), null=True)
    blocked = models.JSONField(_("may not be contacted"), default=dict)
    harvested_at = models.DateTimeField(null=True)
    credit_asked_at = models.DateTimeField(null=True, editable=False)
    launch_asked_at = models.DateTimeField(null=True, editable=False)
    launch_by = models.ForeignKey(User, models.SET_NULL, null=True, db_index=False, related_name="+", editable=False)
    source = models.ForeignKey(
        "self", models.SET_NULL, null=True, db_index=False, related_name="+", verbose_name=_("copied from")
    )
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("made by"))
    created_at = models.DateTimeField(_("made"))
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        default_permissions = ("view", "add", "change")
        permissions = (("approve_budget", _("Can approve budgets above the limit")),)
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="campaigns_activity_span",
            ),
            models.CheckConstraint(condition=Q(budget=None) | Q(budget__gte=0), name="campaigns_activity_budget"),
            models.CheckConstraint(
                condition=Q(window_days__gte=1, window_days__lte=90), name="campaigns_activity_window"
            ),
            models.CheckConstraint(
                condition=Q(state__in=(*OPEN_STATES, "scheduled"))
                | Q(frozen_at__isnull=False, started_at__isnull=False, audience_size__isnull=False),
                name="campaigns_activity_frozen",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_STATES) | Q(starts_at__isnull=False, ends_at__isnull=False),
                name="campaigns_activity_dated",
            ),
            models.CheckConstraint(
                condition=Q(budget_approved_by=None)
                | (~Q(budget_approved_by=F("by")) & ~Q(budget_approved_by=F("owner"))),
                name="campaigns_activity_four_eyes",
            ),
        )
        indexes = (
            models.Index(fields=("starts_at",), condition=Q(state="scheduled"), name="campaigns_activity_due"),
            models.Index(fields=("ends_at",), condition=Q(state="running"), name="campaigns_activity_ending"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def audit_label(self) -> str:
        return self.name


class ActivityMember(models.Model):
    """Who was in the audience when it was frozen. Written once per activity, by one statement."""

    pk = models.CompositePrimaryKey("activity_id", "member_id")
    activity = models.ForeignKey(Activity, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    member = models.ForeignKey(Member, models.DO_NOTHING, db_constraint=False, related_name="+")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.activity_id}/{self.member_id}"


class ActivityCode(models.Model):
    """A word that buyers say or type; an order that carries it as its referral code is this activity's.

    Kept as `campaigns.rules.codes.folded` writes it, so that however it was typed it is the same, and one activity's.
    """

    code = models.CharField(_("code"), max_length=64, primary_key=True)
    activity = models.ForeignKey(Activity, models.PROTECT, related_name="codes", verbose_name=_("activity"))

    class Meta:
        default_permissions = ()
        constraints = (
            models.CheckConstraint(
                condition=Q(code=FOLDED_CODE),
                name="campaigns_code_folded",
            ),
        )

    def __str__(self) -> str:
        return self.code


class ActivityOffer(models.Model):
    """A coupon or a draw of an activity; one belongs to one activity, so that its orders and entries do too.

    `giving_asked_at` without `given_at`: a worker is to give the coupon to the whole audience, or is at it.
    """

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="offers", verbose_name=_("activity"))
    coupon = models.OneToOneField(Coupon, models.PROTECT, null=True, related_name="+", verbose_name=_("coupon"))
    draw = models.OneToOneField(Draw, models.PROTECT, null=True, related_name="+", verbose_name=_("draw"))

    giving_asked_at = models.DateTimeField(null=True, editable=False)
    giving_by = models.ForeignKey(User, models.SET_NULL, null=True, db_index=False, related_name="+", editable=False)
    given_at = models.DateTimeField(_("given to the audience"), null=True, editable=False)

    class Meta:
        default_permissions = ()
        constraints = (
            models.CheckConstraint(
                condition=Q(coupon__isnull=False, draw=None) | Q(coupon=None, draw__isnull=False),
                name="campaigns_offer_one",
            ),
        )

    def __str__(self) -> str:
        return str(self.coupon or self.draw)
