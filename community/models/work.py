"""What KOC do for the brand: tasks with briefs, what they delivered, the benefits of their level."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.enums.koc import KocLevel
from community.enums.ugc import UgcKind
from community.enums.work import BenefitPeriod, DeliveryState, TaskState
from community.models.koc import Koc
from core.models import EncryptedTextField
from loyalty.models import Coupon
from members.models import Member

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class OfVisibleKoc(models.QuerySet):  # type: ignore[type-arg]
    """Rows about KOC: seen by whoever sees the KOC."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        return self.filter(koc__in=Koc.objects.visible_to(user))


class WorkFile(models.Model):
    """A file that shows or names a member, sealed on disk under a key of its own, and that under hers."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="+", verbose_name=_("member"))
    name = models.CharField(_("file name"), max_length=200)
    mime = models.CharField(_("kind of file"), max_length=80)
    size = models.BigIntegerField(_("size"))
    digest = models.CharField(_("fingerprint"), max_length=64)
    key = EncryptedTextField(subject_kind="member", subject="member_id", editable=False)
    at = models.DateTimeField(_("received"))

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class Task(models.Model):
    """A brief with a day on which it is due. `taken` counts the seats in use, moved by conditional updates.

    Whoever delivered what is approved gets the reward: an amount through the ledger, a coupon of loyalty, or both.
    """

    title = models.CharField(_("title"), max_length=80)
    brief = models.TextField(_("brief"), max_length=4000)
    wish = models.CharField(_("what is wished for"), max_length=8, choices=UgcKind)
    level = models.CharField(_("from level"), max_length=16, choices=KocLevel, default=KocLevel.CO_CREATION)
    owner = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("owner"))
    due_at = models.DateTimeField(_("due"))
    seats = models.PositiveIntegerField(_("seats"), null=True)
    taken = models.PositiveIntegerField(_("seats taken"), default=0, editable=False)
    reward_amount = models.DecimalField(_("reward, ¥"), max_digits=8, decimal_places=2, null=True)
    reward_coupon = models.ForeignKey(
        Coupon, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name=_("coupon as reward")
    )
    state = models.CharField(_("state"), max_length=9, choices=TaskState, default=TaskState.DRAFT)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("made by"))
    created_at = models.DateTimeField(_("made"))
    changed_at = models.DateTimeField(_("changed"))
    opened_at = models.DateTimeField(_("opened"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("co-creation task")
        verbose_name_plural = _("co-creation tasks")
        default_permissions = ("view", "add", "change")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(condition=Q(seats=None) | Q(seats__gte=1), name="community_task_seats"),
            models.CheckConstraint(condition=Q(seats=None) | Q(taken__lte=F("seats")), name="community_task_taken"),
            models.CheckConstraint(
                condition=Q(reward_amount=None) | Q(reward_amount__gt=0), name="community_task_reward"
            ),
            models.CheckConstraint(
                condition=~Q(state=TaskState.OPEN) | Q(opened_at__isnull=False), name="community_task_opened"
            ),
        )
        indexes = (models.Index(fields=("due_at",), condition=Q(state="open"), name="community_task_due"),)

    def __str__(self) -> str:
        return self.title

    @property
    def audit_label(self) -> str:
        return self.title


class Delivery(models.Model):
    """One KOC on one task: what she took, handed in, and what became of it. `late`: it came after it was due."""

    task = models.ForeignKey(Task, models.PROTECT, db_index=False, related_name="deliveries", verbose_name=_("task"))
    koc = models.ForeignKey(Koc, models.PROTECT, db_index=False, related_name="deliveries", verbose_name=_("KOC"))
    state = models.CharField(_("state"), max_length=9, choices=DeliveryState, default=DeliveryState.ACCEPTED)
    accepted_at = models.DateTimeField(_("accepted"))
    text = models.TextField(_("text"), max_length=10_000, blank=True)
    link = models.CharField(_("link"), max_length=1000, blank=True)
    file = models.ForeignKey(WorkFile, models.SET_NULL, null=True, related_name="+", verbose_name=_("file"))
    times = models.PositiveSmallIntegerField(_("times handed in"), default=0)
    delivered_at = models.DateTimeField(_("handed in"), null=True)
    late = models.BooleanField(_("late"), default=False)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True)
    reason = models.CharField(_("reason given"), max_length=500, blank=True)
    by = models.ForeignKey(
        User, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name=_("recorded by")
    )

    objects = OfVisibleKoc.as_manager()

    class Meta:
        verbose_name = _("delivery of a task")
        verbose_name_plural = _("deliveries of tasks")
        default_permissions = ("view", "add", "change")
        permissions = (("decide_delivery", _("Can approve and return deliveries")),)
        constraints = (
            models.UniqueConstraint(fields=("task", "koc"), name="community_delivery_once"),
            models.CheckConstraint(
                condition=Q(state__in=("accepted", "dropped")) | Q(delivered_at__isnull=False),
                name="community_delivery_when",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("approved", "returned")) | Q(decided_at__isnull=False),
                name="community_delivery_decided",
            ),
        )
        indexes = (
            models.Index(fields=("koc", "-id"), name="community_delivery_of"),
            models.Index(fields=("delivered_at",), condition=Q(state="delivered"), name="community_delivery_waits"),
        )

    def __str__(self) -> str:
        return f"{self.task_id}/{self.koc_id}"

    @property
    def audit_label(self) -> str:
        return str(self)


class PriorityBenefit(models.Model):
    """A coupon that every active KOC from this level on gets, once or each month."""

    name = models.CharField(_("name"), max_length=60)
    level = models.CharField(_("from level"), max_length=16, choices=KocLevel, default=KocLevel.PRIORITY)
    coupon = models.ForeignKey(Coupon, models.PROTECT, db_index=False, related_name="+", verbose_name=_("coupon"))
    period = models.CharField(_("how often"), max_length=8, choices=BenefitPeriod, default=BenefitPeriod.ONCE)
    is_active = models.BooleanField(_("given by itself"), default=True)
    given_at = models.DateTimeField(_("last given"), null=True, editable=False)
    by = models.ForeignKey(User, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name=_("made by"))
    created_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("benefit of KOC")
        verbose_name_plural = _("benefits of KOC")
        default_permissions = ("view", "change")
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name

    @property
    def audit_label(self) -> str:
        return self.name
