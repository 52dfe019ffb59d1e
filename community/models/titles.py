"""Titles and badges of groups: who gets one for what, and who held it from when to when."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from community.enums.titles import LostWhy, TitleKind
from community.models.groups import Group, GroupParticipant, GroupType
from content.models.naming import Named


class Title(Named):
    """Given to whoever did all of it within the last `window_days` whole days, and lost when that no longer holds.

    0 = does not matter. `violations_most` upheld violations in those days are forgiven.
    """

    type = models.ForeignKey(GroupType, models.PROTECT, related_name="titles", verbose_name=_("type of group"))
    kind = models.CharField(_("kind"), max_length=5, choices=TitleKind, default=TitleKind.TITLE)
    level = models.PositiveSmallIntegerField(pgettext_lazy("incentive", "level"), default=1)
    window_days = models.PositiveSmallIntegerField(_("within days"), default=30)
    active_days = models.PositiveSmallIntegerField(_("days on which she spoke"), default=0)
    messages = models.PositiveIntegerField(_("messages"), default=0)
    mentioned = models.PositiveIntegerField(_("answered or mentioned"), default=0)
    violations_most = models.PositiveSmallIntegerField(_("violations forgiven"), default=0)
    benefit_zh = models.CharField(_("benefit (Chinese)"), max_length=100, blank=True)
    benefit_en = models.CharField(_("benefit (English)"), max_length=160, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = pgettext_lazy("incentive", "title")
        verbose_name_plural = pgettext_lazy("incentive", "titles")
        default_permissions = ("view", "change")
        ordering = ("type", "kind", "level", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(active_days__gte=1) | Q(messages__gte=1) | Q(mentioned__gte=1), name="community_title_rule"
            ),
            models.CheckConstraint(
                condition=Q(window_days__gte=1, window_days__lte=365, active_days__lte=models.F("window_days")),
                name="community_title_window",
            ),
            models.CheckConstraint(condition=Q(level__gte=1, level__lte=9), name="community_title_level"),
        )

    @property
    def benefit(self) -> str:
        return self.in_words("benefit")


class TitleHolding(models.Model):
    """From when to when a participant held a title; the figures are those of the day on which it was given or lost."""

    title = models.ForeignKey(
        Title, models.PROTECT, related_name="holdings", verbose_name=pgettext_lazy("incentive", "title")
    )
    participant = models.ForeignKey(
        GroupParticipant, models.CASCADE, db_index=False, related_name="holdings", verbose_name=_("participant")
    )
    group = models.ForeignKey(Group, models.PROTECT, db_index=False, related_name="+", verbose_name=_("group"))
    since = models.DateField(_("since"))
    active_days = models.PositiveIntegerField(_("days on which she spoke"))
    messages = models.PositiveIntegerField(_("messages"))
    mentioned = models.PositiveIntegerField(_("answered or mentioned"))
    lost_on = models.DateField(_("lost on"), null=True)
    lost_why = models.CharField(_("lost why"), max_length=10, choices=LostWhy, blank=True)
    lost_active_days = models.PositiveIntegerField(null=True)
    lost_messages = models.PositiveIntegerField(null=True)
    lost_mentioned = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name = _("title held")
        verbose_name_plural = _("titles held")
        default_permissions = ("view",)
        ordering = ("-since", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("participant", "title"), condition=Q(lost_on=None), name="community_title_once"
            ),
            models.CheckConstraint(
                condition=Q(lost_on=None, lost_why="") | Q(lost_on__gte=models.F("since")) & ~Q(lost_why=""),
                name="community_title_lost",
            ),
        )
        indexes = (
            models.Index(fields=("participant", "-since"), name="community_title_of"),
            models.Index(fields=("group", "title"), condition=Q(lost_on=None), name="community_title_in"),
            models.Index(fields=("group", "-lost_on"), condition=Q(lost_on__isnull=False), name="community_title_gone"),
        )

    def __str__(self) -> str:
        return f"{self.participant_id} {self.title_id}"
