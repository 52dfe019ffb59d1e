"""One person that the brand can reach again."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.db.models.query import ModelIterable
from django.utils.translation import gettext_lazy as _

from accounts.enums import Reach
from accounts.models import Store, User
from audit.models import keep_history
from core.rules.masking import mask_name
from members.enums import Gender
from members.models.city import City

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class MaskedMembers(ModelIterable):  # type: ignore[type-arg]  # not generic when it runs
    """Members for somebody who works with no person: whoever shows one shows a masked name."""

    def __iter__(self) -> "Iterator[Member]":
        member: Member
        for member in super().__iter__():
            member.masks_name = True
            yield member


class MemberQuerySet(models.QuerySet["Member"]):
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Members that `user` may see: all, those of her stores or region, her own, or none (fails closed).

        Who may not see what members are known by sees their names masked, and finds nobody by a number.
        """
        if not isinstance(user, User):
            return self.none()
        found = self._within_reach_of(user)
        if not user.has_perm("members.view_identity"):
            found._iterable_class = MaskedMembers  # noqa: SLF001  # clones keep it, and values() puts its own
        return found

    @property
    def masks_names(self) -> bool:
        return self._iterable_class is MaskedMembers

    def _within_reach_of(self, user: User) -> Self:
        match user.reach:
            case Reach.ALL:
                return self.all()
            case Reach.STORES:
                return self.filter(home_store__in=user.own_stores().values("pk"))
            case Reach.OWN:
                return self.filter(guide=user)
            case _:
                return self.none()

    def active(self) -> Self:
        """Without those that were merged into somebody else."""
        return self.filter(merged_into=None)


@keep_history(fields=["city", "registered_at", "home_store", "guide", "channel", "merged_into"])
class Member(models.Model):
    """A customer. Names stay searchable text; phone and e-mail live encrypted in `Identity`."""

    masks_name = False

    name = models.CharField(_("name"), max_length=100, blank=True)
    name_key = models.CharField(
        _("sort key"), max_length=200, blank=True, editable=False, db_collation="C", help_text=_("Pinyin of the name.")
    )
    gender = models.CharField(_("gender"), max_length=8, choices=Gender, default=Gender.UNKNOWN, blank=True)
    birthday = models.DateField(_("birthday"), null=True, blank=True)
    city = models.ForeignKey(City, models.PROTECT, null=True, blank=True, verbose_name=_("city"))
    registered_at = models.DateTimeField(
        _("registered"), null=True, blank=True, help_text=_("Unknown: the first fact counts.")
    )
    home_store = models.ForeignKey(
        Store, models.PROTECT, null=True, blank=True, db_index=False, verbose_name=_("home store")
    )
    guide = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, db_index=False, related_name="+", verbose_name=_("guide")
    )
    channel = models.CharField(_("channel of origin"), max_length=40, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, db_index=False, related_name="merged", editable=False
    )
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    updated_at = models.DateTimeField(_("changed"), db_default=Now(), editable=False)

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="members_not_merged_into_itself"),
        )
        indexes = (
            models.Index(fields=("home_store", "-id"), name="members_by_store"),
            models.Index(fields=("guide", "-id"), name="members_by_guide"),
            models.Index(fields=("name_key", "id"), name="members_by_name"),
            models.Index(fields=("registered_at",), name="members_by_registration"),
            models.Index(fields=("channel", "-id"), name="members_by_channel"),
            models.Index(fields=("merged_into",), name="members_merged", condition=Q(merged_into__isnull=False)),
        )

    def __str__(self) -> str:
        return self.shown_name or f"#{self.pk}"

    @property
    def owner_id(self) -> int:
        """The record that stands for her: this one, unless it was merged into another."""
        return self.merged_into_id or self.pk

    @property
    def shown_name(self) -> str:
        """The name as whoever asked for her may see it; `name` is what is stored."""
        return mask_name(self.name) if self.masks_name else self.name
