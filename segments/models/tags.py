"""Tags: given by hand, kept by a rule, with where they came from and when they end."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from members.models import Member
from segments.enums import TagAction, TagSource


class TagGroup(models.Model):
    name = models.CharField(_("name"), max_length=40, unique=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("tag group")
        verbose_name_plural = _("tag groups")
        ordering = ("position", "name")

    def __str__(self) -> str:
        return self.name

    @property
    def audit_label(self) -> str:
        return self.name


class Tag(models.Model):
    """A tag with a rule is kept by it: whoever matches the saved filter has the tag, and nobody else by that rule.

    `holders` is how many had it when that was counted last, at `counted_at`; None: never.
    """

    group = models.ForeignKey(TagGroup, models.PROTECT, related_name="tags", verbose_name=_("group"))
    name = models.CharField(_("name"), max_length=40)
    rule = models.JSONField(
        _("rule"), null=True, blank=True, help_text=_("Filter parameters of the member list; empty: given by hand.")
    )
    lasts_days = models.PositiveSmallIntegerField(
        _("lasts, days"), null=True, blank=True, help_text=_("Empty: until taken away.")
    )
    is_active = models.BooleanField(_("in use"), default=True)
    refreshed_at = models.DateTimeField(_("refreshed"), null=True, editable=False)
    holders = models.PositiveIntegerField(null=True, editable=False)
    counted_at = models.DateTimeField(_("counted"), null=True, editable=False)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ("group", "name")
        constraints = (models.UniqueConstraint(fields=("group", "name"), name="segments_tag_name"),)

    def __str__(self) -> str:
        return self.name

    @property
    def audit_label(self) -> str:
        return self.name


class MemberTag(models.Model):
    tag = models.ForeignKey(Tag, models.CASCADE, db_index=False, related_name="assignments", verbose_name=_("tag"))
    member = models.ForeignKey(Member, models.CASCADE, related_name="tags", verbose_name=_("member"))
    source = models.CharField(_("source"), max_length=8, choices=TagSource)
    by_label = models.CharField(_("by"), max_length=120, blank=True)
    added_at = models.DateTimeField(_("added"), db_default=Now())
    expires_at = models.DateTimeField(_("ends"), null=True, blank=True)

    class Meta:
        verbose_name = _("tag of a member")
        verbose_name_plural = _("tags of members")
        constraints = (models.UniqueConstraint(fields=("tag", "member"), name="segments_tag_once"),)
        indexes = (
            models.Index(
                fields=("expires_at",), name="segments_tag_expiry", condition=models.Q(expires_at__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return f"{self.member_id} {self.tag_id}"


class MemberTagEvent(models.Model):
    """History of tags; the tag's name is kept so that it outlives the tag."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="tag_events", verbose_name=_("member"))
    tag_id = models.BigIntegerField()
    tag_name = models.CharField(_("tag"), max_length=40)
    action = models.CharField(_("act"), max_length=8, choices=TagAction)
    source = models.CharField(_("source"), max_length=8, choices=TagSource)
    by_label = models.CharField(_("by"), max_length=120, blank=True)
    at = models.DateTimeField(_("when"), db_default=Now())

    class Meta:
        verbose_name = _("tag event")
        verbose_name_plural = _("tag history")
        indexes = (models.Index(fields=("tag_id", "at"), name="segments_tag_past"),)

    def __str__(self) -> str:
        return f"{self.action} {self.tag_name}"
