"""The UGC library: what members made, where the brand may show it, until when, and where it did."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.enums.ugc import Scope, UgcKind, UgcSource, UgcState
from community.models.koc import Koc
from community.models.work import Delivery, WorkFile
from content.models import Material
from members.models import Member

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class OfVisibleAuthors(models.QuerySet):  # type: ignore[type-arg]
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Seen by whoever sees the member; without one (erased) only by whoever sees all members."""
        seen = Q(member__in=Member.objects.visible_to(user))
        if isinstance(user, User) and user.reach == "all":
            seen |= Q(member=None)
        return self.filter(seen)


class Ugc(models.Model):
    """One piece by one member. What she agreed to is the consent event for publishing, the scope and the last day.

    `member` is empty when she was erased: what she made is gone with her, that it was used stays.
    """

    member = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+", verbose_name=_("by"))
    koc = models.ForeignKey(Koc, models.SET_NULL, null=True, related_name="+", verbose_name=_("KOC"))
    delivery = models.OneToOneField(
        Delivery, models.SET_NULL, null=True, related_name="ugc", verbose_name=_("delivery of a task")
    )
    source = models.CharField(_("came"), max_length=5, choices=UgcSource)
    source_key = models.CharField(_("number there"), max_length=80, blank=True)
    kind = models.CharField(_("kind"), max_length=8, choices=UgcKind)
    title = models.CharField(_("title"), max_length=80)
    text = models.TextField(_("text"), max_length=10_000, blank=True)
    link = models.CharField(_("link"), max_length=1000, blank=True)
    file = models.ForeignKey(WorkFile, models.SET_NULL, null=True, related_name="+", verbose_name=_("file"))
    scope = models.CharField(_("where it may be shown"), max_length=7, choices=Scope, default=Scope.PRIVATE)
    until = models.DateField(_("until"), null=True)
    consent_event = models.BigIntegerField(null=True, editable=False)
    state = models.CharField(_("state"), max_length=9, choices=UgcState, default=UgcState.OFFERED)
    offered_at = models.DateTimeField(_("offered"))
    changed_at = models.DateTimeField(_("changed"))
    ended_at = models.DateTimeField(_("out of use since"), null=True)
    by = models.ForeignKey(
        User, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name=_("recorded by")
    )

    objects = OfVisibleAuthors.as_manager()

    class Meta:
        verbose_name = _("UGC")
        verbose_name_plural = _("UGC")
        default_permissions = ("view", "add", "change")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=~Q(state=UgcState.APPROVED) | Q(member__isnull=False, consent_event__isnull=False),
                name="community_ugc_consent",
            ),
            models.UniqueConstraint(
                fields=("source", "source_key"), condition=~Q(source_key=""), name="community_ugc_once"
            ),
        )
        indexes = (
            models.Index(fields=("state", "-id"), name="community_ugc_by_state"),
            models.Index(
                fields=("until",),
                condition=Q(state__in=("offered", "in_review", "approved", "returned"), until__isnull=False),
                name="community_ugc_until",
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def audit_label(self) -> str:
        return f"UGC {self.pk}"


class UgcUse(models.Model):
    """A material that was made of it; `taken_out_at` is when consent or rights were over.

    `scope` is where a reviewer has said that it may be shown: a wider one that is agreed with her counts from its
    approval on.
    """

    ugc = models.ForeignKey(Ugc, models.PROTECT, db_index=False, related_name="uses", verbose_name=_("UGC"))
    material = models.OneToOneField(Material, models.PROTECT, related_name="+", verbose_name=_("material"))
    scope = models.CharField(_("where it may be shown"), max_length=7, choices=Scope)
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(User, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name=_("by"))
    taken_out_at = models.DateTimeField(_("taken out of use"), null=True)

    class Meta:
        default_permissions = ()
        indexes = (models.Index(fields=("ugc", "-id"), name="community_ugcuse_of"),)

    def __str__(self) -> str:
        return f"{self.ugc_id}/{self.material_id}"
