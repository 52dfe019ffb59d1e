"""Records that were led to one another, as the same person's, and pairs that may have to be."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from members.enums import DuplicateSign
from members.models.member import Member


class Merging(models.Model):
    """That a record was led to another, which stood for its person then; who stands for her now is `merged_into`.

    Rows that are not undone make a tree, which an un-merge takes apart: a record takes along what was led to it before.
    Those that are undone tell under whom her facts were stored meanwhile, so that they are known again.
    """

    member = models.ForeignKey(Member, models.CASCADE, related_name="mergings", verbose_name=_("member"))
    into = models.ForeignKey(Member, models.CASCADE, related_name="+", verbose_name=_("merged into"))
    at = models.DateTimeField(_("merged at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("merged by")
    )
    reason = models.CharField(_("why"), max_length=300)
    undone_at = models.DateTimeField(_("un-merged at"), null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("un-merged by")
    )

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        ordering = ("-id",)
        default_permissions = ("view",)
        permissions = (("merge_member", _("Can merge members and take merges back")),)
        constraints = (
            models.CheckConstraint(condition=~Q(member=F("into")), name="members_merging_of_two"),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=False) | Q(undone_by__isnull=True), name="members_merging_undone"
            ),
            models.UniqueConstraint(fields=("member",), condition=Q(undone_at=None), name="members_merging_once"),
        )

    def __str__(self) -> str:
        return f"{self.member_id} → {self.into_id}"


class DuplicatePair(models.Model):
    """Two records that may be one person's, with what speaks for it (`DuplicateSign`); `first` < `second`.

    Once decided they are two people, and are not offered again whatever else is found. No value of hers stands here.
    """

    first = models.ForeignKey(Member, models.CASCADE, db_index=False, related_name="+", verbose_name=_("member"))
    second = models.ForeignKey(Member, models.CASCADE, related_name="+", verbose_name=_("other record"))
    signs = ArrayField(models.CharField(max_length=20, choices=DuplicateSign), verbose_name=_("what speaks for it"))
    is_strong = models.BooleanField(_("strong"), default=False)
    found_at = models.DateTimeField(_("found"))
    decided_at = models.DateTimeField(_("found to be two people"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )

    class Meta:
        verbose_name = _("likely duplicate")
        verbose_name_plural = _("likely duplicates")
        default_permissions = ("view",)
        ordering = ("-is_strong", "-id")
        constraints = (
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="members_pair_in_order"),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=False) | Q(decided_by__isnull=True), name="members_pair_decided"
            ),
            models.UniqueConstraint(fields=("first", "second"), name="members_pair_once"),
        )
        indexes = (models.Index(fields=("-is_strong", "-id"), condition=Q(decided_at=None), name="members_pair_open"),)

    def __str__(self) -> str:
        return f"{self.first_id} = {self.second_id}?"
